package dev.slipway.store;

import java.util.Objects;

/**
 * A kind of item.
 *
 * @param name stands in the item, so that a person can read the table
 * @param type the record it is read into, by Jackson
 * @param schema the version of that record's shape that this code writes; reading an item of a newer version fails
 */
public record ItemType<T>(String name, Class<T> type, int schema) {
    public ItemType {
        Objects.requireNonNull(type);
        if (schema < 1) {
            throw new IllegalArgumentException("schema versions start at 1: " + schema);
        }
    }
}
