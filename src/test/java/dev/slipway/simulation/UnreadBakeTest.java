package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.rollout.Rollout.Stop.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;

/** CloudWatch does not let the last bake be read, and ECS is done. */
class UnreadBakeTest {
    private final World world = new World(3);

    /** What CloudWatch answers, if not what it was asked. */
    private enum Trouble {
        REFUSED("AccessDenied", 403),
        THROTTLED("Throttling", 400),
        INVALID("ValidationError", 400),
        LOST("", 0);

        private final String code;
        private final int status;

        Trouble(String code, int status) {
            this.code = code;
            this.status = status;
        }

        RuntimeException error() {
            return this == LOST
                    ? SdkClientException.create("the connection broke")
                    : CloudWatchException.builder()
                            .awsErrorDetails(AwsErrorDetails.builder()
                                    .errorCode(code)
                                    .errorMessage("It is not to be.")
                                    .build())
                            .statusCode(status)
                            .build();
        }
    }

    private void troubled(Trouble trouble, Supplier<Boolean> lasts) {
        world.chaos.watcher = (operation, request) -> {
            if (operation.startsWith("getMetricData") && lasts.get()) {
                throw trouble.error();
            }
            return () -> {};
        };
    }

    private void created(String stable) {
        world.apply(World.DEV, "terminationProtection: false\n");
        world.apply(
                World.WEB,
                "container: {port: 8000}\nrollout: {strategy: blue-green, bakeMinutes: 10, %s}\n".formatted(stable));
        world.account.traffic().requestsPerMinute(6000);
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        world.timeline.advance(Duration.ofMinutes(10));
    }

    private Rollout rollout(String id) {
        return world.plane.rollouts().rollout(World.WEB, id);
    }

    private void untilItHasTheTraffic(String id) {
        Rollout.Stage stage = rollout(id).progress().stage();
        while (stage == null || stage.percent() < 100) {
            world.timeline.step();
            stage = rollout(id).progress().stage();
        }
    }

    private void untilEcsIsDone() {
        while (world.ecs(World.WEB).deployments().size() > 1) {
            world.timeline.step();
        }
    }

    private void isGoneBackFrom(String id, Cause cause, State state) {
        assertThat(rollout(id).stop()).as(String.valueOf(rollout(id))).isNotNull();
        assertThat(rollout(id).stop().cause()).isEqualTo(cause);
        assertThat(rollout(id).state()).as(String.valueOf(rollout(id))).isEqualTo(state);
        assertThat(world.record(World.WEB).live()).isEqualTo(1);
        assertThat(world.ecs(World.WEB).taskDefinition())
                .isEqualTo(world.store
                        .get(Release.key(World.WEB, 1))
                        .orElseThrow()
                        .value()
                        .taskDefinition());
    }

    @ParameterizedTest
    @CsvSource({
        "REFUSED, stableMinutes: 3",
        "THROTTLED, stableMinutes: 0",
        "INVALID, stableMinutes: 3",
        "INVALID, stableMinutes: 0",
        "LOST, stableMinutes: 3"
    })
    void itIsJudgedOnceItCanBeRead(Trouble trouble, String stable) {
        created(stable);
        String id = world.started(World.WEB, "v2-prod-errors-20");
        untilItHasTheTraffic(id);
        boolean[] lasts = {true};
        troubled(trouble, () -> lasts[0]);
        untilEcsIsDone();
        world.timeline.advance(Duration.ofMinutes(25));
        assertThat(rollout(id).isRunning()).as(String.valueOf(rollout(id))).isTrue();
        assertThat(rollout(id).progress().waitsFor()).contains("Its last minutes are not judged yet");
        lasts[0] = false;
        world.timeline.advance(Duration.ofMinutes(30));

        isGoneBackFrom(id, Cause.UNHEALTHY, State.ROLLED_BACK);
    }

    /** The time in which it is tried begins when ECS is seen to be done. */
    @Test
    void aWorkerThatWasAwayForLongStillReadsIt() {
        created("stableMinutes: 3");
        String id = world.started(World.WEB, "v2-prod-errors-20");
        untilItHasTheTraffic(id);
        world.chaos.beforeRead = () -> {
            throw new IllegalStateException("the worker is away");
        };
        world.timeline.advance(Duration.ofHours(12));
        world.chaos.beforeRead = () -> {};
        Instant answers = world.timeline.instant().plus(Duration.ofMinutes(20));
        troubled(Trouble.LOST, () -> world.timeline.instant().isBefore(answers));
        world.timeline.advance(Duration.ofHours(2));

        isGoneBackFrom(id, Cause.UNHEALTHY, State.ROLLED_BACK);
    }

    @Test
    void tasksAreWatchedMeanwhile() {
        created("stableMinutes: 3");
        world.account.traffic().requestsPerMinute(0);
        String id = world.started(World.WEB, "v2-crash-after-40m");
        untilItHasTheTraffic(id);
        troubled(Trouble.REFUSED, () -> true);
        untilEcsIsDone();
        assertThat(rollout(id).isRunning()).isTrue();
        world.timeline.advance(Duration.ofMinutes(40));

        isGoneBackFrom(id, Cause.UNSTABLE, State.ROLLED_BACK);
    }

    @Test
    void aCancelGoesBackMeanwhile() {
        created("stableMinutes: 0");
        String id = world.started(World.WEB, "v2");
        untilItHasTheTraffic(id);
        troubled(Trouble.REFUSED, () -> true);
        untilEcsIsDone();
        world.timeline.advance(Duration.ofMinutes(5));
        world.plane.rollouts().cancel(World.WEB, id, World.by("ann"));
        world.timeline.advance(Duration.ofMinutes(20));

        isGoneBackFrom(id, Cause.CANCELLED, State.CANCELLED);
    }

    /** No wait helps, and without the rollout nobody would look at the release any more. */
    @ParameterizedTest
    @ValueSource(strings = {"v2", "v2-crash-after-4m"})
    void aCallThatIsWrongEndsNoRolloutThatHasTraffic(String image) {
        created("stableMinutes: 3");
        String id = world.started(World.WEB, image);
        untilItHasTheTraffic(id);
        troubled(Trouble.INVALID, () -> true);
        if (image.equals("v2-crash-after-4m")) {
            world.account.traffic().requestsPerMinute(0);
        }
        world.timeline.advance(Duration.ofMinutes(12));
        assertThat(rollout(id).isRunning() || rollout(id).stop() != null)
                .as(String.valueOf(rollout(id)))
                .isTrue();
        world.timeline.advance(Duration.ofHours(12));

        assertThat(rollout(id).state())
                .as(String.valueOf(rollout(id)))
                .isEqualTo(image.equals("v2") ? State.SUCCEEDED : State.ROLLED_BACK);
        assertThat(world.plane
                        .operations()
                        .list(World.WEB, 1, null)
                        .items()
                        .getFirst()
                        .value()
                        .notes())
                .anySatisfy(
                        note -> assertThat(note)
                                .isEqualTo(
                                        "The rollout goes on without what a call was to tell: AWS answered with ValidationError."));
    }
}
