package dev.slipway.status;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** How a service or an environment stands; of several the first one counts. */
@RegisterForReflection
public enum HealthState {
    /** It is to serve, and nobody is served. */
    DOWN,
    /** AWS did not tell what it would take to know. */
    UNKNOWN,
    /** It serves, and not as it should. */
    DEGRADED,
    /** It serves, and something is being changed. */
    CHANGING,
    /** It is to have no tasks. */
    STOPPED,
    HEALTHY;

    /** The more serious of two. */
    public HealthState and(HealthState other) {
        return compareTo(other) <= 0 ? this : other;
    }
}
