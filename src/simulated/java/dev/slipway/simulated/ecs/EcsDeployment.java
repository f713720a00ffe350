package dev.slipway.simulated.ecs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;

/** One element of a service's {@code deployments}: a revision with tasks of its own, and how its rollout goes. */
public final class EcsDeployment {
    final String id;
    public final EcsRevision revision;
    final Instant createdAt;
    DeploymentRolloutState state = DeploymentRolloutState.IN_PROGRESS;
    String reason;
    Instant updatedAt;
    int failedTasks;
    /** Tasks in a row that never ran: the scheduler waits longer after each. */
    int startFailures;

    Instant noTaskBefore;
    /** When it last became COMPLETED: what a rollback can go to. */
    @Nullable
    Instant completedAt;

    EcsDeployment(String id, EcsRevision revision, Instant createdAt) {
        this.id = id;
        this.revision = revision;
        this.createdAt = createdAt;
        this.updatedAt = createdAt;
        this.noTaskBefore = createdAt;
        this.reason = "ECS deployment %s in progress.".formatted(id);
    }

    void become(DeploymentRolloutState next, String why, Instant now) {
        state = next;
        reason = why;
        updatedAt = now;
        if (next == DeploymentRolloutState.COMPLETED) {
            completedAt = now;
        }
    }

    /** "A deployment in FAILED state doesn't launch any new tasks" (API reference, Deployment). */
    boolean startsTasks() {
        return state != DeploymentRolloutState.FAILED;
    }
}
