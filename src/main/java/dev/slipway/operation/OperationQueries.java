package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackReconciler;
import java.time.InstantSource;
import java.util.Optional;

/** Operations as they stand by now: with what CloudFormation has done since the worker's last look. */
public final class OperationQueries {
    private final Operations operations;
    private final StackReconciler stacks;
    private final InstantSource clock;

    public OperationQueries(Operations operations, StackReconciler stacks, InstantSource clock) {
        this.operations = operations;
        this.stacks = stacks;
        this.clock = clock;
    }

    /** One call to AWS while the operation is under way, else none. */
    public Optional<Operation> find(Target target, String id) {
        return operations.find(target, id).map(found -> {
            Progress progress = found.progress();
            return found.isRunning() && progress != null
                    ? found.withProgress(
                            stacks.refreshProgress(progress, target.stackName(), found.id(), clock.instant()))
                    : found;
        });
    }
}
