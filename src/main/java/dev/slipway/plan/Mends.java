package dev.slipway.plan;

import dev.slipway.operation.Operation;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.stack.ApplyResult;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import java.time.Instant;

/** The part of every mend: CloudFormation puts the stack's resources back as the stack has them. */
public final class Mends {
    private Mends() {}

    /** One pass. What is declared has no part in it, and what the stack gives out stays the same. */
    public static ReconcileResult reconcile(StackReconciler stacks, Operation operation, Instant now) {
        StackChange change = StackChange.mend(operation.target().stackName(), operation.mends(), operation.id());
        return switch (stacks.apply(operation.progressAt(now), change, now)) {
            case ApplyResult.InProgress again -> ReconcileResult.requeue(operation, again);
            case ApplyResult.Succeeded done ->
                ReconcileResult.proceed((done.changed()
                                ? operation
                                : operation.withNote("Nothing to put back: all is as the stack has it."))
                        .withProgress(done.progress())
                        .succeeded(now));
            case ApplyResult.Failed failed -> ReconcileResult.failed(operation, failed, now);
        };
    }
}
