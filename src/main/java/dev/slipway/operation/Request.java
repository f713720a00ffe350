package dev.slipway.operation;

import org.jspecify.annotations.Nullable;

/**
 * Who asks, and how a repetition of the same request is known.
 *
 * @param actor ARN of the caller
 * @param idempotencyKey the Idempotency-Key, if the caller sent one
 * @param fingerprint of path and body: the same key with another request is a mistake
 */
public record Request(String actor, @Nullable String idempotencyKey, String fingerprint) {}
