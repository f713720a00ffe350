package dev.slipway.preflight;

import static dev.slipway.preflight.PreflightFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import dev.slipway.verdict.Variation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;

/** What a forecast is told of the hour before. */
class PreflightMetricsTest {
    private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
    private static final TargetGroups GROUPS = new TargetGroups(
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/dev/1",
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-a/1",
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-b/2",
            "rule",
            "http://web",
            "lb");

    /** What a target group did in a minute of the last 64, from −64 to −1; of no requests there are no figures. */
    private interface Served {
        Sample minute(int number);
    }

    private static Sample served(int failures, int slow) {
        return new Sample(1_000, failures, 1_000, slow);
    }

    /** Of 1,000 requests by turns none and so many fail or are slow. */
    private static Traffic traffic(int failures, int slow) {
        return traffic(
                Instant.MIN,
                minute -> served(minute % 2 == 0 ? 0 : failures, minute % 2 == 0 ? 0 : slow),
                minute -> Sample.NONE);
    }

    private static Instant minute(int number) {
        return NOW.plus(Duration.ofMinutes(number));
    }

    private static Traffic traffic(Instant since, Served live, Served other) {
        List<GetMetricDataRequest> asked = new ArrayList<>();
        RolloutSettings canary = settings(Strategy.CANARY);
        CloudWatchClient cloudWatch = new CloudWatchClient() {
            @Override
            public GetMetricDataResponse getMetricData(GetMetricDataRequest request) {
                asked.add(request);
                return GetMetricDataResponse.builder()
                        .metricDataResults(request.metricDataQueries().stream()
                                .map(query -> series(query.id(), live, other))
                                .toList())
                        .build();
            }

            @Override
            public String serviceName() {
                return SERVICE_NAME;
            }

            @Override
            public void close() {}
        };
        Traffic traffic = new PreflightMetrics(new TargetGroupMetrics(cloudWatch))
                .read(GROUPS, canary.verdict().withSlowMillis(500), since, NOW)
                .traffic();
        assertThat(asked).hasSize(1);
        return traffic;
    }

    private static MetricDataResult series(String id, Served live, Served other) {
        Map<Instant, Double> values = new TreeMap<>();
        for (int minute = -64; minute < 0; minute++) {
            Sample sample = id.startsWith("live_")
                    ? live.minute(minute)
                    : id.startsWith("candidate_")
                            ? other.minute(minute)
                            : live.minute(minute).plus(other.minute(minute));
            double value = switch (id.substring(id.indexOf('_') + 1)) {
                case "requests" -> sample.requests();
                case "timed" -> sample.timed();
                case "5XX" -> sample.failures();
                case "2XX" -> sample.requests() - sample.failures();
                case "slow" -> sample.slow();
                default -> 0;
            };
            if (value > 0) {
                values.put(minute(minute), value);
            }
        }
        return MetricDataResult.builder()
                .id(id)
                .timestamps(List.copyOf(values.keySet()))
                .values(List.copyOf(values.values()))
                .build();
    }

    @Test
    void failuresThatComeInBunchesAreToldAsSuch() {
        Traffic errors = traffic(40, 0);
        Traffic slow = traffic(0, 40);

        assertThat(errors.requestsPerMinute()).isEqualTo(1_000);
        assertThat(errors.errorRate()).isEqualTo(0.02);
        assertThat(errors.errorVariation().dispersion()).isGreaterThan(20);
        assertThat(errors.slowVariation()).isEqualTo(Variation.NONE);
        assertThat(slow.slowRate()).isEqualTo(0.02);
        assertThat(slow.slowVariation().dispersion()).isGreaterThan(20);
        assertThat(slow.errorVariation()).isEqualTo(Variation.NONE);
    }

    /** As the watch has it: while the live release's own minutes are few, what served before tells how failures bunch, but not how many there are. */
    @Test
    void ofAYoungReleaseWhateverServedBeforeTellsHowFailuresBunch() {
        Served live = minute -> minute < -20 ? Sample.NONE : served(1, 1);
        Served other =
                minute -> minute >= -20 ? Sample.NONE : served(minute % 2 == 0 ? 0 : 40, minute % 2 == 0 ? 40 : 0);

        Traffic young = traffic(minute(-20), live, other);

        assertThat(young.requestsPerMinute()).as("of whatever release").isEqualTo(1_000);
        assertThat(young.errorRate()).isEqualTo(0.001);
        assertThat(young.errorVariation().dispersion()).isGreaterThan(15);
        assertThat(young.errorVariation().assumed()).isFalse();
        assertThat(young.slowRate()).isEqualTo(0.001);
        assertThat(young.slowVariation().dispersion()).isGreaterThan(15);
        assertThat(young.later().minutes()).as("16 of its own are known").isEqualTo(45 - 16);
        assertThat(young.later().traffic().requestsPerMinute()).isEqualTo(1_000);
        assertThat(young.later().traffic().errorRate()).isEqualTo(0.001);
        assertThat(young.later().traffic().errorVariation().dispersion()).isEqualTo(1);
    }

    /** A worse release was in the same target group before. */
    @Test
    void ofAReleaseThatIsOldEnoughItsOwnMinutesTell() {
        Served live = minute -> served(minute < -50 && minute % 3 == 0 ? 400 : 1, 0);

        Traffic old = traffic(minute(-50), live, minute -> Sample.NONE);

        assertThat(old.errorRate()).isEqualTo(0.001);
        assertThat(old.errorVariation()).isEqualTo(Variation.NONE);
        assertThat(old.later()).isNull();
        assertThat(traffic(minute(-20), live, minute -> Sample.NONE).errorVariation())
                .isNotEqualTo(Variation.NONE);
    }

    /** Its first minutes have not come yet: what served before is the best that there is. */
    @Test
    void ofAReleaseWithoutMinutesOfItsOwnWhatServedBeforeTells() {
        Traffic fresh = traffic(
                minute(-3),
                minute -> minute < -3 ? Sample.NONE : served(0, 0),
                minute -> minute < -3 ? served(20, 0) : Sample.NONE);

        assertThat(fresh.requestsPerMinute()).isEqualTo(1_000);
        assertThat(fresh.errorRate()).isEqualTo(0.02);
    }

    @Test
    void ofAServiceWhoseFirstMinutesHaveNotComeNothingIsKnown() {
        assertThat(traffic(minute(-3), minute -> minute < -3 ? Sample.NONE : served(0, 0), minute -> Sample.NONE))
                .isNull();
        assertThat(traffic(minute(-30), minute -> Sample.NONE, minute -> Sample.NONE)
                        .requestsPerMinute())
                .isZero();
    }
}
