package dev.slipway.service;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.release.Release;
import dev.slipway.rollout.RolloutMinutes;
import dev.slipway.stack.DeleteResult;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.util.Optional;

/** The phases of a deletion: the stack first, then what it leaves in AWS, then our own records. */
record DeletionPhases(
        Store store, StackReconciler stacks, RetainedResources retained, RolloutQueue queue, IdGenerator ids) {
    /** Releases to forget in one pass; each is two items of a transaction that has room for a hundred. */
    private static final int RELEASES = 40;
    /** Rollouts whose minutes go with them, each one item of up to 100 KB; a transaction may have 4 MB. */
    private static final int ANALYSES = 10;

    ReconcileResult delete(ServiceContext at) {
        DeleteResult result =
                stacks.delete(at.progress(), at.id().stackName(), at.operation().id(), false, at.now());
        return switch (result) {
            case DeleteResult.InProgress again -> at.requeue(again);
            case DeleteResult.Deleted _ -> at.next(Phase.CLEANUP);
            case DeleteResult.Failed failed -> at.failed(failed);
        };
    }

    /** Deletes what the stack leaves, but for what the caller keeps. */
    ReconcileResult cleanup(ServiceContext at) {
        Operation operation = at.operation().enterPhase(Phase.DELETE_RELEASES, at.now());
        if (operation.keep().contains("registry")) {
            operation = operation.withNote(
                    "Left, as asked: the registry %s.".formatted(at.id().family()));
        } else {
            retained.deleteRegistry(at.id());
        }
        if (operation.keep().contains("logs")) {
            operation = operation.withNote(
                    "Left, as asked: the log group %s.".formatted(at.id().logGroup()));
        } else {
            retained.deleteLogs(at.id());
        }
        return retained.deleteSomeTaskDefinitions(at.id())
                ? ReconcileResult.requeue(at.operation(), Duration.ZERO)
                : ReconcileResult.proceed(operation);
    }

    /**
     * Forgets the releases: their task definitions are gone, and a new service of this name starts at release 1. The rollouts stay, without
     * the minutes that they were judged by.
     */
    ReconcileResult deleteReleases(ServiceContext at) {
        Transaction forgotten = RolloutMinutes.delete(store, at.id(), ANALYSES);
        Page<Release> some = store.list(at.id().partition(), Release.SORT, Release.ITEM_TYPE, false, RELEASES, null);
        for (Stored<Release> release : some.items()) {
            Optional<Stored<Release.ContentIndex>> index =
                    store.get(Release.ContentIndex.key(at.id(), release.value().contentHash()));
            Transaction next = forgotten.delete(release);
            forgotten = index.map(next::delete).orElse(next);
        }
        if (!forgotten.isEmpty()) {
            return ReconcileResult.proceed(at.operation(), forgotten);
        }
        LedgerEntry gone = LedgerEntry.of(
                ids.next(),
                at.id(),
                LedgerEntry.EventType.DELETED,
                LedgerEntry.SLIPWAY,
                "The service is gone.",
                at.now());
        return ReconcileResult.proceed(
                at.operation().succeeded(at.now()),
                queue.cancelQueued(at.id(), at.operation().actor(), at.now())
                        .entry(gone)
                        .put(
                                FormerControls.key(at.id()),
                                store.get(FormerControls.key(at.id())),
                                FormerControls.of(at.record().value(), at.now()))
                        .delete(at.record())
                        .update(
                                at.environment(),
                                at.environment().value().withoutRoute(at.id().service())));
    }
}
