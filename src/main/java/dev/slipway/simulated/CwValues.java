package dev.slipway.simulated;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The samples of one metric and period: how often each value was published. */
final class CwValues {
    private final TreeMap<Double, Double> counts = new TreeMap<>();

    /** Null when there is no sample: then there is no data point either. */
    static @Nullable CwValues of(double value, double count) {
        if (count <= 0) {
            return null;
        }
        CwValues values = new CwValues();
        values.add(value, count);
        return values;
    }

    /** The minimum, the maximum and between them the mean of the others: all that a statistic set tells. */
    static CwValues ofStatistics(double minimum, double maximum, double sum, double count) {
        CwValues values = new CwValues();
        if (count < 2) {
            values.add(count > 0 ? sum / count : 0, count);
            return values;
        }
        values.add(minimum, 1);
        values.add(maximum, 1);
        if (count > 2) {
            values.add((sum - minimum - maximum) / (count - 2), count - 2);
        }
        return values;
    }

    void add(double value, double count) {
        if (count > 0) {
            counts.merge(value, count, Double::sum);
        }
    }

    void add(CwValues others) {
        others.counts.forEach(this::add);
    }

    boolean isEmpty() {
        return counts.isEmpty();
    }

    double minimum() {
        return counts.firstKey();
    }

    double maximum() {
        return counts.lastKey();
    }

    double count() {
        return counts.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    double sum() {
        return counts.entrySet().stream()
                .mapToDouble(entry -> entry.getKey() * entry.getValue())
                .sum();
    }

    /** How many samples are above {@code low} and not above {@code high}. */
    double countBetween(double low, double high) {
        return counts.subMap(low, false, high, true).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    /** The smallest value that {@code percent} (0–100) of the samples do not exceed. */
    double percentile(double percent) {
        double wanted = count() * percent / 100;
        double seen = 0;
        for (Map.Entry<Double, Double> entry : counts.entrySet()) {
            seen += entry.getValue();
            if (seen >= wanted - 1e-9) {
                return entry.getKey();
            }
        }
        return maximum();
    }
}
