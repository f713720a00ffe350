package dev.slipway.preflight;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import dev.slipway.verdict.Variation;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;

/**
 * The service's traffic of the last hour, and how much of the Fargate quota is used: one call to CloudWatch.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/monitoring-fargate-usage.html
 */
record PreflightMetrics(TargetGroupMetrics metrics) {
    private static final Duration WINDOW = Duration.ofHours(1);
    /** Older usage says nothing of now. */
    private static final Duration FRESH = Duration.ofMinutes(15);

    /** @param quota null when nothing runs on Fargate, or AWS does not tell the quota */
    record Result(
            PreflightSnapshot.@Nullable Quota quota,
            @Nullable Traffic traffic) {}

    /** @param withTraffic whether the traffic matters */
    Result read(TargetGroups groups, RolloutSettings.VerdictRules rules, boolean withTraffic, Instant now) {
        List<MetricDataQuery> queries = new ArrayList<>();
        List<Dimension> vcpus = List.of(
                dimension("Service", "Fargate"),
                dimension("Type", "Resource"),
                dimension("Resource", "vCPU"),
                dimension("Class", "Standard/OnDemand"));
        queries.add(TargetGroupMetrics.query("used", "AWS/Usage", "ResourceCount", "Maximum", vcpus));
        // The quota of a usage metric: AmazonCloudWatch/latest/monitoring/using-metric-math.html
        queries.add(MetricDataQuery.builder()
                .id("quota")
                .expression("SERVICE_QUOTA(used)")
                .period(TargetGroupMetrics.MINUTE)
                .build());
        if (withTraffic) {
            queries.addAll(TargetGroupMetrics.queries(groups, rules.slowMillis()));
        }
        Instant to = now.truncatedTo(ChronoUnit.MINUTES);
        Instant from = to.minus(WINDOW).minus(TargetGroupMetrics.LAG);
        Map<String, Map<Instant, Double>> values = metrics.values(queries, from, to);
        Double used = newest(values.getOrDefault("used", Map.of()), now);
        Double limit = newest(values.getOrDefault("quota", Map.of()), now);
        TargetGroupMetrics.Minutes minutes = new TargetGroupMetrics.Minutes(Map.of(), values);
        TargetGroupMetrics.Figures figures = minutes.figures(minutes.usual(from, to));
        return new Result(
                used == null || limit == null ? null : new PreflightSnapshot.Quota(used, limit),
                withTraffic
                        ? traffic(
                                figures.live().samples(),
                                figures.candidate().samples(),
                                rules,
                                to.minus(TargetGroupMetrics.LAG))
                        : null);
    }

    private static @Nullable Double newest(Map<Instant, Double> values, Instant now) {
        var last = new TreeMap<>(values).lastEntry();
        return last == null || last.getKey().isBefore(now.minus(FRESH)) ? null : last.getValue();
    }

    /**
     * Since the live release serves alone: before, its target group may have had a part of the traffic only, or another
     * release. Null when that is too recent to tell.
     */
    private static @Nullable Traffic traffic(
            Map<Instant, Sample> live, Map<Instant, Sample> other, RolloutSettings.VerdictRules rules, Instant due) {
        TreeMap<Instant, Sample> known = new TreeMap<>(live);
        if (!other.isEmpty()) {
            known.headMap(new TreeMap<>(other).lastKey(), true).clear();
        }
        known.tailMap(due, true).clear();
        if (known.isEmpty() && !(live.isEmpty() && other.isEmpty())) {
            return null;
        }
        Sample all = known.values().stream().reduce(Sample.NONE, Sample::plus);
        // Minutes without requests have no value; a service that has been there for a while only has none before.
        long span = known.isEmpty()
                ? WINDOW.toMinutes()
                : Duration.between(known.firstKey(), due).toMinutes();
        double slow = rules.slowMillis() == null ? -1 : rate(all.slow(), all.timed());
        List<Sample> minutes = List.copyOf(known.values());
        return new Traffic(
                (double) all.requests() / span,
                rate(all.failures(), all.requests()),
                Variation.ofErrors(minutes),
                slow,
                Variation.ofLatency(minutes));
    }

    private static double rate(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    private static Dimension dimension(String name, String value) {
        return Dimension.builder().name(name).value(value).build();
    }
}
