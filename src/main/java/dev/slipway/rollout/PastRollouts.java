package dev.slipway.rollout;

import dev.slipway.id.ServiceId;
import dev.slipway.preflight.Preflight;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a service's past rollouts tell of the next. */
record PastRollouts(Store store) implements Preflight.History {
    private static final int PAGE_SIZE = 15;
    private static final int MAX_ROLLOUTS = 3;

    /** In seconds, of the newest that succeeded: until the gate was first asked; until ECS was done, when rolling. */
    @Override
    public List<Integer> seconds(ServiceId service, boolean rolling) {
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

    /** Releases take turns in it, and what a worse one did there says nothing of how this one is by itself. */
    @Override
    public Instant ownSince(ServiceId service, @Nullable Integer release) {
        Iterator<Rollout> earlier = store.stream(service.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true)
                .map(Stored::value)
                .filter(other -> other.outcome() != null && !other.foundItsReleaseLive())
                .iterator();
        while (earlier.hasNext()) {
            Rollout other = earlier.next();
            if (other.settings().isRolling() && other.progress().calledAt() != null) {
                return other.requireOutcome().endedAt(); // it goes out in the same group
            }
            if (other.isLiveAtItsEnd() && Objects.equals(other.release(), release)) {
                return other.progress().startedAt();
            }
        }
        return Instant.MIN;
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
