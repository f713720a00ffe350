package dev.slipway.service;

import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutEventRecorder;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What belongs to an operation or a service and lies in the store beside it. */
record RelatedRecords(Store store, RolloutEventRecorder events) {
    /** What else to record when an operation is given up. */
    Transaction abandon(Operation operation, Problem why, Instant now) {
        Transaction plan = Plans.onAbandoned(store, operation, why);
        return rollout(operation)
                .filter(found -> found.value().isRunning())
                .map(found -> {
                    Rollout abandoned = found.value().abandoned(now, why);
                    return plan.update(found, abandoned)
                            .and(events.record(
                                    abandoned,
                                    LedgerEntry.EventType.ROLLOUT_ENDED,
                                    LedgerEntry.SLIPWAY,
                                    Objects.requireNonNull(
                                            abandoned.detail(), "a rollout that is over says how it ended"),
                                    now));
                })
                .orElse(plan);
    }

    /** The container settings of the releases that are live and were live before. */
    List<ContainerSettings> liveContainers(ServiceRecord record) {
        return Stream.of(Optional.ofNullable(record.live()), Optional.ofNullable(record.previous()))
                .flatMap(Optional::stream)
                .map(number -> store.get(Release.key(record.id(), number)))
                .flatMap(Optional::stream)
                .map(found -> found.value().container())
                .toList();
    }

    Optional<Stored<Rollout>> rollout(Operation operation) {
        @Nullable String id = operation.rollout();
        return id == null ? Optional.empty() : store.get(Rollout.key((ServiceId) operation.target(), id));
    }
}
