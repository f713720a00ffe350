package dev.slipway.simulated.cloudwatch;

import dev.slipway.simulated.aws.SimulatedAws;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;

/** What PutMetricData brought, and what somebody has measured who is nobody here. */
final class CustomMetrics implements MetricSource {
    /** PutMetricData: "up to 150 values", "up to 1000 different metrics", two weeks back, two hours ahead. */
    private static final int MOST_VALUES = 150;

    private static final int MOST_METRICS = 1000;
    private static final Duration OLDEST = Duration.ofDays(14);
    private static final Duration NEWEST = Duration.ofHours(2);

    private final SimulatedAws aws;
    private final Map<MetricName, NavigableMap<Long, MetricSamples>> data = new LinkedHashMap<>();

    CustomMetrics(SimulatedAws aws) {
        this.aws = aws;
    }

    @Override
    public @Nullable MetricSamples minute(MetricName metric, long start) {
        NavigableMap<Long, MetricSamples> minutes = data.get(metric);
        return minutes == null ? null : minutes.get(start);
    }

    void put(PutMetricDataRequest request) {
        if (request.namespace() == null || request.namespace().isEmpty()) {
            throw CloudWatchErrors.missing("Namespace");
        }
        if (request.namespace().startsWith("AWS/")) {
            throw CloudWatchErrors.invalid("The value AWS/ for parameter Namespace is invalid.");
        }
        if (request.metricData().isEmpty()) {
            throw CloudWatchErrors.missing("MetricData");
        }
        if (request.metricData().size() > MOST_METRICS) {
            throw CloudWatchErrors.invalid("The collection MetricData must not have a size greater than 1000.");
        }
        request.metricData().forEach(this::check);
        request.metricData().forEach(datum -> put(request.namespace(), datum));
    }

    /** A data point that is not a caller's. */
    void measure(String namespace, String name, Map<String, String> dimensions, double value) {
        put(
                namespace,
                MetricDatum.builder()
                        .metricName(name)
                        .dimensions(dimensions.entrySet().stream()
                                .map(entry -> Dimension.builder()
                                        .name(entry.getKey())
                                        .value(entry.getValue())
                                        .build())
                                .toList())
                        .value(value)
                        .build());
    }

    private void check(MetricDatum datum) {
        if (datum.metricName() == null || datum.metricName().isEmpty()) {
            throw CloudWatchErrors.missing("MetricData.member.1.MetricName");
        }
        int given = (datum.value() == null ? 0 : 1)
                + (datum.values().isEmpty() ? 0 : 1)
                + (datum.statisticValues() == null ? 0 : 1);
        if (given > 1) {
            throw CloudWatchErrors.combination(
                    "The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive and you have specified both.");
        }
        if (given == 0) {
            throw CloudWatchErrors.missing("MetricData.member.1.Value");
        }
        if (datum.values().size() > MOST_VALUES) {
            throw CloudWatchErrors.invalid(
                    "The collection MetricData.member.1.Values must not have a size greater than 150.");
        }
        if (!datum.counts().isEmpty() && datum.counts().size() != datum.values().size()) {
            throw CloudWatchErrors.invalid(
                    "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.");
        }
        Instant now = aws.clock().instant();
        Instant at = datum.timestamp() == null ? now : datum.timestamp();
        if (at.isBefore(now.minus(OLDEST)) || at.isAfter(now.plus(NEWEST))) {
            throw CloudWatchErrors.invalid(
                    "The value %s for parameter MetricData.member.1.Timestamp must be specified within two weeks before the current UTC date and time."
                            .formatted(at));
        }
    }

    private void put(String namespace, MetricDatum datum) {
        Instant at = datum.timestamp() == null ? aws.clock().instant() : datum.timestamp();
        long minute = at.getEpochSecond() / 60 * 60_000;
        MetricName metric = MetricName.of(namespace, datum.metricName(), datum.dimensions());
        MetricSamples values = data.computeIfAbsent(metric, key -> new TreeMap<>())
                .computeIfAbsent(minute, key -> new MetricSamples());
        if (datum.value() != null) {
            values.add(datum.value(), 1);
        }
        for (int i = 0; i < datum.values().size(); i++) {
            values.add(
                    datum.values().get(i),
                    datum.counts().isEmpty() ? 1 : datum.counts().get(i));
        }
        if (datum.statisticValues() != null) {
            var set = datum.statisticValues();
            values.add(MetricSamples.ofStatistics(set.minimum(), set.maximum(), set.sum(), set.sampleCount()));
        }
    }
}
