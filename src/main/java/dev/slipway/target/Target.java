package dev.slipway.target;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * What one change at a time happens to: an environment ({@code prod}) or a service in it ({@code prod/web}). Each is one
 * CloudFormation stack.
 */
public sealed interface Target permits EnvironmentId, ServiceId {
    /** The environment's name: the target itself or the one that it is in. */
    String environment();

    /** {@code prod} or {@code prod/web}: unique, and the same for ever. */
    @JsonValue
    String key();

    /** The name of its CloudFormation stack: {@code slipway-prod} or {@code slipway-prod-web}. */
    String stackName();

    /** The path of its resource in the API: {@code /v1/environments/prod/services/web}. */
    String path();

    /** Reads a {@link #key()}. Throws IllegalArgumentException when it is none. */
    @JsonCreator
    static Target of(String key) {
        int slash = key.indexOf('/');
        return slash < 0 ? new EnvironmentId(key) : new ServiceId(key.substring(0, slash), key.substring(slash + 1));
    }
}
