package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.Reason;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.service.ServiceQueries;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.status.HealthState;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ECS calls deployed has succeeded when its tasks stay up. */
class StabilityTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s%s}\n";

    private final World world = new World(11);

    private void created(String strategy, String more) {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(strategy, more)).failure())
                .isNull();
    }

    private void createdWithRelease(String strategy) {
        created(strategy, "");
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private String start(String image, ConcurrencyPolicy policy) {
        return world.plane
                .rollouts()
                .rollOut(WEB, new RolloutRequest(image, null, null, policy, null), World.by("ann"))
                .id();
    }

    private Rollout rollout(String id) {
        return world.plane.rollouts().rollout(WEB, id);
    }

    private Operation running() {
        return world.plane.operations().findRunning(WEB).orElseThrow();
    }

    private void untilItStabilizes() {
        while (running().phase() != Phase.STABILIZE) {
            world.timeline.step();
        }
    }

    private void settle() {
        for (int i = 0; i < 6; i++) {
            world.settle();
            world.timeline.advance(Duration.ofSeconds(30));
        }
    }

    private List<Rollout> rollouts() {
        return world.plane.rollouts().rollouts(WEB, 100, null).items().stream()
                .map(found -> found.value())
                .toList();
    }

    private int live() {
        ServiceQueries.Live live = world.queries().live(world.record(WEB)).orElseThrow();
        return Objects.requireNonNull(live.release()).number();
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, WEB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void aReleaseThatStaysUpSucceedsAfterTheTime(String strategy) {
        createdWithRelease(strategy);
        String id = start("v2", ConcurrencyPolicy.REJECT);
        untilItStabilizes();
        assertThat(rollout(id).progress().waitsFor()).startsWith("Release 2 is live, and its tasks must stay up until");
        Duration before = Duration.between(running().phaseSince(), world.timeline.instant());
        settle();

        Rollout rollout = rollout(id);
        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(before).isLessThan(Duration.ofMinutes(1));
        assertThat(rollouts()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v2-crash-after-30s", "v2-crash-after-1m", "v2-crash-after-2m"})
    void aCrashLoopAfterARollingUpdateIsRolledBack(String image) {
        createdWithRelease("rolling");
        Rollout rollout = world.rollOut(WEB, image);
        settle();

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(Objects.requireNonNull(rollout.stop()).cause()).isEqualTo(Cause.UNSTABLE);
        assertThat(rollout.outcome().detail())
                .matches(
                        "Release 2 was rolled back: \\d+ tasks stopped within \\d+ s after it had been deployed to 2, the last one:"
                                + " Essential container in task exited \\(web: exit code 1\\)\\. Release 1 is live again\\. Likely cause: Container web ended with exit code 1: .*");
        Rollout back = rollouts().getFirst();
        assertThat(back.request().reason()).isEqualTo(Reason.ROLLBACK);
        assertThat(back.request().revertOf()).isEqualTo(rollout.id());
        assertThat(back.state()).isEqualTo(State.SUCCEEDED);
        assertThat(live()).isEqualTo(1);
        assertThat(world.record(WEB).live()).isEqualTo(1);
        assertThat(world.store.get(Release.key(WEB, 2)).orElseThrow().value().rolledBack())
                .contains("Release 2 was rolled back");
        Operation operation =
                world.plane.operations().list(WEB, 1, null).items().getFirst().value();
        assertThat(operation.state()).isEqualTo(Operation.State.FAILED);
        assertThat(operation.rollout()).isEqualTo(rollout.id());
        assertThat(Objects.requireNonNull(operation.failure()).code()).isEqualTo("rolled-back");
    }

    /** Its tasks stay up and answer nobody: ECS does not look at that while the grace period lasts. */
    @ParameterizedTest
    @CsvSource({
        "rolling, 0, 150, health-timeout",
        "rolling, 1800, 150, health-failed",
        "blue-green, 0, 180, health-timeout",
        "blue-green, 1800, 180, health-failed"
    })
    void oneThatFailsItsChecksAfterwardsIsRolledBack(String strategy, int grace, int hangsAfter, String why) {
        world.apply(World.DEV, "terminationProtection: false\n");
        assertThat(world.apply(
                                WEB,
                                "container: {port: 8000}\ncount: 2\ngracePeriodSeconds: %d\nrollout: {strategy: %s, bakeMinutes: 0}\n"
                                        .formatted(grace, strategy))
                        .failure())
                .isNull();
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        Rollout rollout = world.rollOut(WEB, "v2-hangs-after-%ds".formatted(hangsAfter));
        settle();

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(Objects.requireNonNull(rollout.stop()).cause()).isEqualTo(Cause.UNSTABLE);
        assertThat(Objects.requireNonNull(rollout.outcome().diagnosis()).causes())
                .first()
                .satisfies(cause -> assertThat(cause.code()).isEqualTo(why));
        assertThat(live()).isEqualTo(1);
    }

    /** It has all of the traffic, and its last bake is over. */
    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "canary"})
    void oneThatCrashesAfterItsBakesIsRolledBackWhateverTheStrategy(String strategy) {
        created(
                strategy,
                ", bakeMinutes: 0, canary: {bakeMinutes: 0}, stableMinutes: 10, verdict: {onNoEvidence: promote, holdMinutes: 1}");
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        Rollout rollout = world.rollOut(WEB, "v2-crash-after-4m");
        settle();

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(State.ROLLED_BACK);
        assertThat(live()).isEqualTo(1);
    }

    @Test
    void aFirstReleaseThatDoesNotStayUpHasNothingToGoBackTo() {
        created("rolling", "");
        Rollout rollout = world.rollOut(WEB, "v1-crash-after-1m");

        assertThat(rollout.state()).isEqualTo(State.FAILED);
        assertThat(Objects.requireNonNull(rollout.outcome().failure()).code()).isEqualTo("unstable-release");
        assertThat(rollout.outcome().detail()).contains("there is none before it to go back to");
        assertThat(world.record(WEB).live()).isEqualTo(1);
        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void nobodyLooksWhereTheSpecDoesNotWantIt() {
        created("rolling", ", stableMinutes: 0");
        world.rollOut(WEB, "v1");
        assertThat(world.rollOut(WEB, "v2-crash-after-1m").state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void tasksThatScalingTakesAwayAreNoFailures() {
        createdWithRelease("rolling");
        world.scaleByHand(WEB, 6);
        world.timeline.advance(Duration.ofMinutes(5));
        String id = start("v2", ConcurrencyPolicy.REJECT);
        untilItStabilizes();
        world.scaleByHand(WEB, 1);
        settle();

        assertThat(rollout(id).state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void oneThatIsCancelledMeanwhileGoesBack() {
        createdWithRelease("rolling");
        String id = start("v2", ConcurrencyPolicy.REJECT);
        untilItStabilizes();
        world.plane.rollouts().cancel(WEB, id, World.by("bob"));
        settle();

        assertThat(rollout(id).state()).isEqualTo(State.CANCELLED);
        assertThat(rollout(id).outcome().detail()).isEqualTo("Cancelled by bob. Release 1 is live again.");
        assertThat(live()).isEqualTo(1);
        assertThat(world.record(WEB).live()).isEqualTo(1);
    }

    @Test
    void aRollbackOfSomebodyTakesItsPlaceAtOnce() {
        createdWithRelease("rolling");
        String id = start("v2", ConcurrencyPolicy.REJECT);
        untilItStabilizes();
        String back = world.plane
                .rollouts()
                .rollBack(WEB, null, null, null, World.by("bob"))
                .location();
        settle();

        assertThat(rollout(id).state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout(id).outcome().detail()).contains("Release 2 is live, although it was to be rolled back");
        assertThat(rollout(World.idOf(back)).state()).isEqualTo(State.SUCCEEDED);
        assertThat(live()).isEqualTo(1);
    }

    /** The fix that was pushed meanwhile follows the rollback, and is not lost. */
    @Test
    void whatWaitsGoesOutAfterTheRollback() {
        createdWithRelease("rolling");
        String bad = start("v2-crash-after-30s", ConcurrencyPolicy.REJECT);
        untilItStabilizes();
        String fix = start("v3", ConcurrencyPolicy.QUEUE);
        settle();

        assertThat(rollout(bad).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(rollout(fix).state()).isEqualTo(State.SUCCEEDED);
        assertThat(live()).isEqualTo(3);
    }

    /** As seen from outside: what goes back is under way, and asking for it again changes nothing. */
    @Test
    void aRollbackAskedForWhileItGoesBackIsTheOneUnderWay() {
        createdWithRelease("rolling");
        String bad = start("v2-crash-after-30s", ConcurrencyPolicy.REJECT);
        while (rollout(bad).stop() == null || rollouts().size() < 3) {
            world.timeline.step();
        }
        var accepted = world.plane.rollouts().rollBack(WEB, null, null, null, World.by("bob"));

        assertThat(accepted.warnings()).containsExactly("The rollback to release 1 is under way already.");
        assertThat(rollout(bad).state()).isEqualTo(State.RUNNING);
        assertThat(rollout(bad).progress().waitsFor()).startsWith("Release 1 is rolled out again:");
        settle();
        assertThat(rollouts()).hasSize(3);
        assertThat(rollout(bad).state()).isEqualTo(State.ROLLED_BACK);
    }

    /** The settings of a spec that do not hold go back as an image does. */
    @Test
    void settingsThatDoNotStayUpGoBackToo() {
        createdWithRelease("rolling");
        String bad = start("v2-crash-after-30s", ConcurrencyPolicy.REJECT);
        settle();
        Operation applied =
                world.apply(WEB, "container: {port: 8000, environment: {A: b}}\nrollout: {strategy: rolling}\n");

        assertThat(rollout(bad).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(applied.state()).isEqualTo(Operation.State.SUCCEEDED);
        assertThat(live()).isEqualTo(3);
    }

    /** The way back is barred, and what is said of the service is what is so. */
    @Test
    void whereGoingBackFailsTheReleaseThatWasToGoIsTheLiveOne() {
        created("blue-green", ", bakeMinutes: 0");
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        String id = start("v2", ConcurrencyPolicy.REJECT);
        untilItStabilizes();
        world.plane.rollouts().cancel(WEB, id, World.by("bob"));
        while (rollouts().size() < 3) {
            world.timeline.step();
        }
        world.plane.rollouts().cancel(WEB, rollouts().getFirst().id(), World.by("bob"));
        settle();

        assertThat(rollouts().getFirst().state()).isEqualTo(State.CANCELLED);
        assertThat(rollout(id).state()).isEqualTo(State.FAILED);
        assertThat(rollout(id).isLiveAtItsEnd()).isTrue();
        assertThat(live()).isEqualTo(2);
        assertThat(world.record(WEB).live()).isEqualTo(2);
        world.timeline.advance(Duration.ofMinutes(5));
        assertThat(world.plane.statuses().of(WEB).state()).isEqualTo(HealthState.HEALTHY);
    }
}
