package dev.slipway.simulated.cloudwatch;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/** An alarm on a metric or on metric math, and its state. */
final class SimulatedAlarm {
    private static final String AWS = "AWS/";
    /** After so long AWS's own metrics are complete. */
    private static final long LATEST = 240_000;

    final PutMetricAlarmRequest settings;
    final String arn;
    final Instant configuredAt;
    private final NavigableMap<Long, Double> settled = new TreeMap<>();
    private long settledUntil = Long.MIN_VALUE;
    StateValue state;
    String reason;
    Instant changedAt;

    SimulatedAlarm(PutMetricAlarmRequest settings, String arn, StateValue state, String reason, Instant now) {
        this.settings = settings;
        this.arn = arn;
        this.configuredAt = now;
        this.state = state;
        this.reason = reason;
        this.changedAt = now;
    }

    /** "Exactly one of them sets ReturnData to true": what the alarm is on. */
    static Optional<MetricDataQuery> watched(PutMetricAlarmRequest settings) {
        List<MetricDataQuery> returned = settings.metrics().stream()
                .filter(query -> !Boolean.FALSE.equals(query.returnData()))
                .toList();
        return returned.size() == 1 ? Optional.of(returned.getFirst()) : Optional.empty();
    }

    /** The data points from a time on; those that nothing changes any more are computed once. */
    NavigableMap<Long, Double> series(MetricData data, long from, long to, long now) {
        long period = periodMillis();
        settled.headMap(from).clear();
        long unknown = Math.max(from, settledUntil);
        NavigableMap<Long, Double> series = new TreeMap<>(settled.subMap(from, to));
        NavigableMap<Long, Double> computed = computed(data, unknown, to);
        series.putAll(computed);
        if (isOfAws()) {
            long late = Math.max(unknown, (now - LATEST) / period * period - period);
            settled.putAll(computed.headMap(late));
            settledUntil = Math.min(to, late);
        }
        return series;
    }

    /** Others than AWS may measure the past. */
    private boolean isOfAws() {
        return settings.metrics().isEmpty()
                ? settings.namespace().startsWith(AWS)
                : settings.metrics().stream()
                        .filter(query -> query.metricStat() != null)
                        .allMatch(
                                query -> query.metricStat().metric().namespace().startsWith(AWS));
    }

    private NavigableMap<Long, Double> computed(MetricData data, long from, long to) {
        if (settings.metrics().isEmpty()) {
            return data.series(
                    MetricName.of(settings.namespace(), settings.metricName(), settings.dimensions()),
                    MetricStatistic.named(
                            settings.statistic() != null ? settings.statisticAsString() : settings.extendedStatistic()),
                    from,
                    to,
                    periodMillis());
        }
        Map<String, MetricDataQuery> all = new LinkedHashMap<>();
        settings.metrics().forEach(query -> all.put(query.id(), query));
        return MetricQueries.series(watched(settings).orElseThrow(), all, id -> {
            MetricStat stat = Objects.requireNonNull(all.get(id)).metricStat();
            return data.series(
                    MetricName.of(
                            stat.metric().namespace(),
                            stat.metric().metricName(),
                            stat.metric().dimensions()),
                    MetricStatistic.named(stat.stat()),
                    from,
                    to,
                    periodMillis());
        });
    }

    long periodMillis() {
        return 1000L
                * (settings.metrics().isEmpty()
                        ? settings.period()
                        : settings.metrics().stream()
                                .filter(query -> query.metricStat() != null)
                                .mapToInt(query -> query.metricStat().period())
                                .findFirst()
                                .orElse(60));
    }

    /** "If omitted, it is the same as EvaluationPeriods." */
    int datapointsToAlarm() {
        return Objects.requireNonNullElse(settings.datapointsToAlarm(), settings.evaluationPeriods());
    }

    String treatMissingData() {
        return Objects.requireNonNullElse(settings.treatMissingData(), "missing");
    }

    boolean breaches(double value) {
        double threshold = settings.threshold();
        return switch (settings.comparisonOperator()) {
            case GREATER_THAN_OR_EQUAL_TO_THRESHOLD -> value >= threshold;
            case GREATER_THAN_THRESHOLD -> value > threshold;
            case LESS_THAN_THRESHOLD -> value < threshold;
            case LESS_THAN_OR_EQUAL_TO_THRESHOLD -> value <= threshold;
            default ->
                throw new IllegalStateException("checked when it was put: " + settings.comparisonOperatorAsString());
        };
    }

    MetricAlarm view() {
        return MetricAlarm.builder()
                .alarmName(settings.alarmName())
                .alarmArn(arn)
                .alarmDescription(settings.alarmDescription())
                .alarmConfigurationUpdatedTimestamp(configuredAt)
                .actionsEnabled(!Boolean.FALSE.equals(settings.actionsEnabled()))
                .okActions(settings.okActions())
                .alarmActions(settings.alarmActions())
                .insufficientDataActions(settings.insufficientDataActions())
                .stateValue(state)
                .stateReason(reason)
                .stateUpdatedTimestamp(changedAt)
                .stateTransitionedTimestamp(changedAt)
                .metrics(settings.metrics())
                .metricName(settings.metricName())
                .namespace(settings.namespace())
                .statistic(settings.statistic())
                .extendedStatistic(settings.extendedStatistic())
                .dimensions(settings.dimensions())
                .period(settings.period())
                .unit(settings.unit())
                .evaluationPeriods(settings.evaluationPeriods())
                .datapointsToAlarm(settings.datapointsToAlarm())
                .threshold(settings.threshold())
                .comparisonOperator(settings.comparisonOperator())
                .treatMissingData(settings.treatMissingData())
                .build();
    }
}
