package dev.slipway.plan;

import java.time.Instant;

/**
 * What is kept of a target: its declared spec, and with it whatever its kind needs.
 *
 * @param <R> the record itself
 */
public interface Declared<S, R extends Declared<S, R>> {
    /** The spec that was accepted last, whether or not it could be applied. */
    S declared();

    /** Of the declared spec: 1 when the target was created, one more with each accepted spec. */
    long revision();

    /** The same with another spec, at the next revision. */
    R withSpec(S spec, Instant now);
}
