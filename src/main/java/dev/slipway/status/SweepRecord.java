package dev.slipway.status;

import dev.slipway.id.EnvironmentId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When the last sweep of the services of an environment began. One item for all of them: what was found like before is not written.
 *
 * @param checkedAt when it began
 */
@RegisterForReflection
record SweepRecord(EnvironmentId environment, Instant checkedAt) {
    static final ItemType<SweepRecord> ITEM_TYPE = new ItemType<>("status-sweep", SweepRecord.class, 1);

    static Key<SweepRecord> key(EnvironmentId environment) {
        return new Key<>(StatusRecord.partition(environment), "status-sweep", ITEM_TYPE);
    }

    /** When the last sweep of an environment began; null before the first. */
    static @Nullable Instant checkedAt(Store store, EnvironmentId environment) {
        return store.get(key(environment))
                .map(sweep -> sweep.value().checkedAt())
                .orElse(null);
    }
}
