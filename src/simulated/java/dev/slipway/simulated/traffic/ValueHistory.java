package dev.slipway.simulated.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A value as it was at every time: what is told when asked about a minute that is over. Times are epoch milliseconds. */
public final class ValueHistory<T> {
    // GetMetricStatistics: data points with a period of 60 seconds are available for 15 days.
    private static final long KEPT = 15L * 86_400_000;
    private static final int FEW = 1000;

    private record Entry<T>(long from, T value) {}

    private final List<Entry<T>> entries = new ArrayList<>();

    public void put(long now, T value) {
        if (!entries.isEmpty() && entries.getLast().from() == now) {
            entries.removeLast();
        }
        entries.add(new Entry<>(now, value));
        if (entries.size() > FEW) {
            int old = indexAt(now - KEPT);
            entries.subList(0, Math.max(0, old)).clear();
        }
    }

    /** The value at a time; null before the first. */
    @Nullable
    public T at(long time) {
        int index = indexAt(time);
        return index < 0 ? null : entries.get(index).value();
    }

    public @Nullable T last() {
        return entries.isEmpty() ? null : entries.getLast().value();
    }

    /** Tells every time after {@code from} and before {@code to} at which the value changed. */
    public void changes(long from, long to, LongConsumer each) {
        for (int i = indexAt(from) + 1; i < entries.size() && entries.get(i).from() < to; i++) {
            each.accept(entries.get(i).from());
        }
    }

    /** The index of the last entry that is not after {@code time}; −1 when there is none. */
    private int indexAt(long time) {
        int low = 0;
        int high = entries.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.get(middle).from() <= time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
