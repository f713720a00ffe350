package dev.slipway.simulated.waf;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** How many requests of one kind somebody has sent on purpose, by time: whoever asks for a minute that is over is told the same. */
final class RequestRates {
    private static final long KEPT = Duration.ofHours(2).toMillis();

    private final Map<String, NavigableMap<Long, Integer>> seen = new HashMap<>();

    /** @param now epoch milliseconds */
    void add(String kind, long now) {
        NavigableMap<Long, Integer> counts = seen.computeIfAbsent(kind, key -> new TreeMap<>());
        counts.merge(now, 1, Integer::sum);
        counts.headMap(now - KEPT).clear();
    }

    /** In the window that ends at a time, with what was sent just then. */
    int count(String kind, long time, Duration window) {
        NavigableMap<Long, Integer> counts = seen.get(kind);
        return counts == null
                ? 0
                : counts.subMap(time - window.toMillis(), true, time, true).values().stream()
                        .mapToInt(Integer::intValue)
                        .sum();
    }
}
