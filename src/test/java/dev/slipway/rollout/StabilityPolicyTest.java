package dev.slipway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.StoppedTasks.Failure;
import dev.slipway.rollout.StabilityPolicy.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the tasks of a deployed release count as staying up. The time is 3 minutes. */
class StabilityPolicyTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static Decision after(int seconds, int desired, int... failures) {
        List<Failure> found = Arrays.stream(failures)
                .mapToObj(at ->
                        new Failure(NOON.plusSeconds(at), "Essential container in task exited (web: exit code 1)"))
                .toList();
        return StabilityPolicy.decide(new StabilityPolicy.Snapshot(
                NOON, Duration.ofMinutes(3), desired, found, 0, NOON.plusSeconds(seconds)));
    }

    @Test
    void itIsWatchedForTheWholeTime() {
        assertThat(after(179, 2)).isEqualTo(new Decision.Watch(NOON.plusSeconds(180)));
        assertThat(after(180, 2)).isEqualTo(new Decision.Stable());
    }

    @Test
    void oneFailureBeginsTheTimeAnew() {
        assertThat(after(180, 2, 60)).isEqualTo(new Decision.Watch(NOON.plusSeconds(240)));
        assertThat(after(240, 2, 60)).isEqualTo(new Decision.Stable());
    }

    @Test
    void andNotForEver() {
        assertThat(after(535, 40, 100, 250, 500)).isEqualTo(new Decision.Watch(NOON.plusSeconds(540)));
        assertThat(after(540, 40, 100, 250, 500)).isEqualTo(new Decision.Stable());
    }

    @Test
    void twoFailuresAreTooMany() {
        assertThat(after(90, 2, 30, 80))
                .isEqualTo(
                        new Decision.Unstable(
                                "2 tasks stopped within 80 s after it had been deployed to 2, the last one: Essential container in task exited (web: exit code 1)."));
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 2", "20, 2", "21, 3", "40, 4", "500, 50"})
    void aLargeServiceMayLoseLessThanATenth(int desired, int most) {
        assertThat(StabilityPolicy.maxFailures(desired)).isEqualTo(most);
    }

    @Test
    void aReasonThatEndsWithAFullStopGetsNoSecondOne() {
        Failure killed = new Failure(NOON.plusSeconds(30), "Task failed container health checks.");

        assertThat(StabilityPolicy.decide(new StabilityPolicy.Snapshot(
                        NOON, Duration.ofMinutes(3), 2, List.of(killed, killed), 0, NOON.plusSeconds(40))))
                .isEqualTo(
                        new Decision.Unstable(
                                "2 tasks stopped within 30 s after it had been deployed to 2, the last one: Task failed container health checks."));
    }

    /** It is watched for hours while its last minutes cannot be read. */
    @ParameterizedTest
    @CsvSource({"540, true", "541, false"})
    void failuresFarApartAreNotCountedTogether(int apart, boolean unstable) {
        List<Failure> failures = List.of(
                new Failure(NOON.plusSeconds(60), "It ended."), new Failure(NOON.plusSeconds(60 + apart), "It ended."));

        assertThat(
                        StabilityPolicy.decide(new StabilityPolicy.Snapshot(
                                        NOON, Duration.ofMinutes(3), 2, failures, 0, NOON.plusSeconds(7200)))
                                instanceof Decision.Unstable)
                .isEqualTo(unstable);
    }

    private static Decision unhealthy(int seconds, int desired, int unhealthy) {
        return StabilityPolicy.decide(new StabilityPolicy.Snapshot(
                NOON, Duration.ofMinutes(3), desired, List.of(), unhealthy, NOON.plusSeconds(seconds)));
    }

    /** ECS does not stop them while their grace period lasts. */
    @Test
    void whileTasksFailTheirChecksItIsWatchedOnAndThenRolledBack() {
        assertThat(unhealthy(180, 2, 1)).isEqualTo(new Decision.Watch(NOON.plusSeconds(210)));
        assertThat(unhealthy(530, 2, 2)).isEqualTo(new Decision.Watch(NOON.plusSeconds(540)));
        assertThat(unhealthy(540, 2, 2))
                .isEqualTo(new Decision.Unstable(
                        "2 of 2 tasks fail the load balancer's health check 540 s after it had been deployed."));
        assertThat(unhealthy(540, 1, 1)).isInstanceOf(Decision.Unstable.class);
        assertThat(unhealthy(540, 2, 1)).isEqualTo(new Decision.Stable());
        assertThat(unhealthy(540, 40, 4)).isInstanceOf(Decision.Unstable.class);
    }
}
