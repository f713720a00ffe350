package dev.slipway.verdict;

/** A metric that the spec names, and the value it must not pass. */
public record Limit(String name, double max) {}
