package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operation;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.ecs.model.EcsException;

/** AWS refuses calls for a while: a role was replaced, or a policy of the organisation forbids them. */
class RefusalsTest {
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s}\n";

    private final World world = new World(3);

    private void created(String strategy) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted(strategy));
        world.account.traffic().requestsPerMinute(6000);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(10));
    }

    private Rollout rollout(String id) {
        return world.plane.rollouts().rollout(World.WEB, id);
    }

    private void refuseFor(Duration length) {
        Instant end = world.timeline.instant().plus(length);
        world.chaos.refused = operation -> world.timeline.instant().isBefore(end);
    }

    private void recordIsWhatEcsRuns() {
        int live = world.record(World.WEB).live();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.store
                        .get(Release.key(World.WEB, live))
                        .orElseThrow()
                        .value()
                        .isTaskDefinition(world.ecs(World.WEB).taskDefinition()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolling", "blue-green", "canary", "linear"})
    void aRolloutThatEcsWasToldOfGoesOnWhenTheRefusalsAreOver(String strategy) {
        created(strategy);
        String id = world.started(World.WEB, "v2");
        world.timeline.advance(Duration.ofSeconds(40));

        refuseFor(Duration.ofHours(3));
        world.timeline.advance(Duration.ofMinutes(20));
        assertThat(rollout(id).isRunning()).isTrue();
        assertThat(world.plane.rollouts().holdUp(rollout(id)))
                .hasValueSatisfying(why -> assertThat(why).contains("not authorized to perform"));
        world.timeline.advance(Duration.ofHours(6));

        assertThat(rollout(id).isRunning()).isFalse();
        recordIsWhatEcsRuns();
    }

    @Test
    void aBadReleaseIsRolledBackAfterThem() {
        created("canary");
        String id = world.started(World.WEB, "v2-prod-errors-20");
        world.timeline.advance(Duration.ofMinutes(2));

        refuseFor(Duration.ofMinutes(5));
        world.timeline.advance(Duration.ofHours(3));

        assertThat(rollout(id).state()).as(rollout(id).outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        recordIsWhatEcsRuns();
    }

    @Test
    void refusalsOfOneCallAfterTheOtherAreNotCountedTogether() {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted("rolling"));
        Map<String, Instant> first = new HashMap<>();
        world.chaos.refused = operation -> {
            Instant now = world.timeline.instant();
            return now.isBefore(first.computeIfAbsent(operation, _ -> now).plusSeconds(20));
        };

        Rollout rollout = world.rollOut(World.WEB, "v1");

        assertThat(rollout.state()).as(rollout.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @Test
    void whatHasNotBegunEndsAfterFiveMinutesOfThemAndSaysWhy() {
        created("rolling");
        Instant before = world.timeline.instant();
        world.chaos.refused = operation -> operation.equals("registerTaskDefinition");
        String id = world.started(World.WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(rollout(id).state()).isEqualTo(Rollout.State.FAILED);
        assertThat(rollout(id).outcome().failure().code()).isEqualTo("access-denied");
        assertThat(Duration.between(before, rollout(id).outcome().endedAt()))
                .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(7));
        world.chaos.refused = operation -> false;
        recordIsWhatEcsRuns();
    }

    /** A fault of our own cannot be waited for; ECS goes on by itself, and the record follows. */
    @Test
    void afterARolloutWasGivenUpTheRecordBecomesWhatEcsRuns() {
        created("rolling");
        String id = world.started(World.WEB, "v2");
        world.timeline.advance(Duration.ofSeconds(20));
        boolean[] broken = {true};
        world.chaos.watcher = (operation, request) -> {
            if (broken[0]) {
                throw new IllegalStateException("a fault of our own");
            }
            return () -> {};
        };
        world.timeline.advance(Duration.ofMinutes(12));
        assertThat(rollout(id).outcome().failure().code()).isEqualTo("internal-error");
        assertThat(world.record(World.WEB).live()).isEqualTo(1);

        broken[0] = false;
        world.timeline.advance(Duration.ofMinutes(20));

        assertThat(world.record(World.WEB).live()).isEqualTo(2);
        recordIsWhatEcsRuns();
        assertThat(Ledgers.of(world, World.WEB, LedgerEntry.EventType.LIVE_CORRECTED))
                .singleElement()
                .satisfies(entry -> assertThat(entry.message()).startsWith("Release 2 is live"));
        assertThat(world.plane.operations().findRunning(World.WEB)).isEmpty();
    }

    /** CloudFormation makes the service to its end, whoever watches: what then serves must be on record, or the next is not judged. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFirstReleaseThatCloudFormationMakesIsOnRecordThoughItsRolloutWasGivenUp(boolean oursToBlame) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(World.WEB, SERVICE.formatted("canary"));
        Instant[] blind = {null, null};
        world.chaos.watcher = (operation, request) -> {
            Instant now = world.timeline.instant();
            if (operation.equals("describeStacks")
                    && blind[0] != null
                    && !now.isBefore(blind[0])
                    && now.isBefore(blind[1])) {
                throw oursToBlame
                        ? new IllegalStateException("a fault of our own")
                        : CloudFormationException.builder()
                                .awsErrorDetails(AwsErrorDetails.builder()
                                        .errorCode("AccessDenied")
                                        .errorMessage("not authorized to perform cloudformation:DescribeStacks")
                                        .build())
                                .statusCode(403)
                                .build();
            }
            return () -> {
                if (operation.equals("updateStack") && blind[0] == null) {
                    blind[0] = now;
                    blind[1] = now.plus(Duration.ofHours(3));
                }
            };
        };
        String id = world.started(World.WEB, "v1");
        world.timeline.advance(Duration.ofHours(2));
        assertThat(rollout(id).state()).isEqualTo(Rollout.State.FAILED);
        assertThat(world.record(World.WEB).live()).isNull();
        world.timeline.advance(Duration.ofHours(2));

        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        recordIsWhatEcsRuns();
        Rollout bad = world.rollOut(World.WEB, "v2-prod-errors-20");
        assertThat(bad.state()).isEqualTo(Rollout.State.ROLLED_BACK);
    }

    /** The pass has read what it decides by before the cancel is written. */
    @ParameterizedTest
    @ValueSource(strings = {"rolling", "canary"})
    void aCancelInTheMiddleOfAPassReachesEcsWithinSeconds(String strategy) {
        created(strategy);
        String id = world.started(World.WEB, "v2");
        world.timeline.advance(Duration.ofSeconds(40));
        Instant[] cancelled = new Instant[1];
        Instant[] told = new Instant[1];
        world.chaos.watcher = (operation, request) -> {
            if (cancelled[0] == null && operation.startsWith("describe")) {
                cancelled[0] = world.timeline.instant();
                world.chaos.apart(() -> {
                    world.plane.rollouts().cancel(World.WEB, id, World.by("ann"));
                    world.timeline.advance(Duration.ofSeconds(3)); // its message comes while the pass is at work
                });
            }
            if (operation.equals("stopServiceDeployment") && told[0] == null) {
                told[0] = world.timeline.instant();
            }
            return () -> {};
        };
        world.queue.send("{\"target\":\"dev/web\"}", Duration.ZERO);
        world.timeline.advance(Duration.ofMinutes(2));

        assertThat(cancelled[0]).isNotNull();
        assertThat(told[0]).isNotNull();
        assertThat(Duration.between(cancelled[0], told[0])).isLessThanOrEqualTo(Duration.ofSeconds(15));
    }

    private void untilItBakes(String id) {
        for (int i = 0; i < 100; i++) {
            Rollout.Stage stage = rollout(id).progress().stage();
            if (stage != null && stage.percent() > 0) {
                return;
            }
            world.timeline.advance(Duration.ofSeconds(10));
        }
    }

    /** A stop needs ECS alone. */
    @ParameterizedTest
    @CsvSource({
        "canary, getMetricData",
        "blue-green, getMetricData",
        "blue-green, listTasks",
        "blue-green, describeServiceDeployments"
    })
    void aCancelReachesEcsWithinSecondsThoughAnotherCallIsRefused(String strategy, String refused) {
        created(strategy);
        world.account.traffic().requestsPerMinute(0); // so that stopped tasks are asked for
        String id = world.started(World.WEB, "v2");
        untilItBakes(id);
        world.timeline.advance(Duration.ofMinutes(11));
        world.chaos.refused = operation -> operation.equals(refused);
        world.timeline.advance(Duration.ofMinutes(1));
        Instant[] told = new Instant[1];
        world.chaos.watcher = (operation, request) -> () -> {
            if (operation.equals("stopServiceDeployment") && told[0] == null) {
                told[0] = world.timeline.instant();
            }
        };

        Instant cancelled = world.timeline.instant();
        world.plane.rollouts().cancel(World.WEB, id, World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(3));

        assertThat(told[0]).isBetween(cancelled, cancelled.plusSeconds(15));
        world.chaos.refused = operation -> false;
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(rollout(id).state()).isEqualTo(Rollout.State.CANCELLED);
        recordIsWhatEcsRuns();
    }

    @ParameterizedTest
    @CsvSource({
        "60, v2-crash-after-4m, getMetricData, FAILED_TASKS",
        "0, v2-prod-errors-20, listTasks, UNHEALTHY" // while old tasks drain, when ECS is asked each minute
    })
    void whatOneCallDoesNotTellAnotherDoes(int bake, String image, String refused, Rollout.Stop.Cause cause) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(
                World.WEB,
                SERVICE.formatted("blue-green, bakeMinutes: " + bake) + "routing: {drainingSeconds: 3600}\n");
        world.account.traffic().requestsPerMinute(6000);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(10));
        world.chaos.refused = operation -> operation.equals(refused);
        String id = world.started(World.WEB, image);
        boolean told = false;
        for (int i = 0; i < 240; i++) {
            world.timeline.advance(Duration.ofSeconds(10));
            told |= world.plane
                    .rollouts()
                    .holdUp(rollout(id))
                    .filter(why -> why.contains("not authorized to perform"))
                    .isPresent();
        }

        assertThat(told).isTrue();
        assertThat(rollout(id).stop())
                .as(String.valueOf(rollout(id)))
                .extracting(Rollout.Stop::cause)
                .isEqualTo(cause);
        world.timeline.advance(Duration.ofHours(2)); // until what drains has gone

        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(Rollout.State.ROLLED_BACK);
        recordIsWhatEcsRuns();
    }

    /** ECS ends the bake, whoever looks. */
    @ParameterizedTest
    @CsvSource({"blue-green, true", "blue-green, false", "canary, true", "canary, false"})
    void aBakeThatCouldNotBeReadIsReadAtItsEnd(String strategy, boolean refused) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(
                World.WEB,
                SERVICE.formatted("%s, verdict: {onNoEvidence: promote, holdMinutes: 1}".formatted(strategy)));
        world.account.traffic().requestsPerMinute(6000);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(10));
        world.account.traffic().requestsPerMinute(0); // so that the canary's share tells nothing
        String id = world.started(World.WEB, "v2-prod-errors-20");
        for (int i = 0;
                i < 500
                        && world.plane.rollouts().gate(rollout(id)).stream()
                                .flatMap(gate -> gate.checkpoints().stream())
                                .noneMatch(passed -> passed.passedAt() != null
                                        && passed.stage().equals("PRE_PRODUCTION_TRAFFIC_SHIFT")
                                        && passed.approves(rollout(id).settings()) >= 100);
                i++) {
            world.timeline.advance(Duration.ofSeconds(10));
        }
        world.account.traffic().requestsPerMinute(6000);
        if (refused) {
            world.chaos.refused = operation -> operation.equals("getMetricData");
        } else {
            world.chaos.beforeRead = () -> {
                throw new IllegalStateException("the worker is away");
            };
        }
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(world.ecs(World.WEB).deployments()).as("ECS is done").hasSize(1);
        world.chaos.refused = operation -> false;
        world.chaos.beforeRead = () -> {};
        assertThat(rollout(id).isRunning()).isTrue();
        world.timeline.advance(Duration.ofHours(1));

        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(rollout(id).stop().cause()).isEqualTo(Rollout.Stop.Cause.UNHEALTHY);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        recordIsWhatEcsRuns();
    }

    @Test
    void aBakeThatCannotBeReadEndsWithTheTimeOfTheRolloutAndIsToldOf() {
        created("blue-green");
        world.chaos.refused = operation -> operation.equals("getMetricData");

        Rollout rollout = world.rollOut(World.WEB, "v2");

        assertThat(rollout.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(Duration.between(
                        rollout.progress().startedAt(), rollout.outcome().endedAt()))
                .isBetween(Duration.ofMinutes(30), Duration.ofHours(2));
        assertThat(world.plane
                        .operations()
                        .list(World.WEB, 1, null)
                        .items()
                        .getFirst()
                        .value()
                        .notes())
                .anySatisfy(note -> assertThat(note).contains("last minutes were not judged"));
    }

    /** What is to go has the traffic, and nobody else would take it away. */
    @ParameterizedTest
    @ValueSource(strings = {".*", "updateService", "describe.*"})
    void goingBackFromAReleaseWaitsForTheEndOfTheRefusals(String refused) {
        created("rolling");
        String id = world.started(World.WEB, "v2-crash-after-30s");
        Instant[] begun = new Instant[1];
        world.chaos.refused = operation -> {
            if (begun[0] == null
                    && world.plane.rollouts().rollouts(World.WEB, 10, null).items().stream()
                            .anyMatch(found -> found.value().isAutomaticRollback())) {
                begun[0] = world.timeline.instant();
            }
            return begun[0] != null
                    && operation.matches(refused)
                    && world.timeline.instant().isBefore(begun[0].plus(Duration.ofMinutes(40)));
        };
        world.timeline.advance(Duration.ofMinutes(30));
        assertThat(begun[0]).isNotNull();
        assertThat(rollout(id).isRunning()).isTrue();
        assertThat(world.plane.rollouts().holdUp(rollout(id)))
                .hasValueSatisfying(why -> assertThat(why).contains("not authorized to perform"));
        world.timeline.advance(Duration.ofHours(1));

        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        recordIsWhatEcsRuns();
    }

    @Test
    void anApplyIsNotHeldUpByRefusalsThatPass() {
        world.apply(World.DEV, "terminationProtection: false\n");
        refuseFor(Duration.ofMinutes(3));

        Operation operation = world.apply(World.WEB, SERVICE.formatted("rolling"));

        assertThat(operation.state()).isEqualTo(Operation.State.SUCCEEDED);
    }

    /** Half an hour of throttling is waited for; so are the two minutes until the policy holds that a person changed meanwhile. */
    @Test
    void refusalsAfterThrottlingHaveTheirOwnPatience() {
        created("rolling");
        Instant calm = world.timeline.instant().plus(Duration.ofMinutes(30));
        Instant allowed = calm.plus(Duration.ofMinutes(3));
        world.chaos.refused = operation -> operation.equals("registerTaskDefinition")
                && !world.timeline.instant().isBefore(calm)
                && world.timeline.instant().isBefore(allowed);
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("registerTaskDefinition")
                    && world.timeline.instant().isBefore(calm)) {
                throw EcsException.builder()
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("ThrottlingException")
                                .build())
                        .statusCode(400)
                        .build();
            }
            return () -> {};
        };
        String id = world.started(World.WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(32));
        assertThat(world.plane.rollouts().holdUp(rollout(id)))
                .hasValueSatisfying(why -> assertThat(why).contains("not authorized to perform"));
        world.timeline.advance(Duration.ofMinutes(30));

        assertThat(rollout(id).state())
                .as(String.valueOf(rollout(id).outcome()))
                .isEqualTo(Rollout.State.SUCCEEDED);
        recordIsWhatEcsRuns();
    }

    /** ECS finds something wrong with the call itself: no wait helps. */
    @Test
    void anUpdateServiceThatIsRefusedForGoodEndsTheRollout() {
        created("rolling");
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals("updateService")) {
                throw EcsException.builder()
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("InvalidParameterException")
                                .build())
                        .statusCode(400)
                        .build();
            }
            return () -> {};
        };
        String id = world.started(World.WEB, "v2");
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(rollout(id).state()).isEqualTo(Rollout.State.FAILED);
        world.chaos.watcher = (operation, request) -> () -> {};
        recordIsWhatEcsRuns();
    }
}
