package dev.slipway.store;

/** Somebody else wrote first: nothing of this write has happened. Read again and decide anew. */
public final class Conflict extends RuntimeException {
    public Conflict(String message) {
        super(message);
    }
}
