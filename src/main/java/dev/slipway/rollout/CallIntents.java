package dev.slipway.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Calls of UpdateService that were written down and have not been made. UpdateService has no token, and what a pass writes down after
 * it may be lost with the pass. So a pass writes first that ECS is about to be told, and the next one of the same process tells it,
 * once. Whoever finds it written down and does not know from here that it has not been made takes it for made.
 */
final class CallIntents {
    /** What was written down longer ago is written down anew, so that the call shows within the time counted from there. */
    private static final Duration FRESH = Duration.ofSeconds(30);

    private final Map<String, Planned> unmade = new ConcurrentHashMap<>();

    /**
     * A call that has not been made.
     *
     * @param since what is written down
     * @param refused whether ECS has refused it, so that it is only repeated
     */
    private record Planned(Instant since, boolean refused) {}

    /** It is about to be written down that ECS may have been told since then. */
    void plan(Rollout rollout, Instant since) {
        unmade.put(rollout.id(), new Planned(since, false));
    }

    /** Whether the call that was written down has certainly not been made. */
    boolean isUnmade(Rollout rollout) {
        Instant since = rollout.progress().unsureSince();
        Planned planned = unmade.get(rollout.id());
        return since == null || planned != null && planned.since().equals(since);
    }

    /** Whether the call may be made now; from then on it counts as made. */
    boolean make(Rollout rollout, Instant now) {
        @Nullable Instant since = rollout.progress().unsureSince();
        Planned planned = unmade.get(rollout.id());
        boolean may = since != null
                && planned != null
                && planned.since().equals(since)
                && (planned.refused() || now.isBefore(since.plus(FRESH)));
        if (may) {
            unmade.remove(rollout.id());
        }
        return may;
    }

    /** ECS refused the call: it has not been made, and each refusal counts as a failure of its own. */
    void refused(Rollout rollout) {
        Instant since = rollout.progress().unsureSince();
        if (since != null) {
            unmade.put(rollout.id(), new Planned(since, true));
        }
    }

    /** It will not be made. */
    void forget(Rollout rollout) {
        unmade.remove(rollout.id());
    }
}
