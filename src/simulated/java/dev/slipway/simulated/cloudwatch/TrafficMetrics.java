package dev.slipway.simulated.cloudwatch;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.traffic.TrafficCounts;
import dev.slipway.simulated.traffic.TrafficGenerator;
import dev.slipway.simulated.traffic.TrafficHistory;
import dev.slipway.simulated.traffic.TrafficLatency;
import dev.slipway.simulated.traffic.TrafficRandom;
import dev.slipway.simulated.traffic.TrafficTargets;
import dev.slipway.simulated.traffic.ValueHistory;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The namespace AWS/ApplicationELB, as in "CloudWatch metrics for your Application Load Balancer": per minute, one to
 * three minutes late, each metric on its own, and nothing at all where there was nothing to count.
 */
public final class TrafficMetrics implements MetricSource {
    static final String NAMESPACE = "AWS/ApplicationELB";
    /** Which dimensions the metrics of a target group and those of a load balancer have, beside the zone. */
    private static final Set<String> DIMENSIONS = Set.of("LoadBalancer", "TargetGroup", "AvailabilityZone");

    private static final Set<String> OF_LOAD_BALANCERS = Set.of(
            "HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_502_Count", "HTTPCode_ELB_503_Count", "HTTPCode_ELB_504_Count");
    private static final Set<String> OF_TARGET_GROUPS =
            Set.of("HealthyHostCount", "UnHealthyHostCount", "RequestCountPerTarget");
    private static final int SOONEST_SECONDS = 60;
    private static final int SPREAD_SECONDS = 120;
    private static final long SAMPLED = 10_000;

    private final SimulatedAws aws;
    private final TrafficHistory journal;
    private final TrafficGenerator generator;

    public TrafficMetrics(SimulatedAws aws, TrafficHistory journal, TrafficGenerator generator) {
        this.aws = aws;
        this.journal = journal;
        this.generator = generator;
    }

    @Override
    public @Nullable MetricSamples minute(MetricName metric, long start) {
        if (!DIMENSIONS.containsAll(metric.dimensions().keySet())
                || aws.clock().instant().toEpochMilli() < published(metric, start)) {
            return null;
        }
        String balancer = metric.dimension("LoadBalancer");
        String group = metric.dimension("TargetGroup");
        String zone = metric.dimension("AvailabilityZone");
        if (group == null) {
            return balancer == null || OF_TARGET_GROUPS.contains(metric.name())
                    ? null
                    : count(metric.name(), journal.groupsOf(balancer), zone, start);
        }
        String arn = aws.arn("elasticloadbalancing", group);
        boolean named = balancer == null
                ? metric.name().equals("RequestCountPerTarget")
                : journal.groupsOf(balancer).contains(arn);
        if (!named || OF_LOAD_BALANCERS.contains(metric.name())) {
            return null;
        }
        return switch (metric.name()) {
            case "HealthyHostCount" -> hosts(arn, TrafficTargets.Health.HEALTHY, zone, start);
            case "UnHealthyHostCount" -> hosts(arn, TrafficTargets.Health.UNHEALTHY, zone, start);
            case "RequestCountPerTarget" -> perTarget(arn, start);
            default -> count(metric.name(), List.of(arn), zone, start);
        };
    }

    /** When a minute's data point of a metric can be read: each is late on its own, so they do not appear together. */
    private static long published(MetricName metric, long start) {
        long dice = TrafficRandom.mixed(metric.hash(), start);
        long seconds = SOONEST_SECONDS + Math.floorMod(dice, SPREAD_SECONDS + 1);
        return start + TrafficGenerator.MINUTE + seconds * 1000;
    }

    private @Nullable MetricSamples count(String name, Collection<String> groups, @Nullable String zone, long start) {
        if (name.equals("TargetResponseTime")) {
            return seconds(all(groups, zone, start));
        }
        ToIntFunction<TrafficCounts> counted = counted(name);
        if (counted == null) {
            return null;
        }
        int[] sum = new int[1];
        groups.forEach(group -> generator.minute(group, start).zones().forEach((in, found) -> {
            if (zone == null || zone.equals(in)) {
                sum[0] += counted.applyAsInt(found);
            }
        }));
        return ones(sum[0]);
    }

    private TrafficCounts all(Collection<String> groups, @Nullable String zone, long start) {
        TrafficCounts counts = new TrafficCounts();
        groups.forEach(group -> generator.minute(group, start).zones().forEach((in, found) -> {
            if (zone == null || zone.equals(in)) {
                counts.add(found);
            }
        }));
        return counts;
    }

    private static @Nullable ToIntFunction<TrafficCounts> counted(String name) {
        return switch (name) {
            case "RequestCount" -> counts -> counts.requests;
            case "HTTPCode_Target_2XX_Count" -> counts -> counts.answers[2];
            case "HTTPCode_Target_3XX_Count" -> counts -> counts.answers[3];
            case "HTTPCode_Target_4XX_Count" -> counts -> counts.answers[4];
            case "HTTPCode_Target_5XX_Count" -> counts -> counts.answers[5];
            case "TargetConnectionErrorCount" -> counts -> counts.refused;
            case "HTTPCode_ELB_5XX_Count" -> counts -> counts.badGateway + counts.unavailable + counts.timeouts;
            case "HTTPCode_ELB_502_Count" -> counts -> counts.badGateway;
            case "HTTPCode_ELB_503_Count" -> counts -> counts.unavailable;
            case "HTTPCode_ELB_504_Count" -> counts -> counts.timeouts;
            default -> null;
        };
    }

    /** "Minimum, Maximum, and Average all return 1": each request is a sample of its own. */
    private static @Nullable MetricSamples ones(int count) {
        return MetricSamples.of(1, count);
    }

    private static @Nullable MetricSamples seconds(TrafficCounts counts) {
        if (counts.latencies == null) {
            return null;
        }
        MetricSamples values = new MetricSamples();
        for (int bin = 0; bin < counts.latencies.length; bin++) {
            values.add(TrafficLatency.seconds(bin), counts.latencies[bin]);
        }
        return values.isEmpty() ? null : values;
    }

    /** "Reported if there are registered targets". */
    private @Nullable MetricSamples hosts(
            String group, TrafficTargets.Health health, @Nullable String zone, long start) {
        ValueHistory<TrafficTargets> log = journal.targets(group);
        MetricSamples values = new MetricSamples();
        for (long at = start; log != null && at < start + TrafficGenerator.MINUTE; at += SAMPLED) {
            TrafficTargets targets = log.at(at);
            if (targets != null && !targets.all().isEmpty()) {
                values.add(targets.count(health, zone), 1);
            }
        }
        return values.isEmpty() ? null : values;
    }

    private @Nullable MetricSamples perTarget(String group, long start) {
        int requests = generator.minute(group, start).whole().requests;
        ValueHistory<TrafficTargets> log = journal.targets(group);
        TrafficTargets targets = log == null ? null : log.at(start + TrafficGenerator.MINUTE - 1);
        int receiving = targets == null ? 0 : targets.receiving().size();
        return requests == 0 ? null : MetricSamples.of((double) requests / Math.max(1, receiving), 1);
    }
}
