package dev.slipway.rollout;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;

/** CloudWatch with what a test put there: what was not put is missing. A load balancer has what its target groups have, and more. */
final class FakeCloudWatch implements CloudWatchClient {
    /** By dimension and metric: minute and value. */
    private final Map<String, Map<Instant, Double>> values = new LinkedHashMap<>();

    final List<GetMetricDataRequest> asked = new ArrayList<>();

    /** What a target group did in a minute; {@code answered} with 2xx, the others with 5xx. */
    FakeCloudWatch group(String group, Instant minute, int requests, int answered) {
        put(group + " RequestCount", minute, requests);
        if (answered < requests) {
            put(group + " HTTPCode_Target_5XX_Count", minute, requests - answered);
        }
        return put(group + " HTTPCode_Target_2XX_Count", minute, answered);
    }

    /** Of the other services of the load balancer, or a target group, by the last dimension and the metric's name. */
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
        String name = metric.dimensions().isEmpty()
                ? metric.metricName()
                : metric.dimensions().getLast().value() + " " + metric.metricName();
        Map<Instant, Double> found = new TreeMap<>();
        if (metric.dimensions().size() == 1) {
            values.forEach((of, series) -> {
                if (of.startsWith("targetgroup/") && of.endsWith(" " + metric.metricName())) {
                    series.forEach((minute, value) -> found.merge(minute, value, Double::sum));
                }
            });
        }
        values.getOrDefault(name, Map.of()).forEach((minute, value) -> found.merge(minute, value, Double::sum));
        found.keySet().removeIf(minute -> minute.isBefore(request.startTime()) || !minute.isBefore(request.endTime()));
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
