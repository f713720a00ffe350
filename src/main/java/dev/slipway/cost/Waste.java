package dev.slipway.cost;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Something that is paid for and hardly used.
 *
 * @param code what kind of thing
 * @param what which one
 * @param message what was seen of it
 * @param savedPerMonth dollars that it costs in a month more than it would have to
 * @param action what would save them
 */
@RegisterForReflection
public record Waste(String code, String what, String message, double savedPerMonth, String action) {}
