package dev.slipway.operation;

import dev.slipway.store.Store;
import dev.slipway.store.Store.WriteConflictException;

/**
 * Writes transactions and sends their messages. The write comes first, since a worker that is told of what is not there yet
 * finds nothing to do; should a message be lost after it, the resync finds the operation, what is queued or the notification.
 */
public final class Outbox {
    private final Store store;
    private final WorkQueue queue;
    private final WorkListener listener;

    public Outbox(Store store, WorkQueue queue) {
        this(store, queue, WorkListener.NONE);
    }

    public Outbox(Store store, WorkQueue queue, WorkListener listener) {
        this.store = store;
        this.queue = queue;
        this.listener = listener;
    }

    /** Throws {@link WriteConflictException} when an item is not as expected; nothing has been written or sent then. */
    public void commit(Transaction transaction) {
        if (!transaction.writes().isEmpty()) {
            store.write(transaction.writes());
            listener.onCommit(transaction);
        }
        transaction.messages().forEach(message -> queue.send(message.body(), message.delay()));
    }
}
