package dev.slipway.simulation.health;

import static dev.slipway.simulation.World.DEV;
import static dev.slipway.simulation.World.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.Reason;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.Rollout.Stop;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.service.ServiceQueries;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A release is found to be bad, and ECS finishes before it is told: it is live, and has to go. */
class LateStopTest {
    private static final String SERVICE =
            "container: {port: 8000}\ncount: 2\nrollout: {strategy: %s, bakeMinutes: 3, stableMinutes: 0, verdict: {onNoEvidence: promote, holdMinutes: 1}}\n";

    private final World world = new World(23);

    private static void live(World world, String strategy) {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        assertThat(world.apply(WEB, SERVICE.formatted(strategy)).failure()).isNull();
        assertThat(world.rollOut(WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private static String start(World world, String image, ConcurrencyPolicy policy) {
        return id(world.plane
                .rollouts()
                .rollOut(WEB, new RolloutRequest(image, null, null, policy, null), World.by("ann"))
                .location());
    }

    private static String id(String location) {
        return World.idOf(location);
    }

    private static Rollout rollout(World world, String id) {
        return world.plane.rollouts().rollout(WEB, id);
    }

    private static List<Rollout> rollouts(World world) {
        return world.plane.rollouts().rollouts(WEB, 100, null).items().stream()
                .map(Stored::value)
                .toList();
    }

    private static int live(World world) {
        ServiceQueries.Live live = world.queries().live(world.record(WEB)).orElseThrow();
        return Objects.requireNonNull(live.release()).number();
    }

    /** In the last part of it, after which ECS asks nobody. */
    private static boolean isAtItsEnd(World world, Rollout rollout) {
        Rollout.Stage stage = rollout.progress().stage();
        return world.plane
                        .operations()
                        .findRunning(WEB)
                        .filter(found -> found.phase() == Phase.MONITOR)
                        .isPresent()
                && (rollout.settings().isRolling()
                        || stage != null
                                && stage.percent() >= 100
                                && stage.name().equals("BAKE_TIME"));
    }

    /** The stop is recorded, and ECS throttles the call that has to tell it, until it has finished. */
    private static void foundToBeBad(World world, String id, Cause cause) {
        while (!isAtItsEnd(world, rollout(world, id))) {
            world.timeline.step();
        }
        world.chaos.refused = operation -> operation.equals("stopServiceDeployment");
        Stored<Rollout> stored = world.store.get(Rollout.key(WEB, id)).orElseThrow();
        Stop stop = new Stop(cause, "slipway", "5 % of its requests failed.", world.timeline.instant());
        world.store.write(List.of(new Write.Update<>(stored, stored.value().stopping(stop))));
        wake(world);
    }

    private static void wake(World world) {
        world.queue.send("{\"target\":\"%s\"}".formatted(WEB.key()), Duration.ZERO);
    }

    private static void untilItIsOver(World world) {
        for (int i = 0; i < 6; i++) {
            world.settle();
            world.timeline.advance(Duration.ofMinutes(5));
        }
        world.chaos.refused = operation -> false;
    }

    private static void assertGoneBackFrom(World world, String id, Cause cause, String at) {
        Rollout rollout = rollout(world, id);
        assertThat(rollout.state()).as("%s: %s", at, rollout).isEqualTo(State.ROLLED_BACK);
        assertThat(Objects.requireNonNull(rollout.stop()).cause()).isEqualTo(cause);
        assertThat(rollout.outcome().detail())
                .as(at)
                .startsWith("Release 2 was rolled back: 5 % of its requests failed. Release 1 is live again.");
        assertThat(Objects.requireNonNull(rollout.outcome().failure()).code()).isEqualTo("rolled-back");
        List<Rollout> backs = rollouts(world).stream()
                .filter(found -> id.equals(found.request().revertOf()))
                .toList();
        assertThat(backs).as(at).singleElement().satisfies(back -> {
            assertThat(back.request().reason()).isEqualTo(Reason.ROLLBACK);
            assertThat(back.state()).isEqualTo(State.SUCCEEDED);
        });
        assertThat(world.store.get(Release.key(WEB, 2)).orElseThrow().value().rolledBack())
                .as(at)
                .contains("5 % of its requests failed.");
        Ledgers.replay(world, WEB);
    }

    @ParameterizedTest
    @CsvSource({
        "rolling, UNHEALTHY",
        "rolling, TIME_LIMIT",
        "rolling, FAILED_TASKS",
        "blue-green, UNHEALTHY",
        "blue-green, TIME_LIMIT",
        "blue-green, FAILED_TASKS",
        "blue-green, NO_EVIDENCE",
        "canary, UNHEALTHY",
        "canary, FAILED_TASKS",
        "linear, UNHEALTHY"
    })
    void theReleaseBeforeGoesOutAgain(String strategy, Cause cause) {
        live(world, strategy);
        String id = start(world, "v2", ConcurrencyPolicy.REJECT);
        foundToBeBad(world, id, cause);
        untilItIsOver(world);

        assertGoneBackFrom(world, id, cause, strategy);
        assertThat(live(world)).isEqualTo(1);
        assertThat(world.record(WEB).live()).isEqualTo(1);
        Operation operation =
                world.plane.operations().list(WEB, 1, null).items().getFirst().value();
        assertThat(operation.state()).isEqualTo(Operation.State.FAILED);
        assertThat(operation.rollout()).isEqualTo(id);
        assertThat(Objects.requireNonNull(operation.failure()).code()).isEqualTo("rolled-back");
        assertThat(Ledgers.of(world, WEB))
                .anySatisfy(
                        entry -> assertThat(entry.message()).isEqualTo("Release 2 is live, until release 1 is again."))
                .filteredOn(entry -> entry.type() == EventType.ROLLOUT_ENDED && id.equals(entry.rollout()))
                .singleElement()
                .satisfies(entry -> assertThat(entry.message())
                        .isEqualTo(rollout(world, id).outcome().detail()));
        assertThat(Objects.requireNonNull(world.plane.delivery().of(WEB, 30).timeToRestore())
                        .known())
                .isEqualTo(1);
    }

    @Test
    void aWorkerThatDiesAtAnyPointGoesBackOnce() {
        int died = 0;
        for (int step = 1; step <= 40; step++) {
            World story = new World(5);
            live(story, "rolling");
            String id = start(story, "v2", ConcurrencyPolicy.REJECT);
            foundToBeBad(story, id, Cause.UNHEALTHY);
            while (rollout(story, id).progress().deployedAt() == null
                    && story.ecs(WEB).deployments().size() > 1) {
                story.timeline.step();
            }
            int from = story.chaos.steps;
            story.chaos.dieAt = from + step;
            untilItIsOver(story);

            died += story.chaos.steps >= story.chaos.dieAt ? 1 : 0;
            assertGoneBackFrom(story, id, Cause.UNHEALTHY, "died at " + step);
            assertThat(live(story)).as("died at " + step).isEqualTo(1);
        }
        assertThat(died).as("what this test is about").isEqualTo(40);
    }

    @Test
    void messagesThatComeOftenChangeNothing() {
        live(world, "canary");
        String id = start(world, "v2", ConcurrencyPolicy.REJECT);
        foundToBeBad(world, id, Cause.UNHEALTHY);
        while (rollout(world, id).isOpen()) {
            wake(world);
            wake(world);
            world.timeline.advance(Duration.ofSeconds(20));
        }
        untilItIsOver(world);

        assertGoneBackFrom(world, id, Cause.UNHEALTHY, "woken");
        assertThat(live(world)).isEqualTo(1);
    }

    /** Whoever cancels it wants it gone, too; the first reason stays. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCancellationBesideItChangesNothing(boolean once) {
        live(world, "rolling");
        String id = start(world, "v2", ConcurrencyPolicy.REJECT);
        foundToBeBad(world, id, Cause.UNHEALTHY);
        world.plane.rollouts().cancel(WEB, id, World.by("bob"));
        while (!once && rollout(world, id).progress().deployedAt() == null) {
            world.timeline.step();
        }
        if (!once) {
            world.plane.rollouts().cancel(WEB, id, World.by("bob"));
        }
        untilItIsOver(world);

        assertGoneBackFrom(world, id, Cause.UNHEALTHY, "cancelled");
        assertThat(live(world)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = ConcurrencyPolicy.class,
            names = {"QUEUE", "REPLACE"})
    void whatWaitsGoesOutAfterIt(ConcurrencyPolicy policy) {
        live(world, "blue-green");
        String bad = start(world, "v2", ConcurrencyPolicy.REJECT);
        foundToBeBad(world, bad, Cause.UNHEALTHY);
        String fix = start(world, "v3", policy);
        untilItIsOver(world);

        assertGoneBackFrom(world, bad, Cause.UNHEALTHY, policy.name());
        assertThat(rollout(world, fix).state()).isEqualTo(State.SUCCEEDED);
        assertThat(live(world)).isEqualTo(3);
    }

    /** It is what was wanted; going back from it would bring the bad release up. */
    @ParameterizedTest
    @EnumSource(
            value = Cause.class,
            names = {"TIME_LIMIT", "FAILED_TASKS", "UNHEALTHY", "NO_EVIDENCE", "CHECKS_FAILED"})
    void aRollbackStaysThatIsFoundToBeBadTooLate(Cause cause) {
        live(world, "rolling");
        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        String back = id(world.plane
                .rollouts()
                .rollBack(WEB, null, null, null, World.by("bob"))
                .location());
        foundToBeBad(world, back, cause);
        untilItIsOver(world);

        assertThat(rollout(world, back).state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout(world, back).outcome().detail())
                .contains("although it was to be rolled back")
                .contains("5 % of its requests failed.");
        assertThat(live(world)).isEqualTo(1);
    }

    @Test
    void aRollbackWhoseTasksDoNotStayUpStaysAndSaysSo() {
        live(world, "rolling");
        assertThat(world.rollOut(WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        RolloutSettings watched = world.record(WEB).declared().rollout().with(settings -> settings.stableMinutes(10));
        String back = id(world.plane
                .rollouts()
                .rollBack(WEB, null, watched, null, World.by("bob"))
                .location());
        while (world.plane
                .operations()
                .findRunning(WEB)
                .filter(found -> found.phase() == Phase.STABILIZE)
                .isEmpty()) {
            world.timeline.step();
        }
        Stored<Rollout> stored = world.store.get(Rollout.key(WEB, back)).orElseThrow();
        Stop stop = new Stop(Cause.UNSTABLE, "slipway", "2 tasks stopped.", world.timeline.instant());
        world.store.write(List.of(new Write.Update<>(stored, stored.value().stopping(stop))));
        wake(world);
        untilItIsOver(world);

        assertThat(rollout(world, back).state()).isEqualTo(State.FAILED);
        assertThat(rollout(world, back).outcome().detail())
                .startsWith(
                        "Release 1 is live and does not stay up, and a rollback is not gone back from by itself: 2 tasks stopped.");
        assertThat(live(world)).isEqualTo(1);
        assertThat(world.record(WEB).live()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UNHEALTHY", "TIME_LIMIT"})
    void goingBackIsNotGoneBackFromAndBothRolloutsEnd(Cause cause) {
        live(world, "rolling");
        String id = start(world, "v2", ConcurrencyPolicy.REJECT);
        foundToBeBad(world, id, Cause.UNHEALTHY);
        for (int i = 0;
                i < 100
                        && rollouts(world).stream()
                                .noneMatch(found -> id.equals(found.request().revertOf()));
                i++) {
            world.timeline.advance(Duration.ofSeconds(10));
        }
        world.chaos.refused = operation -> false;
        String back = rollouts(world).stream()
                .filter(found -> id.equals(found.request().revertOf()))
                .findFirst()
                .orElseThrow()
                .id();
        foundToBeBad(world, back, cause);
        untilItIsOver(world);

        assertThat(rollouts(world)).noneMatch(Rollout::isOpen);
        assertGoneBackFrom(world, id, Cause.UNHEALTHY, cause.name());
        assertThat(rollout(world, back).outcome().detail()).contains("5 % of its requests failed.");
        assertThat(live(world)).isEqualTo(1);
        assertThat(world.record(WEB).live()).isEqualTo(1);
    }

    /** Old tasks drain for an hour, in which ECS would still bring the bad release up. */
    @Test
    void noVerdictStopsTheWayBackFromABadRelease() {
        assertThat(world.apply(DEV, "terminationProtection: false\n").failure()).isNull();
        String spec = SERVICE.formatted("blue-green") + "routing: {drainingSeconds: 3600}\n";
        assertThat(world.apply(WEB, spec).failure()).isNull();
        assertThat(world.rollOut(WEB, "v1-prod-errors-20").state()).isEqualTo(State.SUCCEEDED);
        world.account.traffic().requestsPerMinute(6000);
        String id = start(world, "v2", ConcurrencyPolicy.REJECT);
        foundToBeBad(world, id, Cause.FAILED_TASKS);
        while (rollouts(world).stream().noneMatch(Rollout::isAutomaticRollback)) {
            world.timeline.advance(Duration.ofMinutes(1));
        }
        world.chaos.refused = operation -> false;
        world.timeline.advance(Duration.ofHours(3));

        assertGoneBackFrom(world, id, Cause.FAILED_TASKS, "blue-green");
        Rollout back = rollouts(world).stream()
                .filter(found -> id.equals(found.request().revertOf()))
                .findFirst()
                .orElseThrow();
        assertThat(Objects.requireNonNull(back.progress().verdict()).outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(live(world)).isEqualTo(1);
    }

    /** A new start of what is live has nothing before it that is another. */
    @Test
    void whereTheReleaseBeforeIsGoneItFailsAndSaysSo() {
        live(world, "rolling");
        String id = start(world, "v2", ConcurrencyPolicy.REJECT);
        foundToBeBad(world, id, Cause.UNHEALTHY);
        world.store.write(
                List.of(new Write.Delete<>(world.store.get(Release.key(WEB, 1)).orElseThrow())));
        untilItIsOver(world);

        Rollout rollout = rollout(world, id);
        assertThat(rollout.state()).isEqualTo(State.FAILED);
        assertThat(rollout.outcome().detail())
                .startsWith(
                        "Release 2 is live and is to go, and there is none before it to go back to: 5 % of its requests failed.");
        assertThat(Objects.requireNonNull(rollout.outcome().failure()).code()).isEqualTo("unstable-release");
        assertThat(live(world)).isEqualTo(2);
        assertThat(world.record(WEB).live()).isEqualTo(2);
    }
}
