package dev.slipway.store;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What DynamoDB refuses, refused by both stores alike, before anything is sent. */
final class Limits {
    private static final int WRITES = 100;
    private static final int PAGE = 100;
    private static final int PARTITION_BYTES = 2048;
    private static final int SORT_BYTES = 1024;

    private record ItemKey(String partition, String sort) {}

    private Limits() {}

    static void check(List<? extends Write> writes) {
        if (writes.size() > WRITES) {
            throw new IllegalArgumentException("%d writes at once; %d is the most".formatted(writes.size(), WRITES));
        }
        Set<ItemKey> places = new HashSet<>();
        for (Write write : writes) {
            Key<?> key = write.key();
            check(key.partition(), PARTITION_BYTES);
            check(key.sort(), SORT_BYTES);
            if (!places.add(new ItemKey(key.partition(), key.sort()))) {
                throw new IllegalArgumentException(Codec.name(key) + " appears twice in one write");
            }
        }
    }

    static void checkPage(int limit) {
        if (limit < 1 || limit > PAGE) {
            throw new IllegalArgumentException("a page has 1 to %d items, not %d".formatted(PAGE, limit));
        }
    }

    private static void check(String part, int most) {
        int bytes = Codec.bytes(part);
        if (bytes == 0 || bytes > most) {
            throw new IllegalArgumentException("a part of a key has 1 to %d bytes, not %d".formatted(most, bytes));
        }
    }
}
