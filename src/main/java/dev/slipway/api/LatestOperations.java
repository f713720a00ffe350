package dev.slipway.api;

import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.store.Stored;
import org.jspecify.annotations.Nullable;

/**
 * What happens at a target, and what happened last.
 *
 * @param running the operation under way
 * @param ended the one before it, or the last one
 */
record LatestOperations(OperationView.@Nullable Summary running, OperationView.@Nullable Summary ended) {
    /** Plans are left out of {@code ended} unless there is nothing else: they change nothing. */
    static LatestOperations of(Operations operations, Target target) {
        Operation running = operations.findRunning(target).orElse(null);
        Operation ended = operations.list(target, 10, null).items().stream()
                .map(Stored::value)
                .filter(operation -> !operation.isRunning() && operation.type() != Operation.Type.PLAN)
                .findFirst()
                .orElse(null);
        return new LatestOperations(
                running == null ? null : OperationView.Summary.of(running),
                ended == null ? null : OperationView.Summary.of(ended));
    }
}
