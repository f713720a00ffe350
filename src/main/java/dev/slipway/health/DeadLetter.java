package dev.slipway.health;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that was given up, as callers see it.
 *
 * @param target that it has looked at, for example {@code prod/web}; null for what is no message of Slipway's to itself
 * @param body the beginning of its text, with credentials masked
 * @param redrivable whether it can be sent again: it is a JSON object
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeadLetter(
        String id, @Nullable String target, String body, Instant sentAt, int receives, boolean redrivable) {}
