package dev.slipway.simulated.ecs;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;

/**
 * BLUE_GREEN, CANARY and LINEAR: the new revision's tasks start in the other target group, traffic moves to them by
 * listener rule weights, and the old tasks go last ("Amazon ECS blue/green service deployments workflow"). One stage at
 * most ends in a pass.
 */
final class EcsStagedProcess implements EcsDeploymentProcess {
    /** How far the work of a stage is, apart from its hooks and its bake. */
    private enum Work {
        DONE,
        WAIT,
        BROKEN
    }

    private static final Duration NO_BAKE = Duration.ZERO;

    private final EcsScheduler scheduler;
    private final EcsDeploymentControl control;
    private final EcsTaskReconciler keeper;
    private final EcsHooks hooks;
    private final EcsTrafficShift shift;
    private final EcsStagedRollback back;
    private final EcsStageTimer clock;

    EcsStagedProcess(
            EcsState state,
            EcsScheduler scheduler,
            EcsDeploymentControl control,
            EcsTaskReconciler keeper,
            EcsHooks hooks) {
        this.scheduler = scheduler;
        this.control = control;
        this.keeper = keeper;
        this.hooks = hooks;
        this.shift = new EcsTrafficShift(state.elb.rules().weights());
        this.clock = new EcsStageTimer(state.aws.clock(), scheduler);
        this.back = new EcsStagedRollback(state, scheduler, control, keeper, hooks, shift, clock);
    }

    @Override
    public void pass(EcsServiceRecord service) {
        service.steady = false;
        EcsServiceDeployment deployment = service.ongoing();
        if (deployment == null) {
            hold(service);
            return;
        }
        switch (deployment.status) {
            case IN_PROGRESS -> forward(service, deployment);
            case ROLLBACK_IN_PROGRESS -> back.pass(service, deployment);
            default -> keepBoth(service, deployment);
        }
    }

    /** After a failed rollback, or without one: whoever may have traffic keeps their tasks. */
    private void hold(EcsServiceRecord service) {
        for (EcsDeployment entry : List.copyOf(service.entries)) {
            if (entry == service.primary() || service.kept(entry).findAny().isPresent()) {
                keeper.keep(service, entry, service.desiredCount);
            }
        }
    }

    private void forward(EcsServiceRecord service, EcsServiceDeployment deployment) {
        keepBoth(service, deployment);
        if (clock.expired(deployment)) {
            control.fail(deployment, EcsFailure.TIMEOUT, true);
            return;
        }
        Work work = work(service, deployment);
        if (work == Work.BROKEN) {
            control.fail(deployment, EcsFailure.LISTENER_RULE, true);
            return;
        }
        EcsHooks.Verdict verdict = hooks.run(deployment);
        if (service.ongoing() != deployment || deployment.status != ServiceDeploymentStatus.IN_PROGRESS) {
            return; // stopped or replaced by a hook
        }
        switch (verdict) {
            case FAILED -> control.fail(deployment, EcsFailure.HOOK, true);
            case WAIT -> clock.plan(deployment, NO_BAKE);
            case DONE -> {
                if (work == Work.WAIT || !baked(deployment)) {
                    clock.plan(deployment, bake(deployment));
                } else if (clock.mayEnd(deployment)) {
                    next(service, deployment);
                }
            }
        }
    }

    private void keepBoth(EcsServiceRecord service, EcsServiceDeployment deployment) {
        EcsStage stage = deployment.progress().stage();
        EcsDeployment source = deployment.source;
        if (source != null && (stage != EcsStage.CLEAN_UP || !deployment.forward())) {
            keeper.keep(service, source, service.desiredCount);
        }
        if (stage.reached(EcsStage.SCALE_UP)) {
            keeper.keep(service, deployment.target, service.desiredCount);
        }
    }

    private Work work(EcsServiceRecord service, EcsServiceDeployment deployment) {
        return switch (deployment.progress().stage()) {
            case RECONCILE_SERVICE -> reconcile(service, deployment);
            case PRE_SCALE_UP -> shift.possible(deployment.target.revision) ? Work.DONE : Work.BROKEN;
            case SCALE_UP -> keeper.full(service, deployment.target, service.desiredCount) ? Work.DONE : Work.WAIT;
            case CLEAN_UP -> {
                keeper.stopOthers(service, deployment.target);
                yield alone(service, deployment.target) ? Work.DONE : Work.WAIT;
            }
            default -> Work.DONE;
        };
    }

    /** Traffic back to the last good revision, once it can take it, then away with the others (assumed). */
    private Work reconcile(EcsServiceRecord service, EcsServiceDeployment deployment) {
        EcsDeployment source = deployment.source;
        if (source == null) {
            return Work.DONE; // nothing good to come back to: what is there serves until the clean-up
        }
        if (keeper.full(service, source, service.desiredCount)) {
            if (!shift.production(source.revision, 100) || !shift.test(source.revision, 100)) {
                return Work.BROKEN;
            }
            keeper.stopOthers(service, source);
        }
        return alone(service, source) ? Work.DONE : Work.WAIT;
    }

    private boolean alone(EcsServiceRecord service, EcsDeployment entry) {
        return keeper.full(service, entry, service.desiredCount)
                && service.tasks.stream().allMatch(task -> task.entry == entry && task.wanted());
    }

    private static Duration bake(EcsServiceDeployment deployment) {
        EcsProgress progress = deployment.progress();
        EcsSteps steps = EcsSteps.of(deployment.configuration);
        return switch (progress.stage()) {
            case PRODUCTION_TRAFFIC_SHIFT -> steps.last(progress.step()) ? NO_BAKE : steps.stepBake();
            case BAKE_TIME -> steps.bake();
            default -> NO_BAKE;
        };
    }

    private boolean baked(EcsServiceDeployment deployment) {
        Duration bake = bake(deployment);
        if (bake.isZero()) {
            return true;
        }
        Instant since = deployment.progress().bakeSince();
        if (since == null) {
            deployment.progress(deployment.progress().baking(clock.now()));
            return false;
        }
        return !clock.now().isBefore(since.plus(bake));
    }

    private void next(EcsServiceRecord service, EcsServiceDeployment deployment) {
        EcsProgress now = deployment.progress();
        if (now.stage() == EcsStage.CLEAN_UP) {
            control.complete(service);
            scheduler.wake(service);
            return;
        }
        EcsSteps steps = EcsSteps.of(deployment.configuration);
        boolean again = now.stage() == EcsStage.PRODUCTION_TRAFFIC_SHIFT && !steps.last(now.step());
        EcsStage stage =
                again ? EcsStage.PRE_PRODUCTION_TRAFFIC_SHIFT : now.stage().next();
        EcsProgress entered =
                now.enter(stage, again ? now.step() + 1 : now.step(), clock.now(), hooks.of(deployment, stage));
        EcsRevision target = deployment.target.revision;
        boolean shifted = true;
        if (stage == EcsStage.TEST_TRAFFIC_SHIFT) {
            entered = entered.test(100);
            shifted = shift.test(target, 100);
        } else if (stage == EcsStage.PRODUCTION_TRAFFIC_SHIFT) {
            entered = entered.production(steps.percents().get(entered.step()));
            shifted = shift.production(target, entered.productionPercent());
        }
        deployment.progress(entered);
        if (!shifted) {
            control.fail(deployment, EcsFailure.LISTENER_RULE, true);
            return;
        }
        scheduler.wake(service);
    }
}
