package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.LateFollower;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.operation.Worker;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.EnvironmentDigest;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.service.ServiceRecord;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that was busy, or in a freeze, when its environment was applied follows by itself, whatever happens meanwhile. */
@Tag("slow")
class LateFollowingTest {
    private static final String BEFORE = "terminationProtection: false\n";
    private static final String AFTER = BEFORE + "tags: {team: blue}\n";
    private static final String AGAIN = BEFORE + "tags: {team: green}\n";
    private static final String PLAIN = "container: {port: 8000}\n";
    private static final String ASKING =
            PLAIN + "rollout: {strategy: blue-green, approval: {when: before-production, timeoutMinutes: 1380}}\n";
    private static final String FROZEN =
            PLAIN + "freezes: [{name: sale, start: '0 0 1 1 *', durationMinutes: 2880, timeZone: UTC}]\n";
    private static final Duration LONG = Duration.ofMinutes(20);

    private final World world = new World(1).withoutAlarms();

    private void live(String spec) {
        assertThat(world.apply(World.DEV, BEFORE).failure()).isNull();
        assertThat(world.apply(World.WEB, PLAIN).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.apply(World.WEB, spec).failure()).isNull();
    }

    /** The environment is applied to its end, whatever its services do. */
    private Operation applied(String spec) {
        return applied(spec, Set.of());
    }

