package dev.slipway.deployment;

import dev.slipway.verdict.Sample;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;

/**
 * What target groups did, minute by minute, from CloudWatch: one call for all. Failures are the target's own 5xx, and
 * what the load balancer answered in its place after a crash or a timeout. The latter CloudWatch counts by load balancer only, so of
 * the requests without an answer of the target so many are failures as the load balancer has answered with 5xx. The rest are answers
 * that are late, connections that were upgraded (101), or that clients have closed (460): no failures. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
public final class TargetGroupMetrics {
    /**
     * Metrics of the load balancer come one to three minutes after their minute has ended, and not all at once: with
     * requests counted and answers not yet, every request would look failed. A minute is used when it began so long ago.
     */
    public static final Duration LAG = Duration.ofMinutes(4);

    private static final String NAMESPACE = "AWS/ApplicationELB";
    public static final int MINUTE = 60;

    private final CloudWatchClient cloudWatch;

    public TargetGroupMetrics(CloudWatchClient cloudWatch) {
        this.cloudWatch = cloudWatch;
    }

    /**
     * By start of minute; a minute without a value is not there.
     *
     * @param custom the user's metrics by name
     * @param balancer of all target groups of the load balancer; empty where it was not asked for
     */
    public record Minutes(
            Group live, Group candidate, Map<String, Map<Instant, Double>> custom, Map<Instant, Sample> balancer) {
        /** What the other services of the load balancer did; null if unknown. */
        public @Nullable Sample neighbours(Instant minute) {
            Sample all = balancer.get(minute);
            return all == null
                    ? null
                    : all.minus(live.samples().getOrDefault(minute, Sample.NONE))
                            .minus(candidate.samples().getOrDefault(minute, Sample.NONE));
        }
    }

    /**
     * One target group.
     *
     * @param incomplete minutes in which requests have neither an answer nor a failure so far
     */
    public record Group(Map<Instant, Sample> samples, Set<Instant> incomplete) {
        /** Whether figures may still come. */
        public boolean isLate(Instant minute) {
            return !samples.containsKey(minute) || incomplete.contains(minute);
        }
    }

    /**
     * Minutes that start in {@code from} (inclusive) to {@code to} (exclusive), both full minutes.
     *
     * @param neighbours whether the other services of the load balancer are looked at, too
     */
    public Minutes read(
            TargetGroups groups, RolloutSettings.VerdictRules rules, boolean neighbours, Instant from, Instant to) {
        List<MetricDataQuery> queries = new ArrayList<>();
        queries.addAll(group("live", groups.loadBalancer(), groups.live(), rules.slowMillis()));
        queries.addAll(group("candidate", groups.loadBalancer(), groups.candidate(), rules.slowMillis()));
        if (neighbours) {
            queries.addAll(all(List.of(balancer(groups.loadBalancer())), rules.slowMillis()));
        }
        for (int i = 0; i < rules.metrics().size(); i++) {
            queries.add(customQuery("own" + i, rules.metrics().get(i)));
        }
        Map<String, Map<Instant, Double>> values = values(queries, from, to);
        Map<String, Map<Instant, Double>> own = new HashMap<>();
        for (int i = 0; i < rules.metrics().size(); i++) {
            own.put(rules.metrics().get(i).name(), values.getOrDefault("own" + i, Map.of()));
        }
        return new Minutes(groupOf("live", values), groupOf("candidate", values), own, balancer(values));
    }

    public Map<String, Map<Instant, Double>> values(List<MetricDataQuery> queries, Instant from, Instant to) {
        Map<String, Map<Instant, Double>> values = new HashMap<>();
        GetMetricDataRequest request = GetMetricDataRequest.builder()
                .metricDataQueries(queries)
                .startTime(from)
                .endTime(to)
                .build();
        for (MetricDataResult result :
                cloudWatch.getMetricDataPaginator(request).metricDataResults()) {
            Map<Instant, Double> series = values.computeIfAbsent(result.id(), id -> new TreeMap<>());
            for (int i = 0; i < result.timestamps().size(); i++) {
                series.put(result.timestamps().get(i), result.values().get(i));
            }
        }
        return values;
    }

    public static List<MetricDataQuery> group(
            String prefix, String balancer, String group, @Nullable Integer slowMillis) {
        Dimension ofBalancer = balancer(balancer);
        List<Dimension> dimensions =
                List.of(ofBalancer, dimension("TargetGroup", group.substring(group.lastIndexOf(':') + 1)));
        List<MetricDataQuery> queries = new ArrayList<>();
        queries.add(query(prefix + "_requests", "RequestCount", "Sum", dimensions));
        for (String codes : List.of("2XX", "3XX", "4XX", "5XX")) {
            queries.add(query(prefix + "_" + codes, "HTTPCode_Target_%s_Count".formatted(codes), "Sum", dimensions));
        }
        queries.add(query(prefix + "_balancer", "HTTPCode_ELB_5XX_Count", "Sum", List.of(ofBalancer)));
        queries.addAll(times(prefix, dimensions, slowMillis));
        return queries;
    }

    /** Of the whole load balancer: as few as tell how much of it fails. Its own 5xx are asked for already. */
    private static List<MetricDataQuery> all(List<Dimension> balancer, @Nullable Integer slowMillis) {
        List<MetricDataQuery> queries = new ArrayList<>();
        queries.add(query("all_requests", "RequestCount", "Sum", balancer));
        queries.add(query("all_5XX", "HTTPCode_Target_5XX_Count", "Sum", balancer));
        queries.addAll(times("all", balancer, slowMillis));
        return queries;
    }

    private static Map<Instant, Sample> balancer(Map<String, Map<Instant, Double>> values) {
        Map<Instant, Sample> samples = new TreeMap<>();
        values.getOrDefault("all_requests", Map.of())
                .forEach((minute, requests) -> samples.put(
                        minute,
                        new Sample(
                                Math.round(requests),
                                count(values, "all_5XX", minute) + count(values, "live_balancer", minute),
                                count(values, "all_timed", minute),
                                count(values, "all_slow", minute),
                                count(values, "all_tail", minute))));
        return samples;
    }

    private static Dimension balancer(String arn) {
        return dimension("LoadBalancer", arn.substring(arn.indexOf(":loadbalancer/") + ":loadbalancer/".length()));
    }

    private static List<MetricDataQuery> times(
            String prefix, List<Dimension> dimensions, @Nullable Integer slowMillis) {
        List<MetricDataQuery> queries = new ArrayList<>();
        if (slowMillis != null) {
            queries.add(query(prefix + "_timed", "TargetResponseTime", "SampleCount", dimensions));
            queries.add(query(prefix + "_slow", "TargetResponseTime", beyond(slowMillis), dimensions));
            queries.add(query(prefix + "_tail", "TargetResponseTime", beyond(2 * slowMillis), dimensions));
        }
        return queries;
    }

    /** How many took longer. */
    private static String beyond(int millis) {
        return "TC(%s:)"
                .formatted(BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString());
    }

    private static MetricDataQuery query(String id, String metric, String statistic, List<Dimension> dimensions) {
        return query(id, NAMESPACE, metric, statistic, dimensions);
    }

    /** The query of a metric of the user's own. */
    public static MetricDataQuery customQuery(String id, RolloutSettings.VerdictRules.Metric metric) {
        List<Dimension> dimensions = metric.dimensions().entrySet().stream()
                .map(entry -> dimension(entry.getKey(), entry.getValue()))
                .toList();
        return query(id, metric.namespace(), metric.metric(), metric.statistic(), dimensions);
    }

    public static MetricDataQuery query(
            String id, String namespace, String metric, String statistic, List<Dimension> dimensions) {
        return MetricDataQuery.builder()
                .id(id)
                .metricStat(MetricStat.builder()
                        .metric(Metric.builder()
                                .namespace(namespace)
                                .metricName(metric)
                                .dimensions(dimensions)
                                .build())
                        .period(MINUTE)
                        .stat(statistic)
                        .build())
                .build();
    }

    private static Dimension dimension(String name, String value) {
        return Dimension.builder().name(name).value(value).build();
    }

    /** A minute with a request count; what else has no value then is zero. */
    public static Map<Instant, Sample> samples(String prefix, Map<String, Map<Instant, Double>> values) {
        return groupOf(prefix, values).samples();
    }

    private static Group groupOf(String prefix, Map<String, Map<Instant, Double>> values) {
        Map<Instant, Sample> samples = new TreeMap<>();
        Set<Instant> incomplete = new HashSet<>();
        values.getOrDefault(prefix + "_requests", Map.of()).forEach((minute, requests) -> {
            long all = Math.round(requests);
            long failed = count(values, prefix + "_5XX", minute);
            long answered = failed;
            for (String codes : List.of("_2XX", "_3XX", "_4XX")) {
                answered += count(values, prefix + codes, minute);
            }
            long inItsPlace = Math.clamp(all - answered, 0, count(values, prefix + "_balancer", minute));
            if (answered + inItsPlace < all) {
                incomplete.add(minute);
                if (answered + inItsPlace == 0) {
                    return; // not a single figure but the requests: nothing is known of them
                }
            }
            samples.put(
                    minute,
                    new Sample(
                            all,
                            failed + inItsPlace,
                            count(values, prefix + "_timed", minute),
                            count(values, prefix + "_slow", minute),
                            count(values, prefix + "_tail", minute)));
        });
        return new Group(samples, incomplete);
    }

    private static long count(Map<String, Map<Instant, Double>> values, String id, Instant minute) {
        return Math.round(values.getOrDefault(id, Map.of()).getOrDefault(minute, 0.0));
    }
}
