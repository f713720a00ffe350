package dev.slipway.preflight;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.verdict.BaselineHistory;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.SampleSizeEstimate.Later;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import dev.slipway.verdict.Variation;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
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

    /** @param since when the live target group has been the live release's alone; null where the traffic does not matter */
    Result read(TargetGroups groups, RolloutSettings.VerdictRules rules, @Nullable Instant since, Instant now) {
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
        if (since != null) {
            queries.addAll(TargetGroupMetrics.queries(groups, rules.slowMillis()));
        }
        Instant to = now.truncatedTo(ChronoUnit.MINUTES);
        Instant from = to.minus(WINDOW).minus(TargetGroupMetrics.LAG);
        Map<String, Map<Instant, Double>> values = metrics.values(queries, from, to);
        Double used = newest(values.getOrDefault("used", Map.of()), now);
        Double limit = newest(values.getOrDefault("quota", Map.of()), now);
        return new Result(
                used == null || limit == null ? null : new PreflightSnapshot.Quota(used, limit),
                since == null
                        ? null
                        : traffic(
                                new TargetGroupMetrics.Minutes(Map.of(), values),
                                since,
                                rules,
                                to.minus(TargetGroupMetrics.LAG)));
    }

    private static @Nullable Double newest(Map<Instant, Double> values, Instant now) {
        var last = new TreeMap<>(values).lastEntry();
        return last == null || last.getKey().isBefore(now.minus(FRESH)) ? null : last.getValue();
    }

    /**
     * That of the whole service; how much fails, and how much that varies, as the watch will know it. Null when it is too recent to tell.
     *
     * @param due the end of the minutes that are known
     */
    private static @Nullable Traffic traffic(
            TargetGroupMetrics.Minutes minutes, Instant since, RolloutSettings.VerdictRules rules, Instant due) {
        TargetGroupMetrics.Figures figures = minutes.figures(minutes.usual(since, due));
        TreeMap<Instant, Sample> all = new TreeMap<>(figures.live().samples());
        figures.candidate().samples().forEach((minute, sample) -> all.merge(minute, sample, Sample::plus));
        SortedMap<Instant, Sample> known = all.headMap(due);
        if (known.isEmpty() && !all.isEmpty()) {
            return null;
        }
        Sample sum = known.values().stream().reduce(Sample.NONE, Sample::plus);
        // Minutes without requests have no value; a service that has been there for a while only has none before.
        long span = known.isEmpty()
                ? WINDOW.toMinutes()
                : Duration.between(known.firstKey(), due).toMinutes();
        double perMinute = (double) sum.requests() / span;
        BaselineHistory whole = figures.before(since, due);
        int others = whole.minutes().size() - whole.own();
        BaselineHistory own = new BaselineHistory(
                whole.minutes().subList(others, whole.minutes().size()), whole.own());
        Later later = others == 0 || whole.own() >= Variation.ENOUGH_MINUTES
                ? null
                : new Later(Variation.ENOUGH_MINUTES - whole.own(), traffic(perMinute, own, sum, rules, null));
        return traffic(perMinute, whole, sum, rules, later);
    }

    /** @param all what served, where the live release has no minute of its own */
    private static Traffic traffic(
            double perMinute,
            BaselineHistory history,
            Sample all,
            RolloutSettings.VerdictRules rules,
            @Nullable Later later) {
        Evidence known = Evidence.after(Instant.EPOCH, history);
        Sample usual = Objects.requireNonNullElse(known.before(), all);
        return new Traffic(
                perMinute,
                rate(usual.failures(), usual.requests()),
                known.errorVariation(),
                rules.slowMillis() == null ? -1 : rate(usual.slow(), usual.timed()),
                known.latencyVariation(),
                later);
    }

    private static double rate(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    private static Dimension dimension(String name, String value) {
        return Dimension.builder().name(name).value(value).build();
    }
}
