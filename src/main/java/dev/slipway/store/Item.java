package dev.slipway.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An item as both stores keep it.
 *
 * @param type {@link ItemType#name()}
 * @param schema the version of the record's shape that {@code body} has
 * @param body the value as JSON
 * @param ttl when it expires, in seconds since 1970; null when it never does
 */
record Item(
        String type,
        int schema,
        long version,
        String body,
        @Nullable Long ttl) {
    /** DynamoDB deletes expired items within days, not at once: until then they are there but count as absent. */
    boolean isUnexpired(Instant now) {
        return ttl == null || ttl > now.getEpochSecond();
    }

    /** The second in which, or the one after which, an item expires: never too early. */
    static @Nullable Long ttl(@Nullable Instant expires) {
        if (expires == null) {
            return null;
        }
        return expires.getNano() == 0 ? expires.getEpochSecond() : expires.getEpochSecond() + 1;
    }
}
