package dev.slipway.simulation.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Approvals.Answer;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An approval is for what was seen: this release, this step, once, by somebody else. */
class ApprovalsTest {
    private static final String CANARY = """
            container: {port: 8000}
            rollout: {strategy: canary, canary: {percent: 20, bakeMinutes: 10}, bakeMinutes: 0,
              approval: {when: each-step, timeoutMinutes: 60}}
            """;
    private static final String WITH_TASK = """
            container: {port: 8000}
            rollout: {strategy: blue-green, bakeMinutes: 0, before: {command: [migrate]},
              approval: {when: before-production, timeoutMinutes: 60, onTimeout: %s}}
            """;

    private final World world = new World(9);

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    private void created(String service) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, service).failure()).isNull();
    }

    private String started(String image) {
        return world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking(image), World.by("ann"))
                .id();
    }

    private Rollout rollout(String id) {
        return world.plane.rollouts().rollout(World.WEB, id);
    }

    private GateRecord.Checkpoint asking(String id) {
        for (int i = 0; i < 10_000; i++) {
            var asking = world.plane.rollouts().gate(rollout(id)).flatMap(GateRecord::awaitingApproval);
            if (asking.isPresent()) {
                return asking.get();
            }
            world.timeline.step();
        }
        throw new AssertionError("asks nobody: " + rollout(id));
    }

    private Accepted say(String id, boolean yes, int release, double percent, Request request) {
        return world.plane.rollouts().answer(World.WEB, id, new Answer(yes, release, percent, null), request);
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable answer, int status, String code) {
        assertThatThrownBy(answer).isInstanceOfSatisfying(ProblemException.class, refused -> {
            assertThat(refused.problem().code()).isEqualTo(code);
            assertThat(refused.status()).isEqualTo(status);
        });
    }

    @Test
    void oneApprovalIsForOneStepOfOneReleaseAndIsTakenOnce() {
        created(CANARY);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        String id = started("v2");
        assertThat(asking(id).approves(rollout(id).settings())).isEqualTo(20);

        refused(() -> say(id, true, 1, 20, World.by("eve")), 409, "approval-mismatch");
        refused(() -> say(id, true, 2, 100, World.by("eve")), 409, "approval-mismatch");
        Request first = new Request("eve", "key", "the first step");
        String location = say(id, true, 2, 20, first).location();
        refused(() -> say(id, true, 2, 20, World.by("eve")), 409, "no-approval-wanted");

        assertThat(asking(id).approves(rollout(id).settings())).isEqualTo(100);
        assertThat(say(id, true, 2, 20, first).location()).isEqualTo(location); // a repetition, and nothing more
        refused(() -> say(id, true, 2, 20, World.by("eve")), 409, "approval-mismatch");
        refused(() -> say(id, true, 2, 100, new Request("eve", "key", "the next")), 409, "idempotency-key-reused");
        assertThat(asking(id).approves(rollout(id).settings())).isEqualTo(100);
        assertThat(Ledgers.of(world, World.WEB, EventType.APPROVED)).hasSize(2); // v1 and this

        say(id, true, 2, 100, World.by("eve"));
        world.settle();
        assertThat(rollout(id).state()).isEqualTo(State.SUCCEEDED);
        refused(() -> say(id, true, 2, 100, World.by("eve")), 409, "no-approval-wanted");
        refused(() -> say(id, false, 2, 100, World.by("eve")), 409, "no-approval-wanted");
    }

    @Test
    void afterARejectionAndAfterTheTimeNobodyApproves() {
        created(CANARY);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        String rejected = started("v2");
        asking(rejected);
        say(rejected, false, 2, 20, World.by("ann")); // who started it may stop it
        refused(() -> say(rejected, true, 2, 20, World.by("eve")), 409, "no-approval-wanted");
        world.settle();
        assertThat(rollout(rejected).state()).isEqualTo(State.ROLLED_BACK);

        String late = started("v3");
        asking(late);
        // the hook is asked every half minute: silence has decided before it is told
        for (int i = 0; i < 10_000 && rollout(late).stop() == null; i++) {
            world.timeline.step();
            boolean over = !asking_(late)
                    .approvalRequestedAt()
                    .plus(Duration.ofMinutes(60))
                    .isAfter(world.timeline.instant());
            if (over) {
                refused(() -> say(late, true, 3, 20, World.by("eve")), 409, "no-approval-wanted");
            }
        }
        world.settle();
        assertThat(rollout(late).state()).isEqualTo(State.ROLLED_BACK);
    }

    private GateRecord.Checkpoint asking_(String id) {
        return world.plane.rollouts().gate(rollout(id)).orElseThrow().checkpoints().stream()
                .filter(checkpoint -> checkpoint.approvalRequestedAt() != null)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoStartedItDoesNotApproveItUnlessTheSpecSaysAnyone() {
        created(CANARY);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        String id = started("v2");
        asking(id);

        refused(() -> say(id, true, 2, 20, World.by("ann")), 403, "own-rollout");
        say(id, false, 2, 20, World.by("ann"));
        world.settle();

        assertThat(world.apply(World.WEB, CANARY.replace("when: each", "by: anyone, when: each"))
                        .failure())
                .isNull();
        String own = started("v3");
        asking(own);
        say(own, true, 3, 20, World.by("ann"));
        asking(own);
        say(own, true, 3, 100, World.by("ann"));
        world.settle();
        assertThat(rollout(own).state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void theOneOffTaskWaitsForAnApprovalOfItsOwn() {
        created(WITH_TASK.formatted("reject"));
        String id = started("v1");

        assertThat(asking(id).approves(rollout(id).settings())).isZero();
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(rollout(id).progress().task()).isNull();
        refused(() -> say(id, true, 1, 100, World.by("eve")), 409, "approval-mismatch");
        say(id, true, 1, 0, World.by("eve"));
        assertThat(asking(id).approves(rollout(id).settings())).isEqualTo(100);
        assertThat(rollout(id).progress().task().exitCode()).isZero();
        say(id, true, 1, 100, World.by("eve"));
        world.settle();
        assertThat(rollout(id).state()).isEqualTo(State.SUCCEEDED);

        String second = started("v2");
        asking(second);
        say(second, true, 2, 0, World.by("eve"));
        assertThat(asking(second).approves(rollout(second).settings())).isEqualTo(100);
        assertThat(rollout(second).progress().task()).isNotNull();
        refused(() -> say(second, true, 2, 0, World.by("eve")), 409, "approval-mismatch");
        say(second, true, 2, 100, World.by("eve"));
        world.settle();
        assertThat(rollout(second).state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void aTaskThatIsRejectedOrNotApprovedInTimeNeverRuns() {
        created(WITH_TASK.formatted("reject"));
        String rejected = started("v1");
        asking(rejected);
        say(rejected, false, 1, 0, World.by("eve"));
        world.settle();
        assertThat(rollout(rejected).state()).isEqualTo(State.CANCELLED);
        assertThat(rollout(rejected).stop().cause()).isEqualTo(Rollout.Stop.Cause.REJECTED);

        String silent = started("v2");
        world.settle();
        assertThat(rollout(silent).requireOutcome().detail()).contains("Nobody approved it within 60 min");
        assertThat(rollout(silent).progress().task()).isNull();
        assertThat(Ledgers.of(world, World.WEB, EventType.TASK_RUN)).isEmpty();
    }

    @Test
    void silenceRunsTheTaskWhereTheSpecTakesItForAYes() {
        created(WITH_TASK.formatted("approve"));

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);

        assertThat(Ledgers.of(world, World.WEB, EventType.APPROVED))
                .hasSize(2) // the task, and the first release
                .allSatisfy(entry -> assertThat(entry.actor()).isEqualTo("slipway"));
    }

    @Test
    void aFirstReleaseIsAskedForTooAlsoAfterTheServiceWasDeleted() {
        created(CANARY);
        String id = started("v1");
        assertThat(asking(id).approves(rollout(id).settings())).isEqualTo(100);
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(deployed()).isFalse();
        refused(() -> say(id, true, 1, 20, World.by("eve")), 409, "approval-mismatch");
        refused(() -> say(id, true, 1, 100, World.by("ann")), 403, "own-rollout");
        say(id, true, 1, 100, World.by("eve"));
        world.settle();
        assertThat(rollout(id).state()).isEqualTo(State.SUCCEEDED);

        delete();
        assertThat(world.apply(World.WEB, CANARY).failure()).isNull();
        String again = started("v2");
        asking(again);
        say(again, false, Objects.requireNonNull(rollout(again).release()), 100, World.by("eve"));
        world.settle();
        assertThat(rollout(again).state()).isEqualTo(State.CANCELLED);
        assertThat(rollout(again).stop().cause()).isEqualTo(Rollout.Stop.Cause.REJECTED);
        assertThat(deployed()).isFalse();

        String cancelled = started("v3");
        asking(cancelled);
        world.plane.rollouts().cancel(World.WEB, cancelled, World.by("ann"));
        world.settle();
        assertThat(rollout(cancelled).state()).isEqualTo(State.CANCELLED);

        String silent = started("v4");
        world.settle();
        assertThat(rollout(silent).requireOutcome().detail()).contains("Nobody approved it within 60 min");
        assertThat(deployed()).isFalse();
    }

    @Test
    void aReleaseAfterTheEcsServiceWasDeletedByHandIsAskedFor() {
        created(CANARY);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        world.account
                .ecs()
                .deleteService(
                        request -> request.cluster("slipway-dev").service("web").force(true));

        String id = started("v2");
        assertThat(asking(id).approves(rollout(id).settings())).isEqualTo(100);
        assertThat(deployed()).isFalse();
        say(id, true, 2, 100, World.by("eve"));
        world.settle();
        assertThat(rollout(id).state()).as(rollout(id).toString()).isEqualTo(State.SUCCEEDED);
    }

    private void delete() {
        world.ended(
                World.WEB,
                world.plane
                        .services()
                        .delete(World.WEB, new Deletion(null, Set.of("registry"), "web"), World.by("ann")));
    }

    private boolean deployed() {
        return world
                .account
                .ecs()
                .describeServices(request -> request.cluster("slipway-dev").services("web"))
                .services()
                .stream()
                .anyMatch(service -> service.status().equals("ACTIVE"));
    }
}
