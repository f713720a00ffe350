package dev.slipway.rollout;

import dev.slipway.aws.AwsErrors;
import dev.slipway.operation.Transaction;
import dev.slipway.release.Release;
import dev.slipway.release.TaskDefinitions;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.services.ecs.model.EcsException;

/**
 * Registers releases anew of which others have deregistered the task definition, as clean-up scripts do at any moment: a release
 * keeps its number. ECS starts nothing with one that is INACTIVE, and goes on with what it has started
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html), so that it is to be looked at
 * until the deployment has begun.
 */
record Registrations(Store store, TaskDefinitions taskDefinitions, String region) {
    /**
     * What was registered.
     *
     * @param context with a note of it
     * @param record writes it down
     */
    record Anew(RolloutContext context, Transaction record) {
        /** The same act, in the next pass. */
        RolloutReconcileResult again() {
            return context.requeue(context.rollout().value(), Duration.ZERO, record);
        }
    }

    /** Empty when the release's task definition can be started as it is. */
    Optional<Anew> anew(RolloutContext context, int number) {
        Stored<Release> release = store.get(
                        Release.key(context.rollout().value().service(), number))
                .orElseThrow();
        if (taskDefinitions.isActive(release.value().taskDefinition())) {
            return Optional.empty();
        }
        String arn = taskDefinitions.register(TaskDefinitions.Content.of(
                context.rollout().value().service(), release.value(), context.outputs(), region));
        return Optional.of(new Anew(
                context.withNote("Release %d had been deregistered outside Slipway and was registered anew: %s."
                        .formatted(number, arn)),
                new Transaction().update(release, release.value().registeredAs(arn))));
    }

    /** Has ECS start something with the rollout's release; where it refuses because that was deregistered, in the next pass. */
    RolloutReconcileResult start(RolloutContext context, Supplier<RolloutReconcileResult> start) {
        try {
            return start.get();
        } catch (EcsException e) {
            if (AwsErrors.isTransient(e) || AwsErrors.denied(e).isPresent()) {
                throw e;
            }
            return anew(context, context.release()).orElseThrow(() -> e).again();
        }
    }
}
