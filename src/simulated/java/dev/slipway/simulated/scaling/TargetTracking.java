package dev.slipway.simulated.scaling;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import software.amazon.awssdk.services.applicationautoscaling.model.MetricType;
import software.amazon.awssdk.services.applicationautoscaling.model.PutScalingPolicyRequest;
import software.amazon.awssdk.services.applicationautoscaling.model.TargetTrackingMetricDataQuery;
import software.amazon.awssdk.services.applicationautoscaling.model.TargetTrackingScalingPolicyConfiguration;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;

/**
 * What target tracking wants ("How target tracking scaling for Application Auto Scaling works"): it scales out when the metric is
 * above the target for three minutes, and in when it is below nine tenths of it for fifteen (assumed; the alarms that it makes show
 * it), each time in proportion. With insufficient data it does neither.
 */
final class TargetTracking {
    private static final int MINUTE = 60;
    private static final int MINUTES_ABOVE = 3;
    private static final int MINUTES_BELOW = 15;
    private static final double SLACK = 0.9;
    /** Data points come up to three minutes late: so many minutes more are looked at. */
    private static final int LATE = 4;

    private final CloudWatchClient cloudWatch;

    TargetTracking(CloudWatchClient cloudWatch) {
        this.cloudWatch = cloudWatch;
    }

    /** How many tasks one policy wants where there are {@code current}; empty when it cannot tell. */
    OptionalInt wanted(ScaledService target, PutScalingPolicyRequest policy, int current, Instant now) {
        TargetTrackingScalingPolicyConfiguration settings = policy.targetTrackingScalingPolicyConfiguration();
        NavigableMap<Instant, Double> series = series(target, settings, now);
        if (series.isEmpty() || current == 0) {
            return OptionalInt.empty();
        }
        double goal = settings.targetValue();
        List<Double> newest = new ArrayList<>(series.descendingMap().values());
        boolean above = newest.size() >= MINUTES_ABOVE
                && newest.subList(0, MINUTES_ABOVE).stream().allMatch(value -> value > goal);
        boolean below = newest.size() >= MINUTES_BELOW
                && newest.subList(0, MINUTES_BELOW).stream().allMatch(value -> value < goal * SLACK);
        if (newest.size() < MINUTES_ABOVE) {
            return OptionalInt.empty();
        }
        int proportional = (int) Math.ceil(current * newest.getFirst() / goal - 1e-9);
        if (above) {
            return OptionalInt.of(Math.max(proportional, current + 1));
        }
        return OptionalInt.of(below ? Math.min(proportional, current - 1) : current);
    }

    private NavigableMap<Instant, Double> series(
            ScaledService target, TargetTrackingScalingPolicyConfiguration settings, Instant now) {
        GetMetricDataRequest request = GetMetricDataRequest.builder()
                .startTime(now.minusSeconds((long) MINUTE * (MINUTES_BELOW + LATE)))
                .endTime(now)
                .metricDataQueries(queries(target, settings))
                .build();
        MetricDataResult result =
                cloudWatch.getMetricData(request).metricDataResults().getFirst();
        NavigableMap<Instant, Double> series = new TreeMap<>();
        for (int at = 0; at < result.timestamps().size(); at++) {
            series.put(result.timestamps().get(at), result.values().get(at));
        }
        return series;
    }

    private static List<MetricDataQuery> queries(
            ScaledService target, TargetTrackingScalingPolicyConfiguration settings) {
        if (settings.predefinedMetricSpecification() != null) {
            String name = settings.predefinedMetricSpecification().predefinedMetricType()
                            == MetricType.ECS_SERVICE_AVERAGE_MEMORY_UTILIZATION
                    ? "MemoryUtilization"
                    : "CPUUtilization";
            return List.of(query(
                    "m",
                    "AWS/ECS",
                    name,
                    "Average",
                    List.of(dimension("ClusterName", target.cluster()), dimension("ServiceName", target.service()))));
        }
        return settings.customizedMetricSpecification().metrics().stream()
                .map(TargetTracking::query)
                .toList();
    }

    private static MetricDataQuery query(TargetTrackingMetricDataQuery found) {
        MetricDataQuery query = found.expression() != null
                ? MetricDataQuery.builder()
                        .id(found.id())
                        .expression(found.expression())
                        .build()
                : query(
                        found.id(),
                        found.metricStat().metric().namespace(),
                        found.metricStat().metric().metricName(),
                        found.metricStat().stat(),
                        found.metricStat().metric().dimensions().stream()
                                .map(dimension -> dimension(dimension.name(), dimension.value()))
                                .toList());
        return query.toBuilder().returnData(found.returnData()).build();
    }

    private static Dimension dimension(String name, String value) {
        return Dimension.builder().name(name).value(value).build();
    }

    private static MetricDataQuery query(
            String id, String namespace, String name, String statistic, List<Dimension> dimensions) {
        return MetricDataQuery.builder()
                .id(id)
                .metricStat(MetricStat.builder()
                        .metric(Metric.builder()
                                .namespace(namespace)
                                .metricName(name)
                                .dimensions(dimensions)
                                .build())
                        .period(MINUTE)
                        .stat(statistic)
                        .build())
                .build();
    }
}
