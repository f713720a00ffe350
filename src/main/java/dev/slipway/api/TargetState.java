package dev.slipway.api;

import dev.slipway.operation.Operation;
import dev.slipway.rollout.Rollout;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/** How an environment, a service or a pipeline stands: the one field that a script waits on. */
@RegisterForReflection
enum TargetState {
    /** Something is under way, or waits for its turn. The only state that passes by itself. */
    IN_PROGRESS,
    /** What was asked for last is so. */
    SUCCEEDED,
    /** It is not, and {@code last} says why. */
    FAILED,
    /** The release that was to go live was bad, and the one before serves. */
    ROLLED_BACK,
    /** Somebody ended the rollout. */
    CANCELLED;

    /**
     * @param busy whether an operation that changes something is under way or waits
     * @param ended the one that ended last; null before the first
     * @param rollout that it was or had; null when none
     * @return null where nothing was ever asked for
     */
    static @Nullable TargetState of(boolean busy, @Nullable Operation ended, @Nullable Rollout rollout) {
        if (busy) {
            return IN_PROGRESS;
        }
        if (ended == null) {
            return null;
        }
        if (ended.state() == Operation.State.SUCCEEDED) {
            return SUCCEEDED;
        }
        if (rollout == null) {
            return FAILED;
        }
        return switch (rollout.state()) {
            case ROLLED_BACK -> ROLLED_BACK;
            case CANCELLED -> CANCELLED;
            case QUEUED, RUNNING, SUCCEEDED, FAILED -> FAILED;
        };
    }
}
