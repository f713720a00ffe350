package dev.slipway.simulation.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.operation.Acceptance;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.simulation.Ledgers;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two rollouts at once: one starts, and the other waits, is refused or takes its place. */
class QueueTest {
    private static final String SERVICE = "container: {port: 8000, environment: {MODE: %s}}\nrollout: {strategy: %s}\n";

    private final World world = new World(5);

    private void created(String strategy) {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted("a", strategy)).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
    }

    private String start(String image, ConcurrencyPolicy concurrencyPolicy) {
        return world.plane
                .rollouts()
                .rollOut(World.WEB, new RolloutRequest(image, null, null, concurrencyPolicy, null), World.by("ann"))
                .id();
    }

    private String goBack(@Nullable Integer release) {
        return world.plane
                .rollouts()
                .rollBack(World.WEB, release, null, null, World.by("bob"))
                .id();
    }

    private Rollout rollout(String id) {
        return world.plane.rollouts().rollout(World.WEB, id);
    }

    /** Until nothing is under way and nothing waits. */
    private void settle() {
        for (int i = 0; i < 10; i++) {
            world.settle();
            world.timeline.advance(Duration.ofSeconds(30));
        }
    }

    @AfterEach
    void theLedgerReplaysToWhatIs() {
        Ledgers.replay(world, World.WEB);
    }

    /** A build that is run again assumes its role in another session, and must not deploy twice. */
    @Test
    void aKeyHoldsInAllSessionsOfARole() {
        String role = "arn:aws:sts::123456789012:assumed-role/%s/run-%d";
        created("rolling");
        String first = key(role.formatted("slipway-ci", 1));

        assertThat(key(role.formatted("slipway-ci", 2))).isEqualTo(first);
        assertThatThrownBy(() -> key(role.formatted("others", 1)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("operation-in-progress"));
    }

    private String key(String caller) {
        return world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v1"), new Acceptance.Request(caller, "key-1", "the same"))
                .location();
    }

    @Test
    void aSecondRolloutIsRefusedUnlessItSaysOtherwise() {
        created("rolling");
        start("v2", ConcurrencyPolicy.REJECT);

        assertThatThrownBy(() -> start("v3", ConcurrencyPolicy.REJECT))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("operation-in-progress"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "canary"})
    void oneThatWaitsStartsWhenTheOtherHasEnded(String strategy) {
        created(strategy);
        String second = start("v2", ConcurrencyPolicy.QUEUE);
        String third = start("v3", ConcurrencyPolicy.QUEUE);
        assertThat(rollout(third).state()).isEqualTo(State.QUEUED);
        assertThat(rollout(third).progress().waitsFor())
                .contains(rollout(second).progress().operation());

        settle();

        assertThat(rollout(second).state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout(third).state()).as(rollout(third).outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout(third).progress().previous()).isEqualTo(2);
        assertThat(rollout(third).progress().waitsFor()).isNull();
        assertThat(rollout(third).progress().startedAt())
                .isAfterOrEqualTo(rollout(second).outcome().endedAt());
        assertThat(world.record(World.WEB).live()).isEqualTo(3);
    }

    @Test
    void aNewerOneTakesThePlaceOfTheOneThatWaits() {
        created("rolling");
        start("v2", ConcurrencyPolicy.QUEUE);
        String third = start("v3", ConcurrencyPolicy.QUEUE);
        String fourth = start("v4", ConcurrencyPolicy.QUEUE);

        assertThat(rollout(third).state()).isEqualTo(State.CANCELLED);
        assertThat(rollout(third).outcome().detail())
                .contains("was replaced by")
                .contains(fourth);
        settle();
        assertThat(rollout(fourth).state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout(third).progress().deployment()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void oneCanStopTheOtherAndGoOutInItsPlace(String strategy) {
        created(strategy);
        String second = start("v2-never-healthy", ConcurrencyPolicy.REJECT);
        world.timeline.advance(Duration.ofMinutes(2));
        String third = start("v3", ConcurrencyPolicy.REPLACE);

        settle();

        assertThat(rollout(second).state())
                .as(rollout(second).outcome().detail())
                .isEqualTo(State.CANCELLED);
        assertThat(rollout(second).stop().cause()).isEqualTo(Cause.REPLACED);
        assertThat(rollout(third).state()).as(rollout(third).outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout(third).progress().previous()).isEqualTo(1);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @Test
    void oneThatWaitsCanBeCancelledAndEndsAtOnce() {
        created("rolling");
        String second = start("v2", ConcurrencyPolicy.QUEUE);
        String third = start("v3", ConcurrencyPolicy.QUEUE);

        world.plane.rollouts().cancel(World.WEB, third, World.by("eve"));

        assertThat(rollout(third).state()).isEqualTo(State.CANCELLED);
        assertThat(rollout(third).stop().by()).isEqualTo("eve");
        settle();
        assertThat(rollout(second).state()).isEqualTo(State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"QUEUE", "REPLACE"})
    void anApplyIsWaitedForAndItsSettingsGoOut(ConcurrencyPolicy concurrencyPolicy) {
        created("rolling");
        world.plane
                .services()
                .apply(
                        World.WEB,
                        World.serviceSpec(SERVICE.formatted("b", "rolling") + "gracePeriodSeconds: 30\n"),
                        new Order(null, Set.of(), null),
                        World.by("ann"));
        String second = start("v2", concurrencyPolicy);

        settle();

        assertThat(rollout(second).state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout(second).request().container().environment()).containsEntry("MODE", "b");
        assertThat(world.record(World.WEB).live()).isEqualTo(rollout(second).release());
    }

    @ParameterizedTest
    @EnumSource(names = {"QUEUE", "REPLACE"})
    void nothingWaitsForADeletion(ConcurrencyPolicy concurrencyPolicy) {
        created("rolling");
        world.plane.services().delete(World.WEB, new Deletion(null, Set.of(), World.WEB.service()), World.by("ann"));

        assertThatThrownBy(() -> start("v2", concurrencyPolicy)).isInstanceOf(ProblemException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void aRollbackDuringARolloutStopsItAndGoesBack(String strategy) {
        created(strategy);
        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(State.SUCCEEDED);
        String third = start("v3-never-healthy", ConcurrencyPolicy.REJECT);
        world.timeline.advance(Duration.ofMinutes(2));
        String back = goBack(1);

        settle();

        assertThat(rollout(third).state()).as(rollout(third).outcome().detail()).isEqualTo(State.CANCELLED);
        assertThat(rollout(third).stop().cause()).isEqualTo(Cause.REPLACED);
        assertThat(rollout(back).state()).as(rollout(back).outcome().detail()).isEqualTo(State.SUCCEEDED);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "canary"})
    void aRollbackToWhatTheStopBringsBackFindsItLive(String strategy) {
        created(strategy);
        String second = start("v2-never-healthy", ConcurrencyPolicy.REJECT);
        world.timeline.advance(Duration.ofMinutes(2));
        String back = goBack(null);
        assertThat(goBack(null)).as("asked twice").isEqualTo(back);

        settle();

        assertThat(rollout(second).state()).isEqualTo(State.CANCELLED);
        assertThat(rollout(back).state()).isEqualTo(State.SUCCEEDED);
        assertThat(rollout(back).outcome().detail()).isEqualTo("Release 1 was live already.");
        assertThat(rollout(back).progress().deployment()).isNull();
    }

    @Test
    void aRollbackUnderWayIsNotRolledBackByAskingTwice() {
        created("rolling");
        world.rollOut(World.WEB, "v2");
        String back = goBack(null);
        world.timeline.advance(Duration.ofSeconds(20));

        assertThat(goBack(null)).isEqualTo(back);
        settle();
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void aReleaseThatWasRolledBackIsMarkedAndNoApplyBringsItUpAgain(String strategy) {
        created(strategy);
        assertThat(world.rollOut(World.WEB, "v2-crash").state()).isEqualTo(State.ROLLED_BACK);
        assertThat(release(2).rolledBack()).isNotNull();
        int rollouts =
                world.plane.rollouts().rollouts(World.WEB, 100, null).items().size();

        assertThat(world.apply(World.WEB, SERVICE.formatted("a", strategy) + "gracePeriodSeconds: 30\n")
                        .failure())
                .isNull();
        assertThat(world.plane.rollouts().rollouts(World.WEB, 100, null).items())
                .hasSize(rollouts);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);

        var again = world.plane.rollouts().rollOut(World.WEB, World.asking("v2-crash"), World.by("ann"));
        assertThat(again.warnings())
                .singleElement()
                .asString()
                .contains("Release 2")
                .contains("rolled back");
        settle();
    }

    private Release release(int number) {
        return world.store.get(Release.key(World.WEB, number)).orElseThrow().value();
    }

    @Test
    void aLostMessageIsMadeUpForByTheResync() {
        created("rolling");
        start("v2", ConcurrencyPolicy.QUEUE);
        String third = start("v3", ConcurrencyPolicy.QUEUE);
        boolean[] lost = {false};
        world.queue.consumer(body -> {
            if (!lost[0]) {
                world.plane.worker().receive(body);
            }
        });
        world.settle();
        lost[0] = true;
        world.timeline.advance(Duration.ofSeconds(20));
        lost[0] = false;
        assertThat(rollout(third).state()).isEqualTo(State.QUEUED);

        world.timeline.advance(Duration.ofMinutes(6));
        world.settle();

        assertThat(rollout(third).state()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void aWorkerThatDiesAtAnyPointStartsWhatWaitsOnce() {
        for (int step = 1; step <= 30; step++) {
            World story = new World(5);
            story.apply(World.DEV, "terminationProtection: false\n");
            story.apply(World.WEB, SERVICE.formatted("a", "rolling"));
            story.rollOut(World.WEB, "v1");
            story.plane.rollouts().rollOut(World.WEB, World.asking("v2"), World.by("ann"));
            String location = story.plane
                    .rollouts()
                    .rollOut(
                            World.WEB,
                            new RolloutRequest("v3", null, null, ConcurrencyPolicy.QUEUE, null),
                            World.by("ann"))
                    .location();
            story.settle();
            story.chaos.dieAt = story.chaos.steps + step;
            for (int i = 0; i < 5; i++) {
                story.timeline.advance(Duration.ofMinutes(5));
                story.settle();
            }

            Rollout third = story.rolledOut(World.WEB, location);
            assertThat(third.state())
                    .as("died at %d: %s", step, third.outcome().detail())
                    .isEqualTo(State.SUCCEEDED);
            assertThat(story.plane.operations().list(World.WEB, 100, null).items())
                    .as("died at %d", step)
                    .hasSize(4);
        }
    }

    /** Who may roll out, such as a CI, must not undo what somebody has ordered to get out of trouble. */
    @ParameterizedTest
    @EnumSource(ConcurrencyPolicy.class)
    void noRolloutTakesThePlaceOfARollback(ConcurrencyPolicy policy) {
        created("blue-green");
        start("v2", ConcurrencyPolicy.REJECT);
        settle();
        String back = goBack(null);

        if (policy == ConcurrencyPolicy.QUEUE) {
            start("v3", policy); // after it
        } else {
            assertThatThrownBy(() -> start("v3", policy))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refused -> assertThat(refused.problem().code())
                                    .isEqualTo(
                                            policy == ConcurrencyPolicy.REPLACE
                                                    ? "rollback-in-progress"
                                                    : "operation-in-progress"));
        }
        settle();
        assertThat(rollout(back).state()).isEqualTo(State.SUCCEEDED);
    }

    @ParameterizedTest
    @EnumSource(
            value = ConcurrencyPolicy.class,
            names = {"QUEUE", "REPLACE"})
    void noRolloutTakesThePlaceOfARollbackThatWaits(ConcurrencyPolicy policy) {
        created("blue-green");
        start("v2", ConcurrencyPolicy.REJECT);
        settle();
        world.plane
                .services()
                .apply(
                        World.WEB,
                        dev.slipway.validation.SpecFixture.service(SERVICE.formatted("a", "blue-green") + "count: 3\n"),
                        new Order(null, Set.of(), null),
                        World.by("ann"));
        String back = goBack(null);
        assertThat(rollout(back).state()).isEqualTo(State.QUEUED);

        assertThatThrownBy(() -> start("v3", policy))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().code()).isEqualTo("rollback-in-progress"));
        settle();
        assertThat(rollout(back).state()).isEqualTo(State.SUCCEEDED);
    }
}
