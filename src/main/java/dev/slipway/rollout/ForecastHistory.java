package dev.slipway.rollout;

import dev.slipway.id.ServiceId;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How long a service's tasks took to be ready in its past rollouts. */
record ForecastHistory(Store store) {
    private static final int PAGE_SIZE = 15;
    private static final int MAX_ROLLOUTS = 3;

    /** In seconds, of the newest that succeeded: until the gate was first asked; until ECS was done, when rolling. */
    List<Integer> seconds(ServiceId service, boolean rolling) {
        return store.list(service.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, PAGE_SIZE, null).items().stream()
                .map(Stored::value)
                .filter(past -> past.state() == Rollout.State.SUCCEEDED
                        && past.progress().previous() != null
                        && !past.progress().previous().equals(past.release())
                        && past.settings().isRolling() == rolling)
                .limit(MAX_ROLLOUTS)
                .flatMap(past -> ready(past, rolling).stream().map(at ->
                        (int) Duration.between(past.progress().startedAt(), at).toSeconds()))
                .toList();
    }

    private Optional<Instant> ready(Rollout past, boolean rolling) {
        if (rolling) {
            return Optional.ofNullable(past.progress().deployedAt())
                    .or(() -> Optional.ofNullable(past.outcome()).map(Rollout.Outcome::endedAt));
        }
        return store.get(GateRecord.key(past.service(), past.id()))
                .flatMap(gate -> gate.value().checkpoints().stream()
                        .filter(checkpoint -> checkpoint.isOfEcs())
                        .map(GateRecord.Checkpoint::since)
                        .min(Comparator.naturalOrder()));
    }
}
