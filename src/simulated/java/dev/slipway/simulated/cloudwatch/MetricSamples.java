package dev.slipway.simulated.cloudwatch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The samples of one metric and period: how often each value was published, in order of the values. */
final class MetricSamples {
    private double[] values = new double[1];
    private double[] counts = new double[1];
    private int size;

    /** Null when there is no sample: then there is no data point either. */
    static @Nullable MetricSamples of(double value, double count) {
        if (count <= 0) {
            return null;
        }
        MetricSamples values = new MetricSamples();
        values.add(value, count);
        return values;
    }

    /** The minimum, the maximum and between them the mean of the others: all that a statistic set tells. */
    static MetricSamples ofStatistics(double minimum, double maximum, double sum, double count) {
        MetricSamples values = new MetricSamples();
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

    /** Quick when values come in ascending order. */
    void add(double value, double count) {
        if (count <= 0) {
            return;
        }
        boolean last = size == 0 || value > values[size - 1];
        int index = last ? -size - 1 : Arrays.binarySearch(values, 0, size, value);
        if (index >= 0) {
            counts[index] += count;
            return;
        }
        insert(-index - 1, value, count);
    }

    private void insert(int at, double value, double count) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.max(8, 2 * size));
            counts = Arrays.copyOf(counts, values.length);
        }
        System.arraycopy(values, at, values, at + 1, size - at);
        System.arraycopy(counts, at, counts, at + 1, size - at);
        values[at] = value;
        counts[at] = count;
        size++;
    }

    void add(MetricSamples others) {
        for (int i = 0; i < others.size; i++) {
            add(others.values[i], others.counts[i]);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    double minimum() {
        return values[0];
    }

    double maximum() {
        return values[size - 1];
    }

    double count() {
        double count = 0;
        for (int i = 0; i < size; i++) {
            count += counts[i];
        }
        return count;
    }

    double sum() {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += values[i] * counts[i];
        }
        return sum;
    }

    /** How many samples are above {@code low} and not above {@code high}. */
    double countBetween(double low, double high) {
        double count = 0;
        for (int i = 0; i < size; i++) {
            if (values[i] > low && values[i] <= high) {
                count += counts[i];
            }
        }
        return count;
    }

    /** The smallest value that {@code percent} (0–100) of the samples do not exceed. */
    double percentile(double percent) {
        double wanted = count() * percent / 100;
        double seen = 0;
        for (int i = 0; i < size; i++) {
            seen += counts[i];
            if (seen >= wanted - 1e-9) {
                return values[i];
            }
        }
        return maximum();
    }
}
