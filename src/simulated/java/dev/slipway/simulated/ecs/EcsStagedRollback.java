package dev.slipway.simulated.ecs;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;

/**
 * The way back of a deployment in stages: production traffic first, then test traffic, with the hooks of these two
 * stages, then the new tasks go. Stages that had not been reached are left out (assumed).
 */
final class EcsStagedRollback {
    private final EcsState state;
    private final EcsScheduler scheduler;
    private final EcsDeploymentControl control;
    private final EcsTaskReconciler keeper;
    private final EcsHooks hooks;
    private final EcsTrafficShift shift;
    private final EcsStageTimer clock;

    EcsStagedRollback(
            EcsState state,
            EcsScheduler scheduler,
            EcsDeploymentControl control,
            EcsTaskReconciler keeper,
            EcsHooks hooks,
            EcsTrafficShift shift,
            EcsStageTimer clock) {
        this.state = state;
        this.scheduler = scheduler;
        this.control = control;
        this.keeper = keeper;
        this.hooks = hooks;
        this.shift = shift;
        this.clock = clock;
    }

    void pass(EcsServiceRecord service, EcsServiceDeployment deployment) {
        EcsDeployment to = Objects.requireNonNull(deployment.rollbackTo);
        keeper.keep(service, to, service.desiredCount);
        if (!deployment.progress().back()) {
            turn(service, deployment);
            return;
        }
        if (clock.expired(deployment)) {
            control.rollbackFailed(deployment, "a lifecycle stage took longer than 24 hours.");
            return;
        }
        EcsHooks.Verdict verdict = hooks.run(deployment);
        if (service.ongoing() != deployment || deployment.status != ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS) {
            return;
        }
        switch (verdict) {
            case FAILED -> control.rollbackFailed(deployment, "hook execution failure(s) detected.");
            case WAIT -> clock.plan(deployment, Duration.ZERO);
            case DONE -> {
                if (!done(service, deployment, to)) {
                    clock.plan(deployment, Duration.ZERO);
                } else if (clock.mayEnd(deployment)) {
                    next(service, deployment);
                }
            }
        }
    }

    private void turn(EcsServiceRecord service, EcsServiceDeployment deployment) {
        if (state.failingRollbacks.remove(service.name)) {
            control.rollbackFailed(deployment, "an internal error occurred.");
            return;
        }
        EcsProgress turned = deployment.progress().turn();
        deployment.progress(turned);
        enter(service, deployment, first(turned));
    }

    /** Old tasks that are already going have to come again before they get traffic. */
    private static EcsStage first(EcsProgress turned) {
        if (turned.stage() == EcsStage.CLEAN_UP) {
            return EcsStage.SCALE_UP;
        }
        // A second step's PRE_PRODUCTION_TRAFFIC_SHIFT comes when the first has moved traffic already.
        if (turned.stage() == EcsStage.RECONCILE_SERVICE || turned.productionPercent() > 0) {
            return EcsStage.PRODUCTION_TRAFFIC_SHIFT;
        }
        return turned.testPercent() > 0 ? EcsStage.TEST_TRAFFIC_SHIFT : EcsStage.CLEAN_UP;
    }

    private void enter(EcsServiceRecord service, EcsServiceDeployment deployment, EcsStage stage) {
        EcsRevision target = deployment.target.revision;
        List<EcsHookRun> runs = hooks.of(deployment, stage);
        EcsProgress entered = deployment.progress().enter(stage, 0, clock.now(), runs);
        boolean shifted = true;
        if (stage == EcsStage.PRODUCTION_TRAFFIC_SHIFT) {
            entered = entered.production(0);
            shifted = shift.production(target, 0);
        } else if (stage == EcsStage.TEST_TRAFFIC_SHIFT) {
            entered = entered.test(0);
            shifted = shift.test(target, 0);
        }
        deployment.progress(entered);
        if (!shifted) {
            control.rollbackFailed(deployment, "the listener rule does not forward to both target groups.");
            return;
        }
        scheduler.wake(service);
    }

    /** New tasks go only when the old ones can do without them. */
    private boolean done(EcsServiceRecord service, EcsServiceDeployment deployment, EcsDeployment to) {
        boolean full = keeper.full(service, to, service.desiredCount);
        return switch (deployment.progress().stage()) {
            case SCALE_UP -> full;
            case CLEAN_UP -> {
                if (full) {
                    keeper.stopOthers(service, to);
                }
                yield full && service.tasks.stream().allMatch(task -> task.entry == to && task.wanted());
            }
            default -> true;
        };
    }

    private void next(EcsServiceRecord service, EcsServiceDeployment deployment) {
        switch (deployment.progress().stage()) {
            case SCALE_UP -> enter(service, deployment, EcsStage.PRODUCTION_TRAFFIC_SHIFT);
            case PRODUCTION_TRAFFIC_SHIFT -> enter(service, deployment, EcsStage.TEST_TRAFFIC_SHIFT);
            case TEST_TRAFFIC_SHIFT -> enter(service, deployment, EcsStage.CLEAN_UP);
            default -> {
                control.complete(service);
                scheduler.wake(service);
            }
        }
    }
}
