package dev.slipway.service;

import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutEventRecorder;
import dev.slipway.rollout.RolloutReconcileResult;
import dev.slipway.store.Store;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The phases of an apply that are about what runs, and the end of every rollout. */
final class ReleasePhases {
    private final Store store;
    private final EcsDeployments deployments;
    private final ImageRetention imageRetention;
    private final RolloutEventRecorder events;
    private final IdGenerator ids;

    ReleasePhases(
            Store store,
            EcsDeployments deployments,
            ImageRetention kept,
            RolloutEventRecorder chronicle,
            IdGenerator ids) {
        this.store = store;
        this.deployments = deployments;
        this.imageRetention = kept;
        this.events = chronicle;
        this.ids = ids;
    }

    /** Sets the number of tasks when the spec's changed; a number that somebody set by hand stays otherwise. */
    ReconcileResult count(ServiceContext at, Instant now) {
        ServiceRecord record = at.record().value();
        int declared = record.declared().count();
        Operation next = at.operation().enterPhase(Phase.CONTAINER, now);
        if (record.live() == null || (record.count() != null && record.count() == declared)) {
            return ReconcileResult.proceed(next);
        }
        if (deployments.findActive(at.id()).isEmpty()) {
            return ReconcileResult.proceed(
                    next.withNote("The ECS service was deleted outside Slipway; its number of tasks was not set."));
        }
        deployments.scale(at.id(), declared);
        return ReconcileResult.proceed(next, new Write.Update<>(at.record(), record.scaledTo(declared)));
    }

    /** Has a rollout begin when the settings of the container have changed. */
    ReconcileResult container(ServiceContext at, Instant now) {
        ServiceRecord record = at.record().value();
        Integer number = record.live();
        if (number == null || record.declared().container().equals(record.attempted())) {
            return ReconcileResult.proceed(at.operation().succeeded(now));
        }
        Release live = store.get(Release.key(at.id(), number)).orElseThrow().value();
        if (live.container().equals(record.declared().container())) {
            return ReconcileResult.proceed(at.operation().succeeded(now));
        }
        return rollOut(at, at.operation(), record, live, now);
    }

    /**
     * The service had a release and has nothing running: it was deleted outside Slipway, alone or with its stack. What was live
     * goes out again, with the settings that are declared now and as many tasks.
     */
    ReconcileResult restore(ServiceContext at, Instant now) {
        ServiceRecord record = at.record().value();
        int number = Objects.requireNonNull(record.live());
        Release live = store.get(Release.key(at.id(), number)).orElseThrow().value();
        Operation operation = at.operation()
                .withNote("Nothing of the service was running any more; release %d goes out again.".formatted(number));
        return rollOut(at, operation, record.unscaled(), live, now);
    }

    private ReconcileResult rollOut(
            ServiceContext at, Operation operation, ServiceRecord record, Release live, Instant now) {
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
                        now)
                .progressed(progress -> progress.operation(operation.id()));
        List<Write> writes = new ArrayList<>(Arrays.asList(events.recordStart(rollout, now)));
        writes.add(new Write.Create<>(Rollout.key(at.id(), rollout.id()), rollout));
        writes.add(new Write.Update<>(
                at.record(), record.attempting(record.declared().container())));
        return new ReconcileResult(
                operation.enterPhase(Phase.PREFLIGHT, now).withRollout(rollout.id()), writes, Duration.ZERO);
    }

    /** A rollout is over. */
    ReconcileResult ended(ServiceContext at, RolloutReconcileResult.Ended ended, Instant now) {
        Rollout rollout = ended.rollout();
        List<Write> writes = new ArrayList<>(ended.writes());
        Integer release = rollout.release();
        if (rollout.state() == Rollout.State.SUCCEEDED && release != null) {
            ServiceRecord record = at.record().value();
            ServiceRecord live = record.count() == null
                    ? record.scaledTo(record.declared().count()).releasing(release)
                    : record.releasing(release);
            writes.add(new Write.Update<>(at.record(), live));
            Operation operation = ended.operation();
            for (String note : imageRetention.update(record, live, writes)) {
                operation = operation.withNote(note);
            }
            return new ReconcileResult(operation.succeeded(now), writes, Duration.ZERO);
        }
        Rollout.Outcome outcome = Objects.requireNonNull(rollout.outcome());
        Problem why = outcome.failure() != null ? outcome.failure() : Problem.user("cancelled", outcome.detail(), null);
        return new ReconcileResult(ended.operation().failed(why, now), writes, Duration.ZERO);
    }
}
