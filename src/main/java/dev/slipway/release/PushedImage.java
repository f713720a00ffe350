package dev.slipway.release;

import java.time.Instant;

/**
 * An image in a registry, under one of its tags.
 *
 * @param pushedAt when it was pushed last, to the second
 */
public record PushedImage(String tag, String digest, Instant pushedAt) {}
