package dev.slipway.store;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Versioned items with conditional, all-or-nothing writes. Reads see every write that has returned. */
public interface Store {
    <T> Optional<Stored<T>> get(Key<T> key);

    /**
     * Does all of {@code writes} or none.
     *
     * @param writes at most 100, each with a key of its own
     * @throws WriteConflictException when one of them does not find what it expects; nothing has happened then. After any other
     *     exception from DynamoDB or the network, the write may have happened
     * @throws ItemTooLargeException when DynamoDB would not take it
     */
    void write(List<? extends Write> writes);

    /** {@link #write(List)}. */
    default void write(Write... writes) {
        write(Arrays.asList(writes));
    }

    /**
     * Items of one partition whose sort key starts with {@code prefix} and that are of {@code kind}.
     *
     * @param newestFirst in descending order of sort keys, else ascending
     * @param limit 1 to 100
     * @param next {@link Page#next()} of the page before, or null for the first
     * @throws IllegalArgumentException when {@code next} is none of ours
     */
    <T> Page<T> list(
            String partition, String prefix, ItemType<T> kind, boolean newestFirst, int limit, @Nullable String next);

    /** All of what {@link #list} gives, a page read when it is come to. */
    default <T> Stream<Stored<T>> stream(String partition, String prefix, ItemType<T> kind, boolean newestFirst) {
        int limit = 100;
        return Stream.iterate(
                        Optional.of(list(partition, prefix, kind, newestFirst, limit, null)),
                        Optional::isPresent,
                        page -> page.map(Page::next)
                                .map(next -> list(partition, prefix, kind, newestFirst, limit, next)))
                .flatMap(page -> page.orElseThrow().items().stream());
    }

    /**
     * A part of a listing.
     *
     * @param next pass it to {@link Store#list} for what follows; null at the end. Callers treat it as opaque
     */
    public record Page<T>(List<Stored<T>> items, @Nullable String next) {}

    /** An item is bigger than DynamoDB takes: nothing of this write has happened. Store less, or split it. */
    public static final class ItemTooLargeException extends RuntimeException {
        public ItemTooLargeException(String message) {
            super(message);
        }
    }

    /** An item was written by a newer version of the code than this one, which therefore must not interpret it. */
    public static final class NewerSchemaException extends RuntimeException {
        public NewerSchemaException(String message) {
            super(message);
        }
    }

    /**
     * An answer was lost, and by the time of the second attempt others had written: whether this write took effect in between
     * cannot be told. Not a {@link WriteConflictException}, which promises that it did not. Let it propagate; the next pass reads anew.
     */
    public static final class UnknownOutcomeException extends RuntimeException {
        public UnknownOutcomeException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Somebody else wrote first: nothing of this write has happened. Read again and decide anew. */
    public static final class WriteConflictException extends RuntimeException {
        public WriteConflictException(String message) {
            super(message);
        }
    }
}
