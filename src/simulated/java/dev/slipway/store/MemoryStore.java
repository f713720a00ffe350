package dev.slipway.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory, for local runs and simulations. It keeps JSON as DynamoDB would, so that a value that shares state
 * with its caller or does not survive Jackson shows up here and not in production. Transactions that meet at an item conflict
 * as they do there, also when both only check it. Safe for many threads.
 */
public final class MemoryStore implements Store {
    private final Codec codec;
    private final InstantSource clock;
    private final Runnable inFlight;
    private final Map<String, NavigableMap<String, Item>> partitions = new HashMap<>();
    /** Items of transactions that are on their way. */
    private final Set<Place> flying = new HashSet<>();

    private record Place(String partition, String sort) {}

    /** One change that a write makes, worked out before any of them is made. A null item removes. */
    private record Change(Key<?> key, @Nullable Item item) {}

    public MemoryStore(ObjectMapper mapper, InstantSource clock) {
        this(mapper, clock, () -> {});
    }

    /** @param inFlight runs while a transaction is on its way */
    public MemoryStore(ObjectMapper mapper, InstantSource clock, Runnable inFlight) {
        this.codec = new Codec(mapper);
        this.clock = clock;
        this.inFlight = inFlight;
    }

    @Override
    public <T> Optional<Stored<T>> get(Key<T> key) {
        Item item;
        synchronized (partitions) {
            item = unexpired(key, clock.instant());
        }
        return Optional.ofNullable(item).map(found -> codec.decode(key, found));
    }

    @Override
    public void write(List<? extends Write> writes) {
        Limits.check(writes);
        List<String> bodies = codec.bodies(writes);
        boolean transaction = writes.size() > 1
                || !writes.isEmpty()
                        && !(writes.getFirst() instanceof Write.Create || writes.getFirst() instanceof Write.Update);
        List<Place> places = takeOff(writes, transaction);
        try {
            if (transaction) {
                inFlight.run();
            }
            make(writes, bodies);
        } finally {
            synchronized (partitions) {
                places.forEach(flying::remove);
            }
        }
    }

    /** What the transaction holds until it is over: a write that meets it at one of its items is refused. */
    private List<Place> takeOff(List<? extends Write> writes, boolean transaction) {
        synchronized (partitions) {
            List<Place> places = new ArrayList<>(writes.size());
            for (Write write : writes) {
                Place place = new Place(write.key().partition(), write.key().sort());
                if (flying.contains(place)) {
                    throw new WriteConflictException(Codec.name(write.key()) + " is in a transaction of others");
                }
                places.add(place);
            }
            if (!transaction) {
                return List.of();
            }
            flying.addAll(places);
            return places;
        }
    }

    private void make(List<? extends Write> writes, List<String> bodies) {
        List<Change> changes = new ArrayList<>(writes.size());
        synchronized (partitions) {
            Instant now = clock.instant();
            for (int i = 0; i < writes.size(); i++) {
                Write write = writes.get(i);
                changes.add(new Change(write.key(), after(write, bodies.get(i), unexpired(write.key(), now))));
            }
            changes.forEach(this::make);
        }
    }

    @Override
    public <T> Page<T> list(
            String partition, String prefix, ItemType<T> kind, boolean newestFirst, int limit, @Nullable String next) {
        ListQuery<T> listing = new ListQuery<>(partition, prefix, kind, newestFirst, limit);
        String after = listing.after(next);
        List<Stored<T>> found = new ArrayList<>();
        synchronized (partitions) {
            Instant now = clock.instant();
            NavigableMap<String, Item> all = partitions.getOrDefault(partition, new TreeMap<>());
            for (var entry : from(all, listing, after).entrySet()) {
                if (!entry.getKey().startsWith(prefix)) {
                    // Ascending, what follows comes after the prefix; descending, it may still come to it.
                    if (newestFirst) {
                        continue;
                    }
                    break;
                }
                Item item = entry.getValue();
                if (item.type().equals(kind.name()) && item.isUnexpired(now)) {
                    found.add(codec.decode(new Key<>(partition, entry.getKey(), kind), item));
                }
                if (found.size() > limit) {
                    break;
                }
            }
        }
        return listing.page(found);
    }

    private static NavigableMap<String, Item> from(
            NavigableMap<String, Item> all, ListQuery<?> listing, @Nullable String after) {
        if (!listing.newestFirst()) {
            return after == null ? all.tailMap(listing.prefix(), true) : all.tailMap(after, false);
        }
        NavigableMap<String, Item> fromPrefix = all.tailMap(listing.prefix(), true);
        return (after == null ? fromPrefix : fromPrefix.headMap(after, false)).descendingMap();
    }

    /** What a write makes of what is there: the item to keep, or null for none. */
    private static @Nullable Item after(Write write, String body, @Nullable Item found) {
        ItemType<?> kind = write.key().itemType();
        return switch (write) {
            case Write.Create<?> create -> {
                if (found != null) {
                    throw new WriteConflictException(Codec.name(create.key()) + " is there already");
                }
                yield new Item(kind.name(), kind.schema(), 1, body, Item.ttl(create.expires()));
            }
            case Write.Update<?> update -> {
                Item old = expect(update.read(), found);
                yield new Item(kind.name(), kind.schema(), old.version() + 1, body, old.ttl());
            }
            case Write.Delete<?> delete -> {
                expect(delete.read(), found);
                yield null;
            }
            case Write.Check<?> check -> expect(check.read(), found);
        };
    }

    private static Item expect(Stored<?> read, @Nullable Item found) {
        if (found == null || found.version() != read.version()) {
            throw new WriteConflictException(
                    "%s is no longer at version %d".formatted(Codec.name(read.key()), read.version()));
        }
        return found;
    }

    private @Nullable Item unexpired(Key<?> key, Instant now) {
        NavigableMap<String, Item> partition = partitions.get(key.partition());
        Item item = partition == null ? null : partition.get(key.sort());
        return item == null || !item.isUnexpired(now) ? null : item;
    }

    private void make(Change change) {
        Key<?> key = change.key();
        if (change.item() == null) {
            partitions.getOrDefault(key.partition(), new TreeMap<>()).remove(key.sort());
        } else {
            partitions
                    .computeIfAbsent(key.partition(), p -> new TreeMap<>(MemoryStore::compareAsUtf8))
                    .put(key.sort(), change.item());
        }
    }

    /**
     * Has every item be as another version of Slipway would have written it.
     *
     * @param change takes the name of an item's type and its JSON, and returns the other JSON
     */
    public void rewrite(BinaryOperator<String> change) {
        synchronized (partitions) {
            partitions
                    .values()
                    .forEach(items -> items.replaceAll((sort, item) -> new Item(
                            item.type(),
                            item.schema(),
                            item.version(),
                            change.apply(item.type(), item.body()),
                            item.ttl())));
        }
    }

    /**
     * DynamoDB orders strings by their bytes in UTF-8, Java by its chars. They differ only where a surrogate (of a
     * character beyond U+FFFF) meets a char of U+E000 or above: as a char it is smaller, as a character greater.
     */
    static int compareAsUtf8(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean beyond = Character.isSurrogate(x);
                return beyond == Character.isSurrogate(y) ? x - y : (beyond ? 1 : -1);
            }
        }
        return a.length() - b.length();
    }
}
