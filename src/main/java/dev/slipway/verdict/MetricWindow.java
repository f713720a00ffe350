package dev.slipway.verdict;

import dev.slipway.verdict.Verdict.Outcome;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The newest minutes of one metric that the spec names, against its limit. Nothing is known of how such a metric moves by
 * chance, so the rule is that of an alarm: over the limit in three of five minutes that follow each other, of those that have a value. A
 * minute without one counts as none, neither good nor bad. Values come late, and where several publish one, a minute's is not whole before all
 * have: so minutes are sorted in, and each has the value that was read last.
 *
 * @param readings of the minutes in which a value may still come or change, and of the four before; oldest first
 * @param last start of the newest minute; null before the first
 */
@RegisterForReflection
public record MetricWindow(
        Limit limit, List<Reading> readings, @Nullable Instant last) {
    private static final int WINDOW = 5;
    private static final int MAX_BREACHES = 3;
    /** Who reads metrics looks so far back. */
    private static final Duration LATE = Duration.ofMinutes(15);

    /** Records from before lack the readings. */
    public MetricWindow {
        readings = readings == null ? List.of() : List.copyOf(readings);
    }

    public static MetricWindow none(Limit limit) {
        return new MetricWindow(limit, List.of(), null);
    }

    /** Each minute counts once, with the value that was added last. */
    public MetricWindow add(Instant minute, double value) {
        List<Reading> next = new ArrayList<>(readings);
        next.removeIf(reading -> reading.minute().equals(minute));
        next.add(new Reading(minute, value));
        next.sort(Comparator.comparing(Reading::minute));
        Instant newest = last == null || minute.isAfter(last) ? minute : last;
        int settled = (int) next.stream()
                .filter(reading -> reading.minute().isBefore(newest.minus(LATE)))
                .count();
        return new MetricWindow(limit, next.subList(Math.max(0, settled - (WINDOW - 1)), next.size()), newest);
    }

    /** UNHEALTHY by the rule, HEALTHY after five minutes within it, NOT_ENOUGH_EVIDENCE before. */
    public Outcome outcome() {
        if (breaches(worst()) >= MAX_BREACHES) {
            return Outcome.UNHEALTHY;
        }
        return readings.size() < WINDOW ? Outcome.NOT_ENOUGH_EVIDENCE : Outcome.HEALTHY;
    }

    /** Once there is a value. */
    public String message() {
        List<Reading> worst = worst();
        return "%s was over its limit of %s in %d of the %d minutes with a value up to %s (the largest was %s)."
                .formatted(
                        limit.name(),
                        limit.max(),
                        breaches(worst),
                        worst.size(),
                        worst.getLast().minute(),
                        worst.stream().mapToDouble(Reading::value).max().orElseThrow());
    }

    /** Of five minutes that follow each other, or all where there are fewer, the newest of those with the most over the limit. */
    private List<Reading> worst() {
        return IntStream.rangeClosed(0, Math.max(0, readings.size() - WINDOW))
                .mapToObj(from -> readings.subList(from, Math.min(from + WINDOW, readings.size())))
                .reduce((one, next) -> breaches(next) >= breaches(one) ? next : one)
                .orElseThrow();
    }

    private long breaches(List<Reading> minutes) {
        return minutes.stream().filter(minute -> minute.value() > limit.max()).count();
    }

    /** A metric that the spec names, and the value it must not pass. */
    @RegisterForReflection
    public record Limit(String name, double max) {}

    /** The value of a minute. */
    @RegisterForReflection
    public record Reading(Instant minute, double value) {}
}
