package dev.slipway.service;

import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutEventRecorder;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What belongs to an operation or a service and lies in the store beside it. */
record RelatedRecords(Store store, RolloutEventRecorder events) {
    /** What else to record when an operation is given up. */
    List<Write> abandon(Operation operation, Problem why, Instant now) {
        List<Write> writes = new ArrayList<>(Plans.onAbandoned(store, operation, why));
        rollout(operation).filter(found -> found.value().isRunning()).ifPresent(found -> {
            Rollout abandoned = found.value().abandoned(now, why);
            String sentence = Objects.requireNonNull(abandoned.outcome()).detail();
            writes.add(new Write.Update<>(found, abandoned));
            writes.addAll(Arrays.asList(
                    events.record(abandoned, LedgerEntry.EventType.ROLLOUT_ENDED, LedgerEntry.SLIPWAY, sentence, now)));
        });
        return writes;
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
