package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** A metric that the spec names, and the value it must not pass. */
@RegisterForReflection
public record Limit(String name, double max) {}
