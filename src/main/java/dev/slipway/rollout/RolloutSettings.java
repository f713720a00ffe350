package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** How a release of the service is made the live one. In the spec, {@code strategy} says which of these it is. */
@RegisterForReflection
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "strategy")
@JsonSubTypes(@JsonSubTypes.Type(value = RolloutSettings.Rolling.class, name = "rolling"))
public sealed interface RolloutSettings {
    /** How long a rollout may take before it is stopped and rolled back. */
    int timeLimitSeconds();

    /** New tasks replace old ones, a few at a time; the circuit breaker rolls back when they do not stay up. */
    record Rolling(int timeLimitSeconds) implements RolloutSettings {}
}
