package dev.slipway.preflight;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/**
 * Something that was seen before a rollout.
 *
 * @param code stable, for programs
 * @param blocks whether the rollout must not start
 * @param detail what is the matter, in a sentence
 * @param action what to do about it
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Finding(
        String code,
        boolean blocks,
        String detail,
        @Nullable String action) {}
