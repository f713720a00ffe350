package dev.slipway.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import dev.slipway.store.Store.ItemTooLargeException;
import dev.slipway.store.Store.NewerSchemaException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Values to JSON and back.
 *
 * <p>An item of an older schema is read as it is: components that it lacks arrive as null, and the record's compact
 * constructor gives them their meaning. Raise {@link ItemType#schema()} when an older version of the code would misread what
 * this one writes; it then fails with {@link NewerSchemaException} in place of acting on half the truth. A value of an enumeration
 * that this version does not know comes from a newer one, too, and fails alike; where values are only shown, as the types of ledger
 * entries, the enumeration has a {@link com.fasterxml.jackson.annotation.JsonEnumDefaultValue} instead, which stands for all others.
 */
record Codec(ObjectMapper mapper) {
    /** 400 KB, names of attributes included: <a href="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html">quota</a>. */
    private static final int ITEM_BYTES = 400 * 1024;

    /** 4 MB for the items of one transaction (the same page), keys and overhead allowed for. */
    private static final int WRITE_BYTES = 4_000_000;

    /** Generous room for the names of the attributes, three numbers (up to 21 bytes each) and the id of the write. */
    private static final int OVERHEAD_BYTES = 256;

    /**
     * The bodies that {@code writes} leave behind, in their order; empty for those that leave none.
     *
     * @throws ItemTooLargeException when an item, or all of them together, would be bigger than DynamoDB takes
     */
    List<String> bodies(List<? extends Write> writes) {
        List<String> bodies = writes.stream().map(this::body).toList();
        long total = bodies.stream().mapToLong(Codec::bytes).sum();
        if (total > WRITE_BYTES) {
            throw new ItemTooLargeException(
                    "%d bytes in one write; DynamoDB takes %d at the most".formatted(total, WRITE_BYTES));
        }
        return bodies;
    }

    private String body(Write write) {
        return switch (write) {
            case Write.Create<?> create -> encode(create.key(), create.value());
            case Write.Update<?> update -> encode(update.key(), update.value());
            case Write.Delete<?> _, Write.Check<?> _ -> "";
        };
    }

    private String encode(Key<?> key, Object value) {
        if (!key.itemType().type().isInstance(value)) {
            throw new IllegalArgumentException("%s takes a %s, not a %s"
                    .formatted(name(key), key.itemType().type(), value.getClass()));
        }
        String body;
        try {
            body = mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("cannot write " + name(key), e);
        }
        int room = ITEM_BYTES
                - OVERHEAD_BYTES
                - bytes(key.partition())
                - bytes(key.sort())
                - bytes(key.itemType().name());
        if (bytes(body) > room) {
            throw new ItemTooLargeException("%s has a body of %d bytes; DynamoDB takes items of %d bytes at the most"
                    .formatted(name(key), bytes(body), ITEM_BYTES));
        }
        return body;
    }

    <T> Stored<T> decode(Key<T> key, Item item) {
        ItemType<T> kind = key.itemType();
        if (!kind.name().equals(item.type())) {
            throw new IllegalStateException("%s is of the kind %s".formatted(name(key), item.type()));
        }
        if (item.schema() > kind.schema()) {
            throw new NewerSchemaException("%s has schema %d, this version of Slipway knows up to %d: upgrade it"
                    .formatted(name(key), item.schema(), kind.schema()));
        }
        try {
            return new Stored<>(key, mapper.readValue(item.body(), kind.type()), item.version());
        } catch (InvalidFormatException e) {
            if (e.getTargetType() != null && e.getTargetType().isEnum()) {
                throw new NewerSchemaException(
                        "%s has %s for %s, which this version of Slipway does not know: upgrade it"
                                .formatted(
                                        name(key),
                                        e.getValue(),
                                        e.getTargetType().getSimpleName()));
            }
            throw new UncheckedIOException("cannot read " + name(key), e);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("cannot read " + name(key), e);
        }
    }

    static String name(Key<?> key) {
        return "%s %s/%s".formatted(key.itemType().name(), key.partition(), key.sort());
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
