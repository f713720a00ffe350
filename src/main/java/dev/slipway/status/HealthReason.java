package dev.slipway.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/**
 * Something that was found.
 *
 * @param state that it would lead to by itself; {@code HEALTHY} where it is only worth knowing
 * @param message in a sentence
 * @param more where there is more of it: a path of the API, or the address of a playbook
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HealthReason(
        Level level,
        HealthState state,
        String message,
        @Nullable String more) {
    /** What it is about. */
    public enum Level {
        SERVICE,
        TASKS,
        TARGETS,
        ALARMS,
        DEPLOYMENT,
        STACK,
        CERTIFICATE,
        SCALING,
        PIPELINE
    }
}
