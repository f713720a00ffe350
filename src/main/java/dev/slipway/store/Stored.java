package dev.slipway.store;

/**
 * An item as it was read.
 *
 * @param version grows by one with every write; 1 when created. An item that was deleted and created anew begins at 1 again, so
 *     what guards others (a lock) is not deleted but updated to say that it is free
 */
public record Stored<T>(Key<T> key, T value, long version) {}
