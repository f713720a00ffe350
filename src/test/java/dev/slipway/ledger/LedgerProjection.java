package dev.slipway.ledger;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a ledger says that is, now.
 *
 * @param live number of the release that the last successful rollout made live; null before the first
 * @param previous the one before it
 * @param open ids of the rollouts that have not ended
 */
public record LedgerProjection(
        @Nullable Integer live, @Nullable Integer previous, Set<String> open) {
    public LedgerProjection {
        open = Set.copyOf(open);
    }

    /**
     * Replays a target's entries from the oldest on. Two functions wrote them, whose clocks may differ by a little: what has
     * ended stays ended.
     */
    public static LedgerProjection of(List<LedgerEntry> entries) {
        Integer live = null;
        Integer previous = null;
        Set<String> open = new TreeSet<>();
        Set<String> ended = new HashSet<>();
        for (LedgerEntry entry : entries) {
            Optional<String> rollout = Optional.ofNullable(entry.rollout());
            switch (entry.type()) {
                case ROLLOUT_QUEUED, ROLLOUT_STARTED ->
                    rollout.filter(id -> !ended.contains(id)).ifPresent(open::add);
                case ROLLOUT_ENDED -> {
                    rollout.ifPresent(open::remove);
                    rollout.ifPresent(ended::add);
                    Integer release = entry.release();
                    if ("SUCCEEDED".equals(entry.state()) && release != null && !release.equals(live)) {
                        previous = live;
                        live = release;
                    }
                }
                case DELETED -> {
                    live = null;
                    previous = null;
                    open.clear();
                }
                case SPEC_ACCEPTED,
                        DELETION_ACCEPTED,
                        FREEZE_OVERRIDDEN,
                        CONTROLS_WEAKENED,
                        SPEC_REVERTED,
                        TASK_RUN,
                        CHECKED,
                        APPROVAL_REQUESTED,
                        APPROVED,
                        REJECTED,
                        VERDICT,
                        STOPPED,
                        DEPLOYED_OUT_OF_BAND,
                        OTHER -> {}
                case LIVE_CORRECTED -> {
                    previous = live;
                    live = entry.release();
                }
            }
        }
        return new LedgerProjection(live, previous, open);
    }
}
