package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.freeze.Freeze;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.rollout.AutomaticRollback;
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
        AutomaticRollback automaticRollback,
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
                        Rollout.Request.ofRelease(
                                        Rollout.Reason.CONFIGURATION,
                                        live,
                                        operation.actor(),
                                        record.declared().rollout())
                                .withContainer(record.declared().container())
                                .withOverride(operation.override()),
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

    /**
     * The release that has been deployed is live, and is to go: the one before it is rolled out again, in the same operation, so that
     * nothing else begins in between.
     */
    ReconcileResult rollBack(ServiceContext at, RolloutReconcileResult.RollBack result) {
        ServiceRecord record = at.service();
        Rollout bad = result.rollout().value();
        int release = Objects.requireNonNull(bad.release());
        Release before = store.get(Release.key(
                        at.id(), Objects.requireNonNull(bad.progress().previous())))
                .orElseThrow()
                .value();
        AutomaticRollback.Change begun = automaticRollback.begin(
                result.rollout(), before, record.declared().rollout(), at.now());
        Transaction also =
                begun.also().entry(liveCorrected(at, release, "until release " + before.number() + " is again."));
        return live(
                at,
                result.operation()
                        .enterPhase(Phase.PREFLIGHT, at.now())
                        .withRollout(begun.rollout().id()),
                release,
                also);
    }

    private LedgerEntry liveCorrected(ServiceContext at, int release, String until) {
        return new LedgerEntry(
                ids.next(),
                at.id(),
                at.now(),
                LedgerEntry.SLIPWAY,
                LedgerEntry.EventType.LIVE_CORRECTED,
                null,
                null,
                release,
                "Release %d is live, %s".formatted(release, until));
    }

    /** A rollout is over. */
    ReconcileResult ended(ServiceContext at, RolloutReconcileResult.Ended ended) {
        Rollout rollout = ended.rollout();
        Integer release = rollout.release();
        Optional<AutomaticRollback.Change> reverted = reverted(at, rollout);
        Transaction also =
                reverted.map(before -> ended.also().and(before.also())).orElse(ended.also());
        Operation operation = reverted.map(AutomaticRollback.Change::rollout)
                .map(before -> ended.operation().withRollout(before.id()).failed(failure(before), at.now()))
                .orElseGet(() -> rollout.state() == Rollout.State.SUCCEEDED
                        ? ended.operation().succeeded(at.now())
                        : ended.operation().failed(failure(rollout), at.now()));
        if (release == null || !rollout.isLiveAtItsEnd()) {
            return ReconcileResult.proceed(operation, also);
        }
        return live(
                at,
                operation,
                release,
                rollout.state() == Rollout.State.SUCCEEDED
                        ? also
                        : also.entry(liveCorrected(at, release, "though it was to go.")));
    }

    /** How the rollout ended that this one has gone back from. */
    private Optional<AutomaticRollback.Change> reverted(ServiceContext at, Rollout rollback) {
        return Optional.ofNullable(rollback.request().revertOf())
                .flatMap(before -> store.get(Rollout.key(rollback.service(), before)))
                .filter(before -> before.value().isRunning())
                .map(before -> automaticRollback.end(
                        before,
                        rollback,
                        at.service().outputs(),
                        ServiceDiagnosis.healthCheck(at.service().declared()),
                        at.now()));
    }

    private static Problem failure(Rollout ended) {
        Rollout.Outcome outcome = ended.requireOutcome();
        return outcome.failure() != null ? outcome.failure() : Problem.user("cancelled", outcome.detail(), null);
    }

    /** A release has become the live one. */
    private ReconcileResult live(ServiceContext at, Operation next, int release, Transaction also) {
        ServiceRecord record = at.service();
        boolean first = record.count() == null && record.scaled() == null;
        ScalingSettings wanted = record.declared().scaling();
        if (first && wanted != null) {
            // The stack has registered it with limits of the time at which it was applied.
            scaling.limit(at.id(), wanted.limits(at.now()));
        }
        ServiceRecord live = (first ? settled(record) : record).releasing(release);
        ImageRetention.Outcome images = imageRetention.update(record, live, also.update(at.record(), live));
        Operation operation = next;
        for (String note : images.notes()) {
            operation = operation.withNote(note);
        }
        return ReconcileResult.proceed(operation, images.transaction());
    }
}
