package dev.slipway.dora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.dora.DeliveryMetrics.Durations;
import dev.slipway.dora.DeliveryMetrics.FailureRate;
import dev.slipway.dora.DeliveryMetrics.Frequency;
import dev.slipway.dora.DeliveryPolicy.Change;
import dev.slipway.dora.DeliveryPolicy.End;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What counts in the four figures. The period is the ten days after noon. */
class DeliveryPolicyTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static Instant hour(int hours) {
        return NOON.plus(Duration.ofHours(hours));
    }

    /** An hour long, and found to be bad after half of it. */
    private static Change change(int startedAt, boolean rollback, End end, @Nullable Integer committed) {
        return new Change(
                "web",
                rollback,
                end,
                hour(startedAt),
                hour(startedAt + 1),
                committed == null ? null : hour(committed),
                end == End.ROLLED_BACK ? hour(startedAt).plus(Duration.ofMinutes(30)) : null);
    }

    private static DeliveryMetrics metrics(Change... changes) {
        return DeliveryPolicy.metrics("web", "prod", List.of(changes), NOON, NOON.plus(Duration.ofDays(10)), false);
    }

    @Test
    void nothingHasNoFiguresButZero() {
        DeliveryMetrics none = metrics();

        assertThat(none.deploymentFrequency()).isEqualTo(new Frequency(0, 0));
        assertThat(none.leadTime()).isNull();
        assertThat(none.changeFailureRate()).isEqualTo(new FailureRate(0, 0, null));
        assertThat(none.timeToRestore()).isNull();
        assertThat(none.definitions()).hasSize(4);
    }

    @Test
    void whatWentLiveCountsAndItsLeadTimeWhereItsCommitIsKnown() {
        DeliveryMetrics metrics = metrics(
                change(1, false, End.LIVE, 0),
                change(10, false, End.LIVE, 7),
                change(20, false, End.LIVE, 15),
                change(30, false, End.LIVE, null),
                change(40, false, End.CANCELLED, 39));

        assertThat(metrics.deploymentFrequency()).isEqualTo(new Frequency(4, 0.4));
        assertThat(metrics.leadTime()).isEqualTo(new Durations(4 * 3600, 6 * 3600, 3));
        assertThat(metrics.changeFailureRate()).isEqualTo(new FailureRate(0, 4, 0.0));
    }

    @Test
    void whatWasRolledBackFailedAndIsRestoredFromWhenThatWasDecided() {
        DeliveryMetrics metrics = metrics(change(1, false, End.LIVE, null), change(10, false, End.ROLLED_BACK, null));

        assertThat(metrics.changeFailureRate()).isEqualTo(new FailureRate(1, 2, 50.0));
        assertThat(metrics.timeToRestore()).isEqualTo(new Durations(1800, 1800, 1));
    }

    @Test
    void whatWasRolledBackAtAnUnknownTimeFailedAndNoTimeIsGuessed() {
        Change back = new Change("web", false, End.ROLLED_BACK, hour(10), hour(11), null, null);

        assertThat(metrics(change(1, false, End.LIVE, null), back).changeFailureRate())
                .isEqualTo(new FailureRate(1, 2, 50.0));
        assertThat(metrics(back).timeToRestore()).isNull();
    }

    /** It went live, was seen to be bad later, and somebody went back. */
    @Test
    void whatWasGoneBackFromFailedToo() {
        DeliveryMetrics metrics = metrics(
                change(1, false, End.LIVE, null),
                change(10, false, End.LIVE, null),
                change(12, true, End.FAILED, null),
                change(15, true, End.LIVE, null),
                change(20, false, End.LIVE, null));

        assertThat(metrics.deploymentFrequency().deployments()).isEqualTo(3);
        assertThat(metrics.changeFailureRate()).isEqualTo(new FailureRate(1, 3, 33.3));
        assertThat(metrics.timeToRestore()).isEqualTo(new Durations(3600, 3600, 1));
    }

    @Test
    void anotherServicesRollbackIsNone() {
        Change back = new Change("api", true, End.LIVE, hour(11), hour(12), null, null);

        assertThat(metrics(change(1, false, End.LIVE, null), back).changeFailureRate())
                .isEqualTo(new FailureRate(0, 1, 0.0));
    }

    @Test
    void whatEndedBeforeOrAfterThePeriodDoesNotCount() {
        assertThat(metrics(change(-5, false, End.LIVE, null), change(240, false, End.LIVE, null))
                        .deploymentFrequency()
                        .deployments())
                .isZero();
    }
}
