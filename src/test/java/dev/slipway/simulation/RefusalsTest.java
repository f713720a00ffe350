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

    private String started(String image) {
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking(image), World.by("ann"))
                .location();
        return location.substring(location.lastIndexOf('/') + 1);
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
        String id = started("v2");
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
        String id = started("v2-prod-errors-20");
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
        String id = started("v2");
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
        String id = started("v2");
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
        String id = started("v1");
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
        String id = started("v2");
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
        String id = started("v2");
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
        String id = started("v2");
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(rollout(id).state()).isEqualTo(Rollout.State.FAILED);
        world.chaos.watcher = (operation, request) -> () -> {};
        recordIsWhatEcsRuns();
    }
}
