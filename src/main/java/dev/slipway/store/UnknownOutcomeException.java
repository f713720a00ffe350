package dev.slipway.store;

/**
 * An answer was lost, and by the time of the second attempt others had written: whether this write took effect in between
 * cannot be told. Not a {@link WriteConflictException}, which promises that it did not. Let it propagate; the next pass reads anew.
 */
public final class UnknownOutcomeException extends RuntimeException {
    public UnknownOutcomeException(String message, Throwable cause) {
        super(message, cause);
    }
}
