package dev.slipway.simulated.waf;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** How many requests of one kind there were lately. AWS looks about every ten seconds; this looks at each request. */
final class RequestRates {
    private final InstantSource clock;
    private final Map<String, Deque<Instant>> seen = new HashMap<>();

    RequestRates(InstantSource clock) {
        this.clock = clock;
    }

    /** With the one that is there now. */
    int count(String kind, Duration window) {
        Instant now = clock.instant();
        Deque<Instant> times = seen.computeIfAbsent(kind, key -> new ArrayDeque<>());
        times.addLast(now);
        while (times.getFirst().isBefore(now.minus(window))) {
            times.removeFirst();
        }
        return times.size();
    }
}
