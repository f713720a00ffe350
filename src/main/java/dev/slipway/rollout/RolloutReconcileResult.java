package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.store.Stored;

/** What became of one pass at a rollout. */
public sealed interface RolloutReconcileResult {
    /** The same, with what else is to be written. */
    default RolloutReconcileResult and(Transaction more) {
        return switch (this) {
            case Requeue(ReconcileResult result) ->
                new Requeue(
                        new ReconcileResult(result.operation(), result.also().and(more), result.requeueAfter()));
            case Ended(Operation operation, Transaction also, Rollout rollout) ->
                new Ended(operation, also.and(more), rollout);
            case RollBack back -> throw new IllegalStateException("nothing is written yet: " + back);
        };
    }

    /** It goes on. */
    record Requeue(ReconcileResult result) implements RolloutReconcileResult {}

    /** Its release is to go, and the one before is to be rolled out again; {@code rollout} is as it was read. */
    record RollBack(Operation operation, Stored<Rollout> rollout) implements RolloutReconcileResult {}

    /** It ended; {@code rollout} says how, {@code also} records it. */
    record Ended(Operation operation, Transaction also, Rollout rollout) implements RolloutReconcileResult {}
}
