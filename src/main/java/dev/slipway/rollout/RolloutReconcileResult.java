package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import dev.slipway.store.Write;
import java.time.Duration;
import java.util.List;

/** What became of one pass at a rollout. */
public sealed interface RolloutReconcileResult {
    /** It goes on. */
    record Requeue(Operation operation, List<Write> writes, Duration requeueAfter) implements RolloutReconcileResult {}

    /** It ended; {@code rollout} says how, {@code writes} record it. */
    record Ended(Operation operation, List<Write> writes, Rollout rollout) implements RolloutReconcileResult {}
}
