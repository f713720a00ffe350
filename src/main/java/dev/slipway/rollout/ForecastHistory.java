package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.target.ServiceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How long a service's tasks took to be ready in its past rollouts. */
final class ForecastHistory {
    private static final int LOOKED_AT = 15;
    private static final int MOST = 3;

    private final Store store;

    ForecastHistory(Store store) {
        this.store = store;
    }

    /** In seconds, of the newest that succeeded: until the gate was first asked; until the end, when rolling. */
    List<Integer> seconds(ServiceId service, boolean rolling) {
        return store
                .list(Operation.partition(service), Rollout.SORT, Rollout.kind(), true, LOOKED_AT, null)
                .items()
                .stream()
                .map(Stored::value)
                .filter(past -> past.state() == Rollout.State.SUCCEEDED
                        && past.previous() != null
                        && !past.previous().equals(past.release())
                        && past.settings().isRolling() == rolling)
                .limit(MOST)
                .flatMap(past -> ready(past, rolling).stream()
                        .map(at -> (int) Duration.between(past.startedAt(), at).toSeconds()))
                .toList();
    }

    private Optional<Instant> ready(Rollout past, boolean rolling) {
        if (rolling) {
            return Optional.ofNullable(past.endedAt());
        }
        return store.get(GateRecord.key(past.service(), past.id()))
                .flatMap(gate -> gate.value().passages().stream()
                        .map(GateRecord.Passage::since)
                        .min(Comparator.naturalOrder()));
    }
}
