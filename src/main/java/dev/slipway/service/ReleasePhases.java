package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
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
import dev.slipway.store.Store;
import java.util.Objects;

/**
 * The phases of an apply that are about what runs, and the end of every rollout. They set the number of tasks in ECS and let
 * old images expire; all else that runs is changed by rollouts.
 */
record ReleasePhases(
        Store store,
        EcsDeployments deployments,
        ImageRetention imageRetention,
        RolloutEventRecorder events,
        IdGenerator ids) {
    /** Sets the number of tasks when the spec's changed; a number that somebody set by hand stays otherwise. */
    ReconcileResult count(ServiceContext at) {
        ServiceRecord record = at.service();
        int declared = record.declared().count();
        Operation next = at.operation().enterPhase(Phase.CONTAINER, at.now());
        if (record.live() == null || (record.count() != null && record.count() == declared)) {
            return ReconcileResult.proceed(next);
        }
        if (deployments.findActive(at.id()).isEmpty()) {
            return ReconcileResult.proceed(
                    next.withNote("The ECS service was deleted outside Slipway; its number of tasks was not set."));
        }
        deployments.scale(at.id(), declared);
        return ReconcileResult.proceed(next, new Transaction().update(at.record(), record.withCount(declared)));
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
        return rollOut(at, operation, record.withCount(null), live);
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
            ServiceRecord live = record.count() == null
                    ? record.withCount(record.declared().count()).releasing(release)
                    : record.releasing(release);
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
