package dev.slipway.status;

import dev.slipway.id.EnvironmentId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When all services of an environment were looked at last. One item for all of them: what was found like before is not written.
 *
 * @param checkedAt when that look began
 */
@RegisterForReflection
record StatusLook(EnvironmentId environment, Instant checkedAt) {
    static final ItemType<StatusLook> ITEM_TYPE = new ItemType<>("status-look", StatusLook.class, 1);

    static Key<StatusLook> key(EnvironmentId environment) {
        return new Key<>(StatusRecord.partition(environment), "status-look", ITEM_TYPE);
    }

    /** When the services of an environment were looked at last; null before the first time. */
    static @Nullable Instant checkedAt(Store store, EnvironmentId environment) {
        return store.get(key(environment)).map(look -> look.value().checkedAt()).orElse(null);
    }
}
