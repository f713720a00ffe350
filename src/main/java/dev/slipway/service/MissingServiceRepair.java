package dev.slipway.service;

import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.StackState;
import dev.slipway.stack.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * An ECS service that somebody deleted outside its stack. CloudFormation cannot update it, and does not miss it either: it
 * compares templates.
 */
final class MissingServiceRepair {
    private final StackReconciler stacks;
    private final EcsDeployments deployments;
    private final RelatedRecords related;

    MissingServiceRepair(StackReconciler stacks, EcsDeployments deployments, RelatedRecords belongings) {
        this.stacks = stacks;
        this.deployments = deployments;
        this.related = belongings;
    }

    /** Whether the stack has an ECS service that ECS no longer has: somebody deleted it outside the stack. */
    boolean isNeeded(ServiceContext at, LiveTraffic live, StackState stack) {
        return !at.record().value().outputs().isEmpty()
                && live.taskDefinition() == null
                && stack.phase().holdsResources()
                && !stack.parameters().getOrDefault("TaskDefinition", "").isEmpty();
    }

    /**
     * A release goes out through the stack because ECS has no service, and yet the stack has one. ECS is asked again: the
     * stack may have made it since, in a pass that was cut off.
     */
    boolean isNeeded(ServiceContext at) {
        return stacks.observe(at.id().stackName())
                .filter(stack -> isNeeded(at, LiveTraffic.initial(0), stack))
                .filter(stack -> deployments.findActive(at.id()).isEmpty())
                .isPresent();
    }

    /**
     * Takes an ECS service that is gone out of the stack. CloudFormation cannot update it, and does not miss it either: it
     * compares templates. Deleting what is gone already succeeds, and then the service can be made anew.
     */
    ReconcileResult advance(ServiceContext at, Instant now) {
        String release = "TaskDefinition";
        StackChange change = new StackChange(
                at.id().stackName(),
                null,
                Map.of(release, StackChange.Parameter.of("")),
                Map.of(),
                false,
                Set.of(),
                null,
                "detach-" + at.operation().id());
        Step step = stacks.apply(at.progress(now), change, now);
        return switch (step) {
            case Step.Requeue again ->
                ReconcileResult.requeue(at.operation().withProgress(again.progress()), again.requeueAfter());
            case Step.Done done ->
                ReconcileResult.proceed(at.operation()
                        .enterPhase(at.operation().rollout() == null ? Phase.OBSERVE : Phase.PREFLIGHT, now)
                        .withNote("The ECS service had been deleted outside Slipway; it is made anew."));
            case Step.Failed failed -> {
                Operation operation =
                        at.operation().withProgress(failed.progress()).failed(failed.cause(), now);
                yield new ReconcileResult(operation, related.abandon(operation, failed.cause(), now), Duration.ZERO);
            }
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }
}
