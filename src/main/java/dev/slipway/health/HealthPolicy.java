package dev.slipway.health;

import dev.slipway.health.Health.Check;
import dev.slipway.health.Health.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the numbers mean. */
final class HealthPolicy {
    /** Everything is looked at every five minutes by default and every hour at most. */
    private static final Duration LATE = Duration.ofMinutes(15);

    private static final Duration GONE = Duration.ofMinutes(70);
    /** Beyond the longest that a rollout waits for people by default. */
    private static final Duration LONG = Duration.ofHours(24);

    private static final int MANY = 500;

    private HealthPolicy() {}

    /**
     * What was seen; null for what could not be.
     *
     * @param resynced when everything was looked at last; null also before the first time
     * @param oldest when the oldest operation under way was accepted; null where there is none
     * @param stuck targets of operations that are tried again after a fault, or whose look is overdue
     */
    record Snapshot(
            boolean table,
            @Nullable Integer work,
            @Nullable Integer dead,
            @Nullable Instant resynced,
            int running,
            @Nullable Instant oldest,
            List<String> stuck,
            Instant now) {}

    static Health assess(Snapshot seen, String version) {
        List<Check> checks = new ArrayList<>();
        checks.add(
                seen.table()
                        ? new Check("table", State.OK, "The table answers.")
                        : new Check(
                                "table",
                                State.FAILED,
                                "The table does not answer: nothing is accepted and nothing done."));
        checks.add(queue(seen.work()));
        checks.add(dead(seen.dead()));
        if (seen.table()) {
            checks.add(resync(seen));
            checks.add(operations(seen));
        }
        State worst =
                checks.stream().map(Check::state).max(Comparator.naturalOrder()).orElse(State.OK);
        return new Health(worst, version, seen.now(), List.copyOf(checks));
    }

    private static Check queue(@Nullable Integer work) {
        if (work == null) {
            return new Check("queue", State.FAILED, "SQS does not tell of the work queue.");
        }
        return new Check(
                "queue",
                work >= MANY ? State.WARNING : State.OK,
                "About %d messages are waiting or at work.".formatted(work));
    }

    private static Check dead(@Nullable Integer dead) {
        if (dead == null) {
            return new Check("dead-letters", State.FAILED, "SQS does not tell of the dead-letter queue.");
        }
        return dead == 0
                ? new Check("dead-letters", State.OK, "Nothing was given up.")
                : new Check(
                        "dead-letters",
                        State.WARNING,
                        "About %d messages were given up: GET /v1/dead-letters.".formatted(dead));
    }

    private static Check resync(Snapshot seen) {
        Instant resynced = seen.resynced();
        if (resynced == null) {
            return new Check("resync", State.WARNING, "The worker has not looked at everything yet.");
        }
        Duration ago = Duration.between(resynced, seen.now());
        String sentence = "The worker looked at everything %d minutes ago, at %s.".formatted(ago.toMinutes(), resynced);
        return new Check(
                "resync",
                ago.compareTo(GONE) > 0 ? State.FAILED : ago.compareTo(LATE) > 0 ? State.WARNING : State.OK,
                sentence);
    }

    private static Check operations(Snapshot seen) {
        if (!seen.stuck().isEmpty()) {
            return new Check(
                    "operations",
                    State.WARNING,
                    "%d of %d operations under way do not get on: %s."
                            .formatted(
                                    seen.stuck().size(),
                                    seen.running(),
                                    String.join(
                                            ", ",
                                            seen.stuck().stream().limit(10).toList())));
        }
        Instant oldest = seen.oldest();
        if (oldest == null) {
            return new Check("operations", State.OK, "No operation is under way.");
        }
        return new Check(
                "operations",
                Duration.between(oldest, seen.now()).compareTo(LONG) > 0 ? State.WARNING : State.OK,
                "%d operations are under way, the oldest since %s.".formatted(seen.running(), oldest));
    }
}
