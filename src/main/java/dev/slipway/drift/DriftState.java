package dev.slipway.drift;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** How a target compares with what was deployed. */
@RegisterForReflection
public enum DriftState {
    /** Nothing differs but what is excluded. */
    IN_SYNC,
    DRIFTED,
    /** It has not been compared yet, or could not be; the reason is told. */
    UNKNOWN,
    /** It is being compared. */
    DETECTING
}
