package dev.slipway.store;

import static dev.slipway.store.Expressions.Attributes.number;
import static dev.slipway.store.Expressions.Attributes.text;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionCheck;
import software.amazon.awssdk.services.dynamodb.model.Delete;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * Reads and writes in DynamoDB's terms. Every attribute goes by a placeholder, as {@code ttl} and others are reserved
 * words.
 */
record Expressions(String table) {
    private static final Map<String, String> TTL = Map.of("#ttl", Attributes.TTL);
    private static final Map<String, String> TTL_VERSION = Map.of("#ttl", Attributes.TTL, "#v", Attributes.VERSION);
    private static final String UNEXPIRED = "(attribute_not_exists(#ttl) OR #ttl > :now)";
    private static final String UNCHANGED = "#v = :read AND " + UNEXPIRED;

    GetItemRequest get(Key<?> key) {
        return GetItemRequest.builder()
                .tableName(table)
                .key(key(key))
                .consistentRead(true)
                .build();
    }

    TransactWriteItem action(Write write, String body, String id, Instant now) {
        TransactWriteItem.Builder action = TransactWriteItem.builder();
        return switch (write) {
            case Write.Create<?> create ->
                action.put(put(create, body, id, now)).build();
            case Write.Update<?> update ->
                action.update(update(update, body, id, now)).build();
            case Write.Delete<?> delete ->
                action.delete(delete(delete.read(), now)).build();
            case Write.Check<?> check ->
                action.conditionCheck(check(check.read(), now)).build();
        };
    }

    PutItemRequest single(Put put) {
        return PutItemRequest.builder()
                .tableName(table)
                .item(put.item())
                .conditionExpression(put.conditionExpression())
                .expressionAttributeNames(put.expressionAttributeNames())
                .expressionAttributeValues(put.expressionAttributeValues())
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .build();
    }

    UpdateItemRequest single(Update update) {
        return UpdateItemRequest.builder()
                .tableName(table)
                .key(update.key())
                .updateExpression(update.updateExpression())
                .conditionExpression(update.conditionExpression())
                .expressionAttributeNames(update.expressionAttributeNames())
                .expressionAttributeValues(update.expressionAttributeValues())
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .build();
    }

    QueryRequest query(ListQuery<?> listing, Map<String, AttributeValue> start, Instant now) {
        Map<String, String> names = new HashMap<>(TTL);
        names.put("#type", Attributes.TYPE);
        names.put("#pk", Attributes.PARTITION);
        Map<String, AttributeValue> values = new HashMap<>();
        values.put(":now", number(now.getEpochSecond()));
        values.put(":type", text(listing.itemType().name()));
        values.put(":pk", text(listing.partition()));
        String condition = "#pk = :pk";
        // A key condition takes no empty string.
        if (!listing.prefix().isEmpty()) {
            names.put("#sk", Attributes.SORT);
            values.put(":prefix", text(listing.prefix()));
            condition += " AND begins_with(#sk, :prefix)";
        }
        return QueryRequest.builder()
                .tableName(table)
                .keyConditionExpression(condition)
                .filterExpression("#type = :type AND " + UNEXPIRED)
                .expressionAttributeNames(names)
                .expressionAttributeValues(values)
                .exclusiveStartKey(start.isEmpty() ? null : start)
                .scanIndexForward(!listing.newestFirst())
                .limit(listing.limit() + 1)
                .consistentRead(true)
                .build();
    }

    private Put put(Write.Create<?> create, String body, String id, Instant now) {
        Key<?> key = create.key();
        Map<String, AttributeValue> item = new HashMap<>(key(key));
        item.put(Attributes.TYPE, text(key.itemType().name()));
        item.put(Attributes.SCHEMA, number(key.itemType().schema()));
        item.put(Attributes.VERSION, number(1));
        item.put(Attributes.BODY, text(body));
        item.put(Attributes.WRITE, text(id));
        Long ttl = Item.ttl(create.expires());
        if (ttl != null) {
            item.put(Attributes.TTL, number(ttl));
        }
        return Put.builder()
                .tableName(table)
                .item(item)
                .conditionExpression("attribute_not_exists(#v) OR #ttl <= :now")
                .expressionAttributeNames(TTL_VERSION)
                .expressionAttributeValues(Map.of(":now", number(now.getEpochSecond())))
                .build();
    }

    /** Sets attributes one by one, so that the item keeps its time to live. */
    private Update update(Write.Update<?> update, String body, String id, Instant now) {
        Map<String, String> names = new HashMap<>(TTL_VERSION);
        names.put("#type", Attributes.TYPE);
        names.put("#schema", Attributes.SCHEMA);
        names.put("#body", Attributes.BODY);
        names.put("#write", Attributes.WRITE);
        Map<String, AttributeValue> values = new HashMap<>(unchanged(update.read(), now));
        values.put(":type", text(update.key().itemType().name()));
        values.put(":schema", number(update.key().itemType().schema()));
        values.put(":version", number(update.read().version() + 1));
        values.put(":body", text(body));
        values.put(":write", text(id));
        return Update.builder()
                .tableName(table)
                .key(key(update.key()))
                .updateExpression("SET #type = :type, #schema = :schema, #v = :version, #body = :body, #write = :write")
                .conditionExpression(UNCHANGED)
                .expressionAttributeNames(names)
                .expressionAttributeValues(values)
                .build();
    }

    private Delete delete(Stored<?> read, Instant now) {
        return Delete.builder()
                .tableName(table)
                .key(key(read.key()))
                .conditionExpression(UNCHANGED)
                .expressionAttributeNames(TTL_VERSION)
                .expressionAttributeValues(unchanged(read, now))
                .build();
    }

    private ConditionCheck check(Stored<?> read, Instant now) {
        return ConditionCheck.builder()
                .tableName(table)
                .key(key(read.key()))
                .conditionExpression(UNCHANGED)
                .expressionAttributeNames(TTL_VERSION)
                .expressionAttributeValues(unchanged(read, now))
                .build();
    }

    private static Map<String, AttributeValue> unchanged(Stored<?> read, Instant now) {
        return Map.of(":read", number(read.version()), ":now", number(now.getEpochSecond()));
    }

    private static Map<String, AttributeValue> key(Key<?> key) {
        return Attributes.key(key.partition(), key.sort());
    }

    /** The attributes of an item in DynamoDB. */
    static final class Attributes {
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
}
