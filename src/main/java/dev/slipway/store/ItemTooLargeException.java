package dev.slipway.store;

/** An item is bigger than DynamoDB takes: nothing of this write has happened. Store less, or split it. */
public final class ItemTooLargeException extends RuntimeException {
    public ItemTooLargeException(String message) {
        super(message);
    }
}