    private Operation applied(String spec, Set<String> allow) {
        String id = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(spec), World.anything(allow), World.by("ann"))
                .id();
        while (world.plane.operations().findRunning(World.DEV).isPresent()) {
            world.timeline.step();
        }
        return operation(id);
    }

    private Operation operation(String id) {
        return world.plane.operations().find(World.DEV, id).orElseThrow();
    }

    /** How the service stands by what the environment's operation tells. */
    private FollowingService told(Operation applied) {
        return operation(applied.id()).services().getFirst();
    }

    private String asks() {
        String id = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("bob"))
                .id();
        world.timeline.advance(Duration.ofMinutes(10));
        return id;
    }

    private boolean isLate(ServiceId service) {
        return world.store.get(LateFollower.key(service)).isPresent();
    }

    private boolean outdated() {
        return EnvironmentDigest.isOutdated(
                world.record(World.WEB), world.plane.environments().get(World.DEV));
    }

    private String outdatedReason() {
        return world.plane
                .services()
                .outdated(world.record(World.WEB), world.plane.environments().get(World.DEV))
                .orElse("");
    }

    private void followed(Operation applied) {
        assertThat(outdated()).isFalse();
        assertThat(isLate(World.WEB)).isFalse();
        assertThat(told(applied)).isEqualTo(new FollowingService("web", FollowingState.DONE, null));
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.APPLIED_AGAIN))
                .hasSize(1);
    }

    @Test
    void theOperationOfTheEnvironmentTellsWhenItHasFollowed() {
        live(ASKING);
        String rollout = asks();
        Operation applied = applied(AFTER);
        assertThat(told(applied).state()).isEqualTo(FollowingState.LATER);
        assertThat(outdatedReason()).contains("by itself", applied.path()).doesNotContain("refused");

        world.answerWhenAsked(World.WEB, rollout, false, "eve");
        while (world.plane.operations().find(World.WEB, applied.id()).isEmpty()) {
            world.timeline.step();
        }
        assertThat(told(applied)).isEqualTo(new FollowingService("web", FollowingState.APPLYING, null));
        world.timeline.advance(LONG);

        followed(applied);
        assertThat(outdatedReason()).isEmpty();
        assertThat(operation(applied.id()).state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.APPLIED_AGAIN))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.actor()).as("who changed the environment").isEqualTo("ann");
                    assertThat(entry.message())
                            .contains(applied.path(), "when it was busy", String.valueOf(applied.endedAt()));
                });
    }

    @Test
    void theOperationOfTheEnvironmentTellsWhenItHasFailed() {
        live(ASKING);
        String rollout = asks();
        Operation applied = applied(AFTER);
        world.account.stacks().failNext("slipway-dev-web", "ProductionRule", "as the test wants it");

        world.answerWhenAsked(World.WEB, rollout, false, "eve");
        world.timeline.advance(Duration.ofHours(2));

        assertThat(isLate(World.WEB)).isFalse();
        assertThat(told(applied).state()).isEqualTo(FollowingState.FAILED);
        assertThat(told(applied).finding())
                .contains("as the test wants it", World.WEB.path() + "/operations/" + applied.id());
        assertThat(outdatedReason()).contains("apply its spec again");
    }

    @Test
    void oneInAFreezeFollowsWhenThatIsOverAndNotBefore() {
        live(FROZEN);

        Operation applied = applied(AFTER);

        assertThat(applied.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(applied.notes()).singleElement().asString().contains("frozen", "by themselves", "web (sale (until");
        assertThat(told(applied).state()).isEqualTo(FollowingState.FROZEN);
        world.timeline.advance(Duration.between(world.timeline.instant(), Instant.parse("2026-01-02T23:55:00Z")));
        assertThat(outdated()).isTrue();
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.APPLIED_AGAIN))
                .isEmpty();

        world.timeline.advance(LONG);
        followed(applied);
    }

    /** What may be replaced was said of the specs of that day. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasAllowedForTheEnvironmentIsNotForWhatTheServiceIsDeclaredAsLater(boolean declaredAnew) {
        live(FROZEN);
        Operation applied = applied(AFTER, Set.of("ProductionRule"));
        if (declaredAnew) {
            Stored<ServiceRecord> service =
                    world.store.get(ServiceRecord.key(World.WEB)).orElseThrow();
            world.store.write(new Write.Update<>(
                    service, service.value().withSpec(service.value().declared(), world.timeline.instant())));
        }

        world.timeline.advance(Duration.between(world.timeline.instant(), Instant.parse("2026-01-03T00:15:00Z")));

        assertThat(world.plane
                        .operations()
                        .find(World.WEB, applied.id())
                        .orElseThrow()
                        .allow())
                .isEqualTo(declaredAnew ? Set.of() : Set.of("ProductionRule"));
    }

    /** The rollout waits for the end of the freeze as well: both come, one after the other. */
    @Test
    void itFollowsBesideARolloutThatWaitsForTheSameFreeze() {
        live(ASKING + "freezes: [{name: sale, start: '0 12 1 1 *', durationMinutes: 2880, timeZone: UTC}]\n");
        String rollout = asks();
        String waiting = queued("v3");
        world.timeline.advance(Duration.between(world.timeline.instant(), Instant.parse("2026-01-01T12:00:00Z")));
        world.answerWhenAsked(World.WEB, rollout, false, "eve");
        world.timeline.advance(LONG);
        Operation applied = applied(AFTER);
        assertThat(told(applied).state()).isEqualTo(FollowingState.FROZEN);

        world.timeline.advance(Duration.ofDays(2));
        world.answerWhenAsked(World.WEB, waiting, true, "eve");
        world.timeline.advance(Duration.ofHours(2));

        followed(applied);
        assertThat(world.record(World.WEB).live()).isEqualTo(3);
    }

    private String queued(String image) {
        return world.plane
                .rollouts()
                .rollOut(
                        World.WEB,
                        new RolloutRequest(image, null, null, ConcurrencyPolicy.QUEUE, null),
                        World.by("bob"))
                .id();
    }

    @Test
    void aLaterApplyTakesItsPlaceAndTheOneBeforeTellsSo() {
        live(ASKING);
        String rollout = asks();
        Operation first = applied(AFTER);

        Operation second = applied(AGAIN);

        assertThat(told(first).state()).isEqualTo(FollowingState.LATER);
        assertThat(told(first).finding()).startsWith("By a later apply: GET " + second.path());
        world.answerWhenAsked(World.WEB, rollout, false, "eve");
        world.timeline.advance(LONG);
        followed(second);
        assertThat(told(first).finding()).contains(second.path());
    }

    /** Nothing is left of it once another apply has brought it to its end, not for a moment. */
    @Test
    void whatALaterApplyHasDoneIsForgottenWithItsEnd() {
        live(PLAIN);
        Operation first =
                applied(AFTER + "freezes: [{name: sale, start: '0 0 1 1 *', durationMinutes: 2880, timeZone: UTC}]\n");
        assertThat(told(first).state()).isEqualTo(FollowingState.FROZEN);

        Operation second = applied(AGAIN); // without the freeze

        assertThat(isLate(World.WEB)).isFalse();
        assertThat(told(second).state()).isEqualTo(FollowingState.DONE);
        assertThat(told(first))
                .isEqualTo(new FollowingService(
                        "web", FollowingState.DONE, "By a later apply: GET %s.".formatted(second.path())));
    }

    /** What keeps the place of one apply is not that of another that changes nothing. */
    @Test
    void aLaterApplyThatFailsLeavesItToTheOneBefore() {
        live(ASKING);
        String rollout = asks();
        Operation first = applied(AFTER);
        world.account.stacks().failNext("slipway-dev", "LoadBalancer", "as the test wants it");

        assertThat(applied(AGAIN).state()).isEqualTo(Operation.State.FAILED);
        world.answerWhenAsked(World.WEB, rollout, false, "eve");
        world.timeline.advance(LONG);

        followed(first);
    }

    @Test
    void anApplyByHandTakesItOver() {
        live(ASKING);
        String rollout = asks();
        Operation applied = applied(AFTER);
        world.answerWhenAsked(World.WEB, rollout, false, "eve");
        while (world.plane.operations().findRunning(World.WEB).isPresent()) {
            world.timeline.step();
        }
        assertThat(world.apply(World.WEB, ASKING + "count: 3\n").failure()).isNull();
        world.timeline.advance(LONG);

        assertThat(outdated()).isFalse();
        assertThat(isLate(World.WEB)).isFalse();
        assertThat(told(applied).state()).isEqualTo(FollowingState.DONE);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(3);
    }

    @Test
    void aRolloutThatWaitsBehindGoesFirstAndItFollowsThen() {
        live(ASKING);
        String rollout = asks();
        Operation applied = applied(AFTER);
        String waiting = queued("v3");
        world.answerWhenAsked(World.WEB, rollout, false, "eve");
        world.answerWhenAsked(World.WEB, waiting, true, "eve");
        world.timeline.advance(Duration.ofHours(2));

        followed(applied);
    }

    @Test
    void oneThatIsDeletedMeanwhileIsForgotten() {
        live(FROZEN);
        Operation applied = applied(AFTER);
        world.plane.services().delete(World.WEB, new Deletion(null, Set.of(), "web"), World.by("ann"));
        world.timeline.advance(LONG);

        assertThat(isLate(World.WEB)).isFalse();
        assertThat(told(applied).finding()).contains("gone");
    }

    /** It has what the environment has had since then, and waits for no freeze that the one before had. */
    @Test
    void aServiceMadeAnewUnderTheNameHasNothingToFollow() {
        live(FROZEN);
        Operation applied = applied(AFTER);
        world.plane.services().delete(World.WEB, new Deletion(null, Set.of(), "web"), World.by("ann"));
        world.settle();
        assertThat(world.apply(World.WEB, PLAIN).failure()).isNull();
        // It is outdated all the same, by a change that nobody has taken along.
        Stored<EnvironmentRecord> environment =
                world.store.get(EnvironmentRecord.key(World.DEV)).orElseThrow();
        Map<String, String> outputs = new HashMap<>(environment.value().outputs());
        outputs.put("ListenerArn", "another");
        world.store.write(new Write.Update<>(environment, environment.value().withOutputs(outputs)));
        assertThat(isLate(World.WEB)).isTrue();

        world.timeline.advance(LONG);

        assertThat(isLate(World.WEB)).isFalse();
        assertThat(told(applied).finding()).contains("made anew");
        assertThat(world.plane.operations().find(World.WEB, applied.id())).isEmpty();
    }

    /** The operation is still told of, but it is one of the environment that was there before. */
    @Test
    void anEnvironmentMadeAnewUnderTheNameHasNothingOfTheOneBefore() {
        live(PLAIN);
        Operation before = applied(AFTER);
        world.plane.services().delete(World.WEB, new Deletion(null, Set.of(), "web"), World.by("ann"));
        world.settle();
        world.plane.environments().delete(World.DEV, new Deletion(null, Set.of(), null), World.by("ann"));
        world.settle();
        live(PLAIN);
        world.store.write(new Write.Create<>(LateFollower.key(World.WEB), LateFollower.of(World.WEB, before.id())));

        world.timeline.advance(LONG);

        assertThat(isLate(World.WEB)).isFalse();
        assertThat(told(before).finding()).contains("made anew");
    }

    /** No message comes but the resync's, and each of those comes three times. */
    @Test
    void looksThatComeAgainDoItOnce() {
        live(FROZEN);
        Operation applied = applied(AFTER);
        world.timeline.advance(Duration.between(world.timeline.instant(), Instant.parse("2026-01-03T00:00:30Z")));
        for (int i = 0; i < 3; i++) {
            world.plane.worker().receive(Worker.RESYNC);
            world.plane.worker().receive("{\"late-followers\": \"dev\"}");
            world.plane.worker().receive("{\"target\": \"dev/web\"}");
            world.plane.worker().receive("{\"target\": \"dev\"}");
        }
        world.timeline.advance(LONG);

        followed(applied);
    }

    /** Before or after each call and write: the message comes again, or the resync does. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 25, 30, 36, 43, 51, 60})
    void aWorkerThatDiesOnTheWayLeavesNothingBehind(int step) {
        live(FROZEN);
        Operation applied = applied(AFTER);
        world.timeline.advance(Duration.between(world.timeline.instant(), Instant.parse("2026-01-02T23:59:59Z")));
        world.chaos.steps = 0;
        world.chaos.dieAt = step;

        world.timeline.advance(Duration.ofHours(1));

        assertThat(world.chaos.steps).isGreaterThan(60);
        followed(applied);
    }

    /** The environment's own worker, at the end of its apply: what is to follow is written down once, or it is tried again. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8, 12, 16, 20, 24, 28})
    void anApplyOfTheEnvironmentThatIsCutOffNamesItOnce(int step) {
        live(FROZEN);
        world.chaos.steps = 0;
        world.chaos.dieAt = step;

        Operation applied = applied(AFTER);

        assertThat(told(applied).state()).isEqualTo(FollowingState.FROZEN);
        assertThat(isLate(World.WEB)).isTrue();
        world.timeline.advance(Duration.ofDays(3));
        followed(applied);
    }
}
