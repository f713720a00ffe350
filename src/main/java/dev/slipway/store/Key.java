package dev.slipway.store;

/**
 * Where one item lies: a partition, a sort key within it and what it is. Items of a partition are listed in the order of
 * their sort keys.
 *
 * @param partition for example {@code environment#prod}
 * @param sort for example {@code service#web}
 */
public record Key<T>(String partition, String sort, ItemType<T> itemType) {}
