package dev.slipway.service;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.release.Release;
import dev.slipway.stack.StackReconciler;
import dev.slipway.stack.Step;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The phases of a deletion. */
final class DeletionPhases {
    private final Store store;
    private final StackReconciler stacks;
    private final RetainedResources retained;
    private final RolloutQueue queue;
    private final IdGenerator ids;

    DeletionPhases(
            Store store, StackReconciler stacks, RetainedResources remains, RolloutQueue queue, IdGenerator ids) {
        this.store = store;
        this.stacks = stacks;
        this.retained = remains;
        this.queue = queue;
        this.ids = ids;
    }

    ReconcileResult delete(ServiceContext at, Instant now) {
        Step step = stacks.delete(
                at.progress(now), at.id().stackName(), at.operation().id(), false, now);
        return switch (step) {
            case Step.Requeue again ->
                ReconcileResult.requeue(at.operation().withProgress(again.progress()), again.requeueAfter());
            case Step.Deleted deleted -> ReconcileResult.proceed(at.operation().enterPhase(Phase.CLEANUP, now));
            case Step.Failed failed ->
                ReconcileResult.proceed(
                        at.operation().withProgress(failed.progress()).failed(failed.cause(), now));
            case Step.Done done -> throw new IllegalStateException("not an update");
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
        };
    }

    /** Deletes what the stack leaves, but for what the caller keeps. */
    ReconcileResult cleanup(ServiceContext at, Instant now) {
        Set<String> keep = at.operation().keep();
        Operation operation = at.operation().enterPhase(Phase.DELETE_RELEASES, now);
        if (keep.contains("registry")) {
            operation = operation.withNote(
                    "Left, as asked: the registry %s.".formatted(at.id().family()));
        } else {
            retained.deleteRegistry(at.id());
        }
        if (keep.contains("logs")) {
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
    ReconcileResult deleteReleases(ServiceContext at, Instant now) {
        Page<Release> some =
                store.list(Operation.partition(at.id()), Release.SORT, Release.itemType(), false, 40, null);
        if (some.items().isEmpty()) {
            List<Write> last =
                    new ArrayList<>(queue.cancelQueued(at.id(), at.operation().actor(), now));
            last.add(LedgerEntry.of(
                            ids.next(),
                            at.id(),
                            LedgerEntry.EventType.DELETED,
                            LedgerEntry.SLIPWAY,
                            "The service is gone.",
                            now)
                    .write());
            last.add(new Write.Delete<>(at.record()));
            last.add(new Write.Update<>(
                    at.environment(),
                    at.environment().value().withoutRoute(at.id().service())));
            return new ReconcileResult(at.operation().succeeded(now), last, Duration.ZERO);
        }
        List<Write> writes = new ArrayList<>();
        for (Stored<Release> release : some.items()) {
            writes.add(new Write.Delete<>(release));
            store.get(Release.ContentIndex.key(at.id(), release.value().contentHash()))
                    .ifPresent(found -> writes.add(new Write.Delete<>(found)));
        }
        return new ReconcileResult(at.operation(), writes, Duration.ZERO);
    }
}
