package dev.slipway.simulated;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;

/** What PutMetricData brought. */
final class CwCustomMetrics implements CwSource {
    /** PutMetricData: "up to 150 values", "up to 1000 different metrics", two weeks back, two hours ahead. */
    private static final int MOST_VALUES = 150;

    private static final int MOST_METRICS = 1000;
    private static final Duration OLDEST = Duration.ofDays(14);
    private static final Duration NEWEST = Duration.ofHours(2);

    private final SimulatedAws aws;
    private final Map<CwMetric, NavigableMap<Long, CwValues>> data = new LinkedHashMap<>();

    CwCustomMetrics(SimulatedAws aws) {
        this.aws = aws;
    }

    @Override
    public @Nullable CwValues minute(CwMetric metric, long start) {
        NavigableMap<Long, CwValues> minutes = data.get(metric);
        return minutes == null ? null : minutes.get(start);
    }

    void put(PutMetricDataRequest request) {
        if (request.namespace() == null || request.namespace().isEmpty()) {
            throw CwErrors.missing("Namespace");
        }
        if (request.namespace().startsWith("AWS/")) {
            throw CwErrors.invalid("The value AWS/ for parameter Namespace is invalid.");
        }
        if (request.metricData().isEmpty()) {
            throw CwErrors.missing("MetricData");
        }
        if (request.metricData().size() > MOST_METRICS) {
            throw CwErrors.invalid("The collection MetricData must not have a size greater than 1000.");
        }
        request.metricData().forEach(this::check);
        request.metricData().forEach(datum -> put(request.namespace(), datum));
    }

    private void check(MetricDatum datum) {
        if (datum.metricName() == null || datum.metricName().isEmpty()) {
            throw CwErrors.missing("MetricData.member.1.MetricName");
        }
        int given = (datum.value() == null ? 0 : 1)
                + (datum.values().isEmpty() ? 0 : 1)
                + (datum.statisticValues() == null ? 0 : 1);
        if (given > 1) {
            throw CwErrors.combination(
                    "The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive and you have specified both.");
        }
        if (given == 0) {
            throw CwErrors.missing("MetricData.member.1.Value");
        }
        if (datum.values().size() > MOST_VALUES) {
            throw CwErrors.invalid("The collection MetricData.member.1.Values must not have a size greater than 150.");
        }
        if (!datum.counts().isEmpty() && datum.counts().size() != datum.values().size()) {
            throw CwErrors.invalid(
                    "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.");
        }
        Instant now = aws.timeline().instant();
        Instant at = datum.timestamp() == null ? now : datum.timestamp();
        if (at.isBefore(now.minus(OLDEST)) || at.isAfter(now.plus(NEWEST))) {
            throw CwErrors.invalid(
                    "The value %s for parameter MetricData.member.1.Timestamp must be specified within two weeks before the current UTC date and time."
                            .formatted(at));
        }
    }

    private void put(String namespace, MetricDatum datum) {
        Instant at = datum.timestamp() == null ? aws.timeline().instant() : datum.timestamp();
        long minute = at.getEpochSecond() / 60 * 60_000;
        CwMetric metric = CwMetric.of(namespace, datum.metricName(), datum.dimensions());
        CwValues values =
                data.computeIfAbsent(metric, key -> new TreeMap<>()).computeIfAbsent(minute, key -> new CwValues());
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
            values.add(CwValues.ofStatistics(set.minimum(), set.maximum(), set.sum(), set.sampleCount()));
        }
    }
}
