package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.freeze.Freeze;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutEventRecorder;
import dev.slipway.rollout.RolloutReconcileResult;
import dev.slipway.scaling.ScalableTargets;
import dev.slipway.scaling.ScalingSettings;
import dev.slipway.store.Store;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.services.ecs.model.Service;

/**
 * The phases of an apply that are about what runs, and the end of every rollout. They set the number of tasks in ECS and let
 * old images expire; all else that runs is changed by rollouts.
 */
record ReleasePhases(
        Store store,
        EcsDeployments deployments,
        ScalableTargets scaling,
        ImageRetention imageRetention,
        RolloutEventRecorder events,
        FreezeGuard freezeGuard,
        IdGenerator ids) {
    /**
     * Sets the number of tasks, or the limits that scaling keeps, when the spec's changed; what somebody set by hand, or a schedule,
     * stays otherwise.
     */
    ReconcileResult count(ServiceContext at) {
        ServiceRecord record = at.service();
        ServiceRecord set = settled(record);
        Operation next = at.operation().enterPhase(Phase.CONTAINER, at.now());
        if (record.live() == null || set.equals(record)) {
            return ReconcileResult.proceed(next);
        }
        Optional<Service> running = deployments.findActive(at.id());
        if (running.isEmpty()) {
            return ReconcileResult.proceed(
                    next.withNote("The ECS service was deleted outside Slipway; its number of tasks was not set."));
        }
        ScalingSettings wanted = record.declared().scaling();
        if (wanted != null) {
            scaling.limit(at.id(), wanted.limits(at.now()));
        } else if (record.scaled() != null) {
            next = next.withNote("Scaling is off; the service stays at %d tasks."
                    .formatted(running.get().desiredCount()));
        } else {
            deployments.scale(at.id(), Objects.requireNonNull(record.declared().count()));
        }
        return ReconcileResult.proceed(next, new Transaction().update(at.record(), set));
    }

    /** As it is once the declared number of tasks, or the declared limits, have been set. */
    private static ServiceRecord settled(ServiceRecord record) {
        ScalingSettings wanted = record.declared().scaling();
        return wanted != null && wanted.limitsLike(record.scaled())
                ? record
                : record.with(next -> next.count(record.declared().count()).scaled(wanted));
    }

    /** Has a rollout begin when the settings of the container have changed. */
    ReconcileResult container(ServiceContext at) {
        ServiceRecord record = at.service();
        Integer number = record.live();
        if (number == null || record.declared().container().equals(record.attempted())) {
            return ReconcileResult.proceed(at.operation().succeeded(at.now()));
        }
        Release live = store.get(Release.key(at.id(), number)).orElseThrow().value();
        if (live.container().equals(record.declared().container())) {
            return ReconcileResult.proceed(at.operation().succeeded(at.now()));
        }
        List<Freeze.Open> holding = FreezeGuard.holding(
                freezeGuard.open(record, at.now()), at.operation().override());
        if (!holding.isEmpty()) { // it has opened since the spec was accepted
            return ReconcileResult.proceed(at.operation()
                    .withNote(
                            "The settings of the container have changed and are not rolled out, since a freeze has opened: %s. Apply the spec again after it: PUT %s"
                                    .formatted(
                                            FreezeGuard.describe(holding),
                                            at.id().path()))
                    .succeeded(at.now()));
        }
        return rollOut(at, at.operation(), record, live);
    }

    /**
     * The service had a release and has nothing running: it was deleted outside Slipway, alone or with its stack. What was live
     * goes out again, with the settings that are declared now and as many tasks.
     */
    ReconcileResult restore(ServiceContext at) {
        ServiceRecord record = at.service();
        int number = Objects.requireNonNull(record.live());
        Release live = store.get(Release.key(at.id(), number)).orElseThrow().value();
        Operation operation = at.operation()
                .withNote("Nothing of the service was running any more; release %d goes out again.".formatted(number));
        return rollOut(at, operation, record.with(next -> next.count(null).scaled(null)), live);
    }

    private ReconcileResult rollOut(ServiceContext at, Operation operation, ServiceRecord record, Release live) {
        Rollout rollout = Rollout.requested(
                        ids.next(),
                        at.id(),
                        new Rollout.Request(
                                Rollout.Reason.CONFIGURATION,
                                operation.actor(),
                                live.image(),
                                live.tag(),
                                live.commit(),
                                record.declared().container(),
                                record.declared().rollout(),
                                operation.override()),
                        live.number(),
                        at.now())
                .progressed(progress -> progress.operation(operation.id()));
        return ReconcileResult.proceed(
                operation.enterPhase(Phase.PREFLIGHT, at.now()).withRollout(rollout.id()),
                events.recordStart(rollout, at.now())
                        .create(Rollout.key(at.id(), rollout.id()), rollout)
                        .update(
                                at.record(),
                                record.withAttempted(record.declared().container())));
    }

    /** A rollout is over. */
    ReconcileResult ended(ServiceContext at, RolloutReconcileResult.Ended ended) {
        Rollout rollout = ended.rollout();
        Integer release = rollout.release();
        if (rollout.state() == Rollout.State.SUCCEEDED && release != null) {
            ServiceRecord record = at.service();
            boolean first = record.count() == null && record.scaled() == null;
            ScalingSettings wanted = record.declared().scaling();
            if (first && wanted != null) {
                // The stack has registered it with limits of the time at which it was applied.
                scaling.limit(at.id(), wanted.limits(at.now()));
            }
            ServiceRecord live = (first ? settled(record) : record).releasing(release);
            ImageRetention.Outcome images =
                    imageRetention.update(record, live, ended.also().update(at.record(), live));
            Operation operation = ended.operation();
            for (String note : images.notes()) {
                operation = operation.withNote(note);
            }
            return ReconcileResult.proceed(operation.succeeded(at.now()), images.transaction());
        }
        Rollout.Outcome outcome = rollout.requireOutcome();
        Problem why = outcome.failure() != null ? outcome.failure() : Problem.user("cancelled", outcome.detail(), null);
        return ReconcileResult.proceed(ended.operation().failed(why, at.now()), ended.also());
    }
}
