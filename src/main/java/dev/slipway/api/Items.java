package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a listing.
 *
 * @param next to be passed as the query parameter {@code next} for what follows; absent at the end
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record Items<V>(List<V> items, @Nullable String next) {}
