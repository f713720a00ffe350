package dev.slipway.simulated;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All that CloudWatch holds: looked up by namespace, added up by period. */
final class CwData {
    static final long MINUTE = 60_000;

    private final CwSource loadBalancing;
    private final CwUsage usage;
    private final CwCustomMetrics custom;

    CwData(CwSource loadBalancing, CwUsage usage, CwCustomMetrics custom) {
        this.loadBalancing = loadBalancing;
        this.usage = usage;
        this.custom = custom;
    }

    CwUsage usage() {
        return usage;
    }

    /**
     * The data points of a statistic, by the start of their periods; periods without samples are left out.
     *
     * @param from epoch milliseconds, at a multiple of the period
     * @param to exclusive
     * @param period milliseconds, whole minutes
     */
    NavigableMap<Long, Double> series(CwMetric metric, CwStatistic statistic, long from, long to, long period) {
        NavigableMap<Long, Double> series = new TreeMap<>();
        for (long start = from; start < to; start += period) {
            CwValues values = values(metric, start, start + period);
            if (values != null) {
                series.put(start, statistic.of(values));
            }
        }
        return series;
    }

    private @Nullable CwValues values(CwMetric metric, long from, long to) {
        CwSource source = source(metric.namespace());
        if (to - from == MINUTE) {
            return source.minute(metric, from);
        }
        CwValues all = new CwValues();
        for (long minute = from; minute < to; minute += MINUTE) {
            CwValues values = source.minute(metric, minute);
            if (values != null) {
                all.add(values);
            }
        }
        return all.isEmpty() ? null : all;
    }

    private CwSource source(String namespace) {
        return switch (namespace) {
            case TrafficMetrics.NAMESPACE -> loadBalancing;
            case "AWS/Usage" -> usage;
            default -> custom;
        };
    }
}
