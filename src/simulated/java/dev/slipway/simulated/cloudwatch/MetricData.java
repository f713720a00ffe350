package dev.slipway.simulated.cloudwatch;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All that CloudWatch holds: looked up by namespace, added up by period. */
final class MetricData {
    static final long MINUTE = 60_000;

    private final MetricSource loadBalancing;
    private final UtilizationMetrics utilization;
    private final UsageMetrics usage;
    private final EventMetrics events;
    private final FirewallMetrics firewall;
    private final CustomMetrics custom;

    MetricData(
            MetricSource loadBalancing,
            UtilizationMetrics utilization,
            UsageMetrics usage,
            EventMetrics events,
            FirewallMetrics firewall,
            CustomMetrics custom) {
        this.loadBalancing = loadBalancing;
        this.utilization = utilization;
        this.usage = usage;
        this.events = events;
        this.firewall = firewall;
        this.custom = custom;
    }

    UsageMetrics usage() {
        return usage;
    }

    /**
     * The data points of a statistic, by the start of their periods; periods without samples are left out.
     *
     * @param from epoch milliseconds, at a multiple of the period
     * @param to exclusive
     * @param period milliseconds, whole minutes
     */
    NavigableMap<Long, Double> series(MetricName metric, MetricStatistic statistic, long from, long to, long period) {
        NavigableMap<Long, Double> series = new TreeMap<>();
        for (long start = from; start < to; start += period) {
            MetricSamples values = values(metric, start, start + period);
            if (values != null) {
                series.put(start, statistic.of(values));
            }
        }
        return series;
    }

    private @Nullable MetricSamples values(MetricName metric, long from, long to) {
        MetricSource source = source(metric);
        if (to - from == MINUTE) {
            return source.minute(metric, from);
        }
        MetricSamples all = new MetricSamples();
        for (long minute = from; minute < to; minute += MINUTE) {
            MetricSamples values = source.minute(metric, minute);
            if (values != null) {
                all.add(values);
            }
        }
        return all.isEmpty() ? null : all;
    }

    private MetricSource source(MetricName metric) {
        return switch (metric.namespace()) {
            // Our load balancers refuse no connection by themselves.
            case TrafficMetrics.NAMESPACE -> metric.name().equals("RejectedConnectionCount") ? custom : loadBalancing;
            case UtilizationMetrics.NAMESPACE -> utilization;
            case "AWS/Usage" -> usage;
            case EventMetrics.NAMESPACE -> events;
            case FirewallMetrics.NAMESPACE -> firewall;
            default -> custom;
        };
    }
}
