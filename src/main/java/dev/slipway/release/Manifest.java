package dev.slipway.release;

/**
 * An image's manifest, by which it can be tagged again.
 *
 * @param mediaType tells the registry what the body is, which an OCI manifest need not say itself
 */
public record Manifest(String mediaType, String body) {}
