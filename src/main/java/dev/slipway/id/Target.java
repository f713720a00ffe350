package dev.slipway.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What one change at a time happens to: an environment ({@code prod}), a service in it ({@code prod/web}), or the pipeline of
 * a service ({@code pipeline/web}). Each is one CloudFormation stack.
 */
@RegisterForReflection
public sealed interface Target permits EnvironmentId, PipelineId, ServiceId {
    /** {@code prod}, {@code prod/web} or {@code pipeline/web}: unique, and the same for ever. */
    @JsonValue
    String key();

    /** The name of its CloudFormation stack: {@code slipway-prod}, {@code slipway-prod-web} or {@code slipway-pipeline-web}. */
    String stackName();

    /** The path of its resource in the API: {@code /v1/environments/prod/services/web}. */
    String path();

    /** The partition of the table in which all that happened at it lies. */
    default String partition() {
        return "target#" + key();
    }

    /** Reads a {@link #key()}. Throws IllegalArgumentException when it is none. */
    @JsonCreator
    static Target of(String key) {
        int slash = key.indexOf('/');
        if (slash < 0) {
            return new EnvironmentId(key);
        }
        return key.startsWith(EnvironmentId.RESERVED + "/") ? PipelineId.of(key) : ServiceId.of(key);
    }
}
