package dev.slipway.simulated.ecs;

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
    private final EcsHooks hooks;
    private final EcsAlarms alarms;
    private final EcsTrafficShift shift;

    EcsDeploymentControl(EcsState state, EcsEvents events, EcsScheduler scheduler, EcsHooks hooks, EcsAlarms alarms) {
        this.state = state;
        this.events = events;
        this.scheduler = scheduler;
        this.hooks = hooks;
        this.alarms = alarms;
        this.shift = new EcsTrafficShift(state.elb.rules().weights());
    }

    /** Starts a deployment of {@code revision}; one that is still on its way is stopped in its favour. */
    void begin(EcsServiceRecord service, EcsRevision revision) {
        Instant now = now();
        EcsServiceDeployment before = service.deployments.isEmpty() ? null : service.deployments.getFirst();
        if (before != null && before.running()) {
            supersede(before, now);
        }
        EcsDeployment source = service.lastCompleted();
        List<EcsRevision> sources = service.entries.stream()
                .filter(service::hasTasks)
                .map(entry -> entry.revision)
                .toList();
        EcsDeployment entry = new EcsDeployment("ecs-svc/" + digits(), revision, now);
        service.entries.addFirst(entry);
        state.index(service, revision);
        service.steady = false;
        EcsServiceDeployment deployment = new EcsServiceDeployment(
                service.arn.replace(":service/", ":service-deployment/") + "/" + state.aws.hex(21),
                service,
                entry,
                sources,
                source,
                service.configuration,
                now);
        service.deployments.addFirst(deployment);
        alarms.begin(deployment);
        if (deployment.staged()) {
            EcsStage first = sources.size() > 1 ? EcsStage.RECONCILE_SERVICE : EcsStage.PRE_SCALE_UP;
            deployment.progress(EcsProgress.start(first, now, hooks.of(deployment, first)));
        } else if (before != null && before.abandoned() && source != null) {
            // Replacing tasks shifts no traffic: it has to be where they are replaced (assumed).
            shift.production(source.revision, 100);
            shift.test(source.revision, 100);
        }
        events.deploymentInProgress(service, entry);
        state.aws.clock().after(NEXT_STATE, () -> {
            if (deployment.status == ServiceDeploymentStatus.PENDING) {
                deployment.become(ServiceDeploymentStatus.IN_PROGRESS, now());
                deployment.startedAt = now();
                if (deployment.staged()) {
                    deployment.progress(deployment.progress().begin(now()));
                }
                scheduler.wake(service);
            }
        });
    }

    /** One whose traffic had moved and baked leaves a revision that can be gone back to (assumed). */
    private static void supersede(EcsServiceDeployment before, Instant now) {
        if (before.staged() && before.forward() && before.progress().stage() == EcsStage.CLEAN_UP) {
            before.target.become(DeploymentRolloutState.COMPLETED, before.target.reason, now);
        }
        before.become(ServiceDeploymentStatus.STOPPED, now);
        before.stoppedAt = now;
        before.finishedAt = now;
        before.statusReason = "Service deployment stopped because a new service deployment was started.";
    }

    /** "0.5 * desired task count", rounded up, from 3 to 200 ("How the Amazon ECS deployment circuit breaker detects failures"). */
    static int threshold(EcsServiceRecord service) {
        return Math.clamp(Math.ceilDiv(service.desiredCount, 2), LOWEST_THRESHOLD, HIGHEST_THRESHOLD);
    }

    void countFailure(EcsServiceRecord service, EcsDeployment entry) {
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing == null
                || ongoing.staged() // "The deployment circuit breaker is only supported for rolling update"
                || !ongoing.forward()
                || ongoing.target != entry
                || !ongoing.failuresCount) {
            return;
        }
        ongoing.failures++;
        DeploymentCircuitBreaker breaker = ongoing.configuration.deploymentCircuitBreaker();
        if (breaker == null || !Boolean.TRUE.equals(breaker.enable()) || ongoing.failures < threshold(service)) {
            return;
        }
        ongoing.circuitBroken = true;
        fail(ongoing, EcsFailure.CIRCUIT_BREAKER, Boolean.TRUE.equals(breaker.rollback()));
    }

    /** A healthy task: what failed before does not count any more. */
    void sawHealthy(EcsServiceRecord service, EcsDeployment entry) {
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing != null && !ongoing.staged() && ongoing.forward() && ongoing.target == entry) {
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
        fail(deployment, EcsFailure.STOPPED_BY_USER, true);
    }

    /** Back to the last completed revision if that is wanted and there is one; otherwise it stays as it is. */
    void fail(EcsServiceDeployment deployment, EcsFailure failure, boolean rollback) {
        EcsServiceRecord service = deployment.service;
        EcsDeployment target = deployment.target;
        EcsDeployment completed = service.lastCompleted();
        target.become(DeploymentRolloutState.FAILED, failure.reason(target.id), now());
        events.message(
                service, "(deployment %s) deployment failed: %s".formatted(target.id, failure.message(target.id)));
        events.deploymentFailed(service, target);
        if (rollback && completed != null) {
            rollBack(deployment, completed, failure);
        } else {
            stall(deployment);
        }
    }

    /** Nothing to return to, or not asked to: "the deployment is stalled" and starts no tasks. */
    private void stall(EcsServiceDeployment deployment) {
        deployment.become(ServiceDeploymentStatus.STOPPED, now());
        deployment.stoppedAt = now();
        deployment.finishedAt = now();
        deployment.statusReason = deployment.target.reason;
        scheduler.wake(deployment.service);
    }

    private void rollBack(EcsServiceDeployment deployment, EcsDeployment to, EcsFailure failure) {
        deployment.become(ServiceDeploymentStatus.ROLLBACK_REQUESTED, now());
        deployment.rollbackTo = to;
        deployment.rollbackStartedAt = now();
        deployment.statusReason = failure.status();
        state.aws.clock().after(NEXT_STATE, () -> {
            if (deployment.status != ServiceDeploymentStatus.ROLLBACK_REQUESTED) {
                return; // superseded meanwhile
            }
            EcsServiceRecord service = deployment.service;
            deployment.become(ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS, now());
            service.entries.remove(to);
            service.entries.addFirst(to);
            to.become(DeploymentRolloutState.IN_PROGRESS, failure.returning(to.id), now());
            events.message(service, "rolling back to deployment %s.".formatted(to.id));
            events.deploymentInProgress(service, to);
            scheduler.wake(service);
        });
    }

    /** Nothing more is tried: both revisions keep their tasks, and the rules their weights, until the next deployment. */
    void rollbackFailed(EcsServiceDeployment deployment, String reason) {
        deployment.become(ServiceDeploymentStatus.ROLLBACK_FAILED, now());
        deployment.finishedAt = now();
        deployment.statusReason = "Service deployment rollback failed: " + reason;
        EcsDeployment primary = deployment.service.primary();
        primary.become(DeploymentRolloutState.IN_PROGRESS, "ECS deployment rollback failed: " + reason, now());
        events.message(deployment.service, "rollback to deployment %s failed: %s".formatted(primary.id, reason));
        events.deploymentFailed(deployment.service, primary);
    }

    /** The primary deployment's tasks are all there and healthy, and no others are left. */
    void complete(EcsServiceRecord service) {
        Instant now = now();
        EcsDeployment primary = service.primary();
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
        return state.aws.clock().instant();
    }
}
