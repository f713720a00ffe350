package dev.slipway.preflight;

import static dev.slipway.preflight.PreflightFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import dev.slipway.verdict.Variation;
import java.time.Duration;
import java.time.Instant;
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

    /** In each of the last 64 minutes 1,000 requests, of which by turns none and so many fail or are slow. */
    private static Traffic traffic(int failures, int slow) {
        RolloutSettings canary = settings(Strategy.CANARY);
        CloudWatchClient cloudWatch = new CloudWatchClient() {
            @Override
            public GetMetricDataResponse getMetricData(GetMetricDataRequest request) {
                return GetMetricDataResponse.builder()
                        .metricDataResults(request.metricDataQueries().stream()
                                .map(query -> series(query.id(), failures, slow))
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
        return new PreflightMetrics(new TargetGroupMetrics(cloudWatch))
                .read(GROUPS, canary.verdict().withSlowMillis(500), true, NOW)
                .traffic();
    }

    private static MetricDataResult series(String id, int failures, int slow) {
        Map<Instant, Double> values = new TreeMap<>();
        for (int minute = -64; minute < 0; minute++) {
            double often = Math.abs(minute % 2);
            double value = switch (id) {
                case "live_requests", "live_timed" -> 1_000;
                case "live_5XX" -> often * failures;
                case "live_2XX" -> 1_000 - often * failures;
                case "live_slow" -> often * slow;
                default -> 0;
            };
            if (value > 0) {
                values.put(NOW.plus(Duration.ofMinutes(minute)), value);
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
}
