package dev.slipway.store;

/** Somebody else wrote first: nothing of this write has happened. Read again and decide anew. */
public final class WriteConflictException extends RuntimeException {
    public WriteConflictException(String message) {
        super(message);
    }
}
