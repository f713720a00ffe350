package dev.slipway.store;

/** An item was written by a newer version of the code than this one, which therefore must not interpret it. */
public final class NewerSchema extends RuntimeException {
    public NewerSchema(String message) {
        super(message);
    }
}
