package dev.slipway.store;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The attributes of an item in DynamoDB. */
final class Attributes {
    static final String PARTITION = "pk";
    static final String SORT = "sk";
    static final String TYPE = "type";
    static final String SCHEMA = "schema";
    static final String VERSION = "version";
    static final String BODY = "body";
    static final String TTL = "ttl";

    /** The id of the write that made this version. */
    static final String WRITE = "write";

    private Attributes() {}

    static Map<String, AttributeValue> key(String partition, String sort) {
        return Map.of(PARTITION, text(partition), SORT, text(sort));
    }

    static Item item(Map<String, AttributeValue> attributes) {
        AttributeValue ttl = attributes.get(TTL);
        return new Item(
                required(attributes, TYPE).s(),
                Integer.parseInt(required(attributes, SCHEMA).n()),
                Long.parseLong(required(attributes, VERSION).n()),
                required(attributes, BODY).s(),
                ttl == null ? null : Long.valueOf(ttl.n()));
    }

    static String sort(Map<String, AttributeValue> attributes) {
        return required(attributes, SORT).s();
    }

    static @Nullable String writeId(Map<String, AttributeValue> attributes) {
        AttributeValue id = attributes.get(WRITE);
        return id == null ? null : id.s();
    }

    static AttributeValue text(String text) {
        return AttributeValue.fromS(text);
    }

    static AttributeValue number(long number) {
        return AttributeValue.fromN(Long.toString(number));
    }

    static AttributeValue required(Map<String, AttributeValue> attributes, String name) {
        AttributeValue value = attributes.get(name);
        if (value == null) {
            throw new IllegalStateException("an item without %s: %s".formatted(name, attributes.keySet()));
        }
        return value;
    }
}
