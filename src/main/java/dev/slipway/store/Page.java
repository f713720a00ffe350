package dev.slipway.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a listing.
 *
 * @param next pass it to {@link Store#list} for what follows; null at the end. Callers treat it as opaque
 */
public record Page<T>(List<Stored<T>> items, @Nullable String next) {}
