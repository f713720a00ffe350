package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import java.time.Duration;

/** What became of one pass at a rollout. */
public sealed interface RolloutReconcileResult {
    /** It goes on. */
    record Requeue(Operation operation, Transaction also, Duration requeueAfter) implements RolloutReconcileResult {}

    /** It ended; {@code rollout} says how, {@code also} records it. */
    record Ended(Operation operation, Transaction also, Rollout rollout) implements RolloutReconcileResult {}
}
