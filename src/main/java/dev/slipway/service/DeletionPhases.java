package dev.slipway.service;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.release.Release;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.Step;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The phases of a deletion: the stack first, then what it leaves in AWS, then our own records. */
final class DeletionPhases {
    /** Releases to forget in one pass; each is two items of a transaction that has room for a hundred. */
    private static final int RELEASES = 40;

    private final Store store;
    private final StackReconciler stacks;
    private final RetainedResources retained;
    private final RolloutQueue queue;
    private final IdGenerator ids;

    DeletionPhases(
            Store store, StackReconciler stacks, RetainedResources retained, RolloutQueue queue, IdGenerator ids) {
        this.store = store;
        this.stacks = stacks;
        this.retained = retained;
        this.queue = queue;
        this.ids = ids;
    }

    ReconcileResult delete(ServiceContext at) {
        Step step =
                stacks.delete(at.progress(), at.id().stackName(), at.operation().id(), false, at.now());
        return switch (step) {
            case Step.Requeue again -> at.requeue(again);
            case Step.Deleted _ -> at.next(ServiceWorkflow.CLEANUP);
            case Step.Failed failed -> at.failed(failed);
            case Step.Done _ -> throw new IllegalStateException("not an update");
            case Step.Planned _ -> throw new IllegalStateException("not a plan");
        };
    }

    /** Deletes what the stack leaves, but for what the caller keeps. */
    ReconcileResult cleanup(ServiceContext at) {
        Operation operation = at.operation().enterPhase(ServiceWorkflow.DELETE_RELEASES, at.now());
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

    /** Forgets the releases: their task definitions are gone, and a new service of this name starts at release 1. */
    ReconcileResult deleteReleases(ServiceContext at) {
        List<Write> writes = new ArrayList<>();
        Page<Release> some =
                store.list(Operation.partition(at.id()), Release.SORT, Release.itemType(), false, RELEASES, null);
        for (Stored<Release> release : some.items()) {
            writes.add(new Write.Delete<>(release));
            store.get(Release.ContentIndex.key(at.id(), release.value().contentHash()))
                    .ifPresent(found -> writes.add(new Write.Delete<>(found)));
        }
        if (!writes.isEmpty()) {
            return new ReconcileResult(at.operation(), writes, Duration.ZERO);
        }
        writes.addAll(queue.cancelQueued(at.id(), at.operation().actor(), at.now()));
        writes.add(LedgerEntry.of(
                        ids.next(),
                        at.id(),
                        LedgerEntry.EventType.DELETED,
                        LedgerEntry.SLIPWAY,
                        "The service is gone.",
                        at.now())
                .write());
        writes.add(new Write.Delete<>(at.record()));
        writes.add(new Write.Update<>(
                at.environment(), at.environment().value().withoutRoute(at.id().service())));
        return new ReconcileResult(at.operation().succeeded(at.now()), writes, Duration.ZERO);
    }
}
