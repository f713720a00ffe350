package dev.slipway.verdict;

import dev.slipway.verdict.Verdict.Outcome;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest minutes of one metric that the spec names, against its limit. Nothing is known of how such a metric moves by
 * chance, so the rule is that of an alarm: over the limit in three of the last five minutes that have a value. A minute
 * without one counts as none, neither good nor bad.
 *
 * @param breaches whether the value was over the limit, oldest first, five at most
 * @param last start of the newest minute; null before the first
 * @param worst the largest value so far; null before the first
 */
@RegisterForReflection
public record MetricWindow(
        Limit limit,
        List<Boolean> breaches,
        @Nullable Instant last,
        @Nullable Double worst) {
    private static final int WINDOW = 5;
    private static final int MAX_BREACHES = 3;

    public MetricWindow {
        breaches = List.copyOf(breaches);
    }

    public static MetricWindow none(Limit limit) {
        return new MetricWindow(limit, List.of(), null, null);
    }

    /** Each minute is used once: one that is not newer than the newest changes nothing. */
    public MetricWindow add(Instant minute, double value) {
        if (last != null && !minute.isAfter(last)) {
            return this;
        }
        List<Boolean> next = new ArrayList<>(breaches);
        next.add(value > limit.max());
        return new MetricWindow(
                limit,
                next.subList(Math.max(0, next.size() - WINDOW), next.size()),
                minute,
                worst == null ? value : Math.max(worst, value));
    }

    /** UNHEALTHY by the rule, HEALTHY after five minutes within it, NOT_ENOUGH_EVIDENCE before. */
    public Outcome outcome() {
        if (breachCount() >= MAX_BREACHES) {
            return Outcome.UNHEALTHY;
        }
        return breaches.size() < WINDOW ? Outcome.NOT_ENOUGH_EVIDENCE : Outcome.HEALTHY;
    }

    public String message() {
        return "%s was over its limit of %s in %d of the last %d minutes with a value (the largest was %s)."
                .formatted(limit.name(), limit.max(), breachCount(), breaches.size(), worst == null ? "none" : worst);
    }

    private long breachCount() {
        return breaches.stream().filter(passed -> passed).count();
    }

    /** A metric that the spec names, and the value it must not pass. */
    @RegisterForReflection
    public record Limit(String name, double max) {}
}
