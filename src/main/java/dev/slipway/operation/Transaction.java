package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.notification.Notifications;
import dev.slipway.notification.Notifications.Notification;
import dev.slipway.store.Key;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is written at once, all or nothing, and the messages to the worker that go out when it has been: those of the
 * notifications in it, and the looks at targets that have something to do now. {@link Outbox#commit} does it.
 *
 * <p>There is at most one write an item. An update or a deletion takes the place of an earlier update or check of the item,
 * so that two parts which know nothing of each other can be put together.
 */
public record Transaction(List<Write> writes, List<Message> messages) {
    /** A message to the worker. */
    public record Message(String body, Duration delay) {}

    public Transaction {
        writes = List.copyOf(writes);
        messages = List.copyOf(messages);
    }

    /** Nothing yet. */
    public Transaction() {
        this(List.of(), List.of());
    }

    /** Whether it would do nothing at all. */
    public boolean isEmpty() {
        return writes.isEmpty() && messages.isEmpty();
    }

    /** Refused as a conflict when there is such an item. */
    public <T> Transaction create(Key<T> key, T value) {
        return with(new Write.Create<>(key, value));
    }

    /** Likewise; the item may be gone some time after {@code expires}. */
    public <T> Transaction create(Key<T> key, T value, Instant expires) {
        return with(new Write.Create<>(key, value, expires));
    }

    /** Refused as a conflict when the item is not as it was read, like all that follow. */
    public <T> Transaction update(Stored<T> read, T value) {
        return with(new Write.Update<>(read, value));
    }

    /** Updates an item if the value is another one than was read. */
    public <T> Transaction updateIfChanged(Stored<T> read, T value) {
        return value.equals(read.value()) ? this : update(read, value);
    }

    /** Updates an item, or creates it when none was found. */
    public <T> Transaction put(Key<T> key, Optional<Stored<T>> found, T value) {
        return found.map(read -> update(read, value)).orElseGet(() -> create(key, value));
    }

    public Transaction delete(Stored<?> read) {
        return with(new Write.Delete<>(read));
    }

    /** Leaves the item as it is, and expects that everybody has. */
    public Transaction check(Stored<?> read) {
        return with(new Write.Check<>(read));
    }

    /** Records a decision in the ledger. */
    public Transaction entry(LedgerEntry entry) {
        return with(entry.write());
    }

    /** Has somebody told. */
    public Transaction notification(Notification notification) {
        return with(notification.write()).send(Notifications.message(notification.id()), Duration.ZERO);
    }

    /** Has the worker look at a target soon. */
    public Transaction wake(Target target) {
        return wake(target, Duration.ZERO);
    }

    /** Has the worker look at a target, at most {@link WorkQueue#MAX_DELAY} from now. */
    public Transaction wake(Target target, Duration delay) {
        return send(Operations.reconcileMessage(target), delay);
    }

    private Transaction send(String body, Duration delay) {
        List<Message> more = new ArrayList<>(messages);
        more.add(new Message(body, delay));
        return new Transaction(writes, more);
    }

    /** Both at once. */
    public Transaction and(Transaction other) {
        Transaction both = this;
        for (Write write : other.writes) {
            both = both.with(write);
        }
        List<Message> all = new ArrayList<>(messages);
        all.addAll(other.messages);
        return new Transaction(both.writes, all);
    }

    /** The value that an item has after this, which must not delete it. */
    @SuppressWarnings("unchecked") // a key has values of one type
    public <T> T value(Stored<T> read) {
        return writes.stream()
                .filter(write -> write instanceof Write.Update<?> && write.key().equals(read.key()))
                .findFirst()
                .map(write -> ((Write.Update<T>) write).value())
                .orElse(read.value());
    }

    private Transaction with(Write write) {
        List<Write> all = new ArrayList<>(writes);
        if (write instanceof Write.Check
                && all.stream().anyMatch(other -> other.key().equals(write.key()))) {
            return this;
        }
        if (write instanceof Write.Update || write instanceof Write.Delete) {
            all.removeIf(other ->
                    other.key().equals(write.key()) && (other instanceof Write.Update || other instanceof Write.Check));
        }
        all.add(write);
        return new Transaction(all, messages);
    }
}
