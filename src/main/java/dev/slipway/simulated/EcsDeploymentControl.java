package dev.slipway.simulated;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.services.ecs.model.DeploymentCircuitBreaker;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;

/** The states of service deployments: begun, superseded, completed, failed, rolled back. */
final class EcsDeploymentControl {
    private static final Duration NEXT_STATE = Duration.ofSeconds(2);
    private static final int LOWEST_THRESHOLD = 3;
    private static final int HIGHEST_THRESHOLD = 200;

    private final EcsState state;
    private final EcsEvents events;
    private final EcsScheduler scheduler;

    EcsDeploymentControl(EcsState state, EcsEvents events, EcsScheduler scheduler) {
        this.state = state;
        this.events = events;
        this.scheduler = scheduler;
    }

    /** Starts a deployment of {@code revision}; one that is still on its way is stopped in its favour. */
    void begin(EcsServiceRecord service, EcsRevision revision) {
        Instant now = now();
        EcsServiceDeployment before = service.ongoing();
        if (before != null) {
            before.become(ServiceDeploymentStatus.STOPPED, now);
            before.stoppedAt = now;
            before.finishedAt = now;
            before.statusReason = "Service deployment stopped because a new service deployment was started.";
        }
        List<EcsRevision> sources = service.entries.stream()
                .filter(service::hasTasks)
                .map(entry -> entry.revision)
                .toList();
        EcsEntry entry = new EcsEntry("ecs-svc/" + digits(), revision, now);
        service.entries.addFirst(entry);
        service.steady = false;
        EcsServiceDeployment deployment = new EcsServiceDeployment(
                service.arn.replace(":service/", ":service-deployment/") + "/" + state.aws.hex(21),
                service,
                entry,
                sources,
                service.configuration,
                now);
        service.deployments.addFirst(deployment);
        events.deploymentInProgress(service, entry);
        state.aws.timeline().after(NEXT_STATE, () -> {
            if (deployment.status == ServiceDeploymentStatus.PENDING) {
                deployment.become(ServiceDeploymentStatus.IN_PROGRESS, now());
                deployment.startedAt = now();
                scheduler.wake(service);
            }
        });
    }

    /** "0.5 * desired task count", at least 3 and at most 200 (ServiceDeploymentCircuitBreaker). */
    static int threshold(EcsServiceRecord service) {
        return Math.clamp(Math.ceilDiv(service.desiredCount, 2), LOWEST_THRESHOLD, HIGHEST_THRESHOLD);
    }

    void countFailure(EcsServiceRecord service, EcsEntry entry) {
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing == null || !ongoing.forward() || ongoing.target != entry || !ongoing.failuresCount) {
            return;
        }
        ongoing.failures++;
        DeploymentCircuitBreaker breaker = ongoing.configuration.deploymentCircuitBreaker();
        if (breaker == null || !Boolean.TRUE.equals(breaker.enable()) || ongoing.failures < threshold(service)) {
            return;
        }
        ongoing.circuitBroken = true;
        EcsEntry completed = service.lastCompleted();
        fail(ongoing, "ECS deployment circuit breaker: tasks failed to start.");
        if (Boolean.TRUE.equals(breaker.rollback()) && completed != null) {
            rollBack(
                    ongoing,
                    completed,
                    "ECS deployment circuit breaker: rolling back to deploymentId %s.".formatted(completed.id),
                    "Service deployment rolled back because the circuit breaker threshold was exceeded.");
        } else {
            stall(ongoing);
        }
    }

    /** A healthy task: what failed before does not count any more. */
    void sawHealthy(EcsServiceRecord service, EcsEntry entry) {
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing != null && ongoing.forward() && ongoing.target == entry) {
            ongoing.failures = 0;
            ongoing.failuresCount = false;
            entry.failedTasks = 0;
        }
    }

    /** StopServiceDeployment with ROLLBACK ("Stopping Amazon ECS service deployments"). */
    void stopByUser(EcsServiceDeployment deployment) {
        if (!deployment.running()) {
            throw EcsErrors.conflict("Service deployment %s is in status %s and cannot be stopped."
                    .formatted(deployment.arn, deployment.status));
        }
        if (!deployment.forward()) {
            return; // "The service deployment continues the rollback operation."
        }
        EcsEntry completed = deployment.service.lastCompleted();
        fail(deployment, "ECS deployment %s was stopped.".formatted(deployment.target.id));
        if (completed == null) {
            stall(deployment);
            return;
        }
        rollBack(
                deployment,
                completed,
                "ECS deployment %s in progress.".formatted(completed.id),
                "Service deployment rolled back because of a user request.");
    }

    private void fail(EcsServiceDeployment deployment, String reason) {
        deployment.target.become(DeploymentRolloutState.FAILED, reason, now());
        events.message(
                deployment.service,
                "(deployment %s) deployment failed: %s"
                        .formatted(deployment.target.id, deployment.circuitBroken ? "tasks failed to start." : reason));
        events.deploymentFailed(deployment.service, deployment.target);
    }

    /** Nothing to return to, or not asked to: "the deployment is stalled" and starts no tasks. */
    private void stall(EcsServiceDeployment deployment) {
        deployment.become(ServiceDeploymentStatus.STOPPED, now());
        deployment.stoppedAt = now();
        deployment.finishedAt = now();
        deployment.statusReason = deployment.target.reason;
        scheduler.wake(deployment.service);
    }

    private void rollBack(EcsServiceDeployment deployment, EcsEntry to, String rollout, String reason) {
        deployment.become(ServiceDeploymentStatus.ROLLBACK_REQUESTED, now());
        deployment.rollbackTo = to;
        deployment.rollbackStartedAt = now();
        deployment.statusReason = reason;
        state.aws.timeline().after(NEXT_STATE, () -> {
            if (deployment.status != ServiceDeploymentStatus.ROLLBACK_REQUESTED) {
                return; // superseded meanwhile
            }
            EcsServiceRecord service = deployment.service;
            deployment.become(ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS, now());
            service.entries.remove(to);
            service.entries.addFirst(to);
            to.become(DeploymentRolloutState.IN_PROGRESS, rollout, now());
            events.message(service, "rolling back to deployment %s.".formatted(to.id));
            events.deploymentInProgress(service, to);
            scheduler.wake(service);
        });
    }

    /** The primary deployment's tasks are all there and healthy, and no others are left. */
    void complete(EcsServiceRecord service) {
        Instant now = now();
        EcsEntry primary = service.primary();
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing != null) {
            ongoing.become(
                    ongoing.forward()
                            ? ServiceDeploymentStatus.SUCCESSFUL
                            : ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL,
                    now);
            ongoing.finishedAt = now;
        }
        primary.become(DeploymentRolloutState.COMPLETED, "ECS deployment %s completed.".formatted(primary.id), now);
        events.message(service, "(deployment %s) deployment completed.".formatted(primary.id));
        events.deploymentCompleted(service, primary);
    }

    /** DeleteService ends what is on its way. */
    void abandon(EcsServiceRecord service) {
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing != null) {
            ongoing.become(ServiceDeploymentStatus.STOPPED, now());
            ongoing.stoppedAt = now();
            ongoing.finishedAt = now();
            ongoing.statusReason = "Service deployment stopped because the service was deleted.";
        }
    }

    private String digits() {
        return "%019d".formatted(Math.floorMod(state.aws.random().nextLong(), 9_000_000_000_000_000_000L));
    }

    private Instant now() {
        return state.aws.timeline().instant();
    }
}
