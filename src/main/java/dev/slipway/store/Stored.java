package dev.slipway.store;

/**
 * An item as it was read.
 *
 * @param version grows by one with every write; 1 when created
 */
public record Stored<T>(Key<T> key, T value, long version) {}
