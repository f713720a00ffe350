package dev.slipway.store;

/** An item was written by a newer version of the code than this one, which therefore must not interpret it. */
public final class NewerSchemaException extends RuntimeException {
    public NewerSchemaException(String message) {
        super(message);
    }
}
