package dev.slipway.rollout;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;

/** CloudWatch with what a test put there: what was not put is missing. A load balancer has what its target groups have, and more. */
final class FakeCloudWatch implements CloudWatchClient {
    /** By dimension and metric: minute and value. */
    private final Map<String, NavigableMap<Instant, Double>> values = new LinkedHashMap<>();

    final List<GetMetricDataRequest> asked = new ArrayList<>();

    /** What a target group did in a minute; {@code answered} with 2xx, the others with 5xx. */
    FakeCloudWatch group(String group, Instant minute, int requests, int answered) {
        put(group + " RequestCount", minute, requests);
        if (answered < requests) {
            put(group + " HTTPCode_Target_5XX_Count", minute, requests - answered);
        }
        return put(group + " HTTPCode_Target_2XX_Count", minute, answered);
    }

    /**
     * Of the other services of the load balancer, or a target group, by the last dimension and the metric's name; with a statistic
     * behind it of that alone.
     */
    FakeCloudWatch put(String what, Instant minute, double value) {
        values.computeIfAbsent(what, key -> new TreeMap<>()).put(minute, value);
        return this;
    }

    /** To what was put there. */
    FakeCloudWatch add(String what, Instant minute, double value) {
        values.computeIfAbsent(what, key -> new TreeMap<>()).merge(minute, value, Double::sum);
        return this;
    }

    @Override
    public GetMetricDataResponse getMetricData(GetMetricDataRequest request) {
        asked.add(request);
        return GetMetricDataResponse.builder()
                .metricDataResults(request.metricDataQueries().stream()
                        .map(query -> result(query, request))
                        .toList())
                .build();
    }

    private MetricDataResult result(MetricDataQuery query, GetMetricDataRequest request) {
        var metric = query.metricStat().metric();
        String of = metric.dimensions().isEmpty()
                ? ""
                : metric.dimensions().getLast().value() + " ";
        String name = metric.metricName();
        String statistic = name + " " + query.metricStat().stat();
        Set<String> names = Set.of(of + name, of + statistic);
        boolean balancer = metric.dimensions().size() == 1;
        Map<Instant, Double> found = new TreeMap<>();
        values.forEach((key, series) -> {
            boolean group = balancer
                    && key.startsWith("targetgroup/")
                    && (key.endsWith(" " + name) || key.endsWith(" " + statistic));
            if (group || names.contains(key)) {
                series.subMap(request.startTime(), request.endTime())
                        .forEach((minute, value) -> found.merge(minute, value, Double::sum));
            }
        });
        return MetricDataResult.builder()
                .id(query.id())
                .timestamps(found.keySet())
                .values(found.values())
                .build();
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
