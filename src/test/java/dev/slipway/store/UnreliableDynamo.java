package dev.slipway.store;

import static dev.slipway.store.Expressions.Attributes.required;

import dev.slipway.store.Expressions.Attributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/**
 * One item in DynamoDB, behind a network that can lose the first answer. Like the SDK, it then sends the same request
 * again, and what the caller sees is the answer to the last attempt.
 */
final class UnreliableDynamo implements DynamoDbClient {
    /** What becomes of the first attempt of each request. */
    enum Network {
        RELIABLE,
        LOSES_REQUEST,
        LOSES_ANSWER
    }

    Network network = Network.RELIABLE;

    /** What others do between the first attempt and the second. */
    Runnable meanwhile = () -> {};

    /** Reasons to cancel transactions for, whatever is in them; none if empty. */
    List<String> cancelFor = List.of();

    boolean inATransactionOfOthers;

    @Nullable
    Map<String, AttributeValue> item;

    private final Set<String> tokensSeen = new HashSet<>();
    private int attempt;

    void put(Item stored, String writeId) {
        item = new HashMap<>(Map.of(
                Attributes.SORT, Attributes.text("note#1"),
                Attributes.TYPE, Attributes.text(stored.type()),
                Attributes.SCHEMA, Attributes.number(stored.schema()),
                Attributes.VERSION, Attributes.number(stored.version()),
                Attributes.BODY, Attributes.text(stored.body()),
                Attributes.WRITE, Attributes.text(writeId)));
    }

    @Override
    public PutItemResponse putItem(PutItemRequest request) {
        attempts(() -> require(item == null), () -> item = new HashMap<>(request.item()));
        return PutItemResponse.builder().build();
    }

    @Override
    public UpdateItemResponse updateItem(UpdateItemRequest request) {
        Map<String, AttributeValue> values = request.expressionAttributeValues();
        String body = required(values, ":body").s();
        long version = Long.parseLong(required(values, ":version").n());
        attempts(
                () -> require(holds(values)),
                () -> put(
                        new Item("note", 1, version, body, null),
                        required(values, ":write").s()));
        return UpdateItemResponse.builder().build();
    }

    /** Knows transactions of one delete, which is all that the tests send. */
    @Override
    public TransactWriteItemsResponse transactWriteItems(TransactWriteItemsRequest request) {
        if (!cancelFor.isEmpty()) {
            throw cancelled(cancelFor);
        }
        Map<String, AttributeValue> values =
                request.transactItems().getFirst().delete().expressionAttributeValues();
        boolean[] done = {false};
        attempts(
                () -> {
                    done[0] = tokensSeen.contains(request.clientRequestToken());
                    if (!done[0] && !holds(values)) {
                        throw cancelled(List.of("ConditionalCheckFailed"));
                    }
                },
                () -> {
                    if (!done[0]) {
                        item = null;
                        tokensSeen.add(request.clientRequestToken());
                    }
                });
        return TransactWriteItemsResponse.builder().build();
    }

    private void attempts(Runnable condition, Runnable effect) {
        attempt = 1;
        if (network == Network.LOSES_ANSWER) {
            condition.run();
            effect.run();
        }
        if (network != Network.RELIABLE) {
            meanwhile.run();
            attempt = 2;
        }
        condition.run();
        effect.run();
    }

    private boolean holds(Map<String, AttributeValue> values) {
        return item != null && required(item, Attributes.VERSION).equals(values.get(":read"));
    }

    private void require(boolean condition) {
        if (inATransactionOfOthers) {
            throw TransactionConflictException.builder().numAttempts(attempt).build();
        }
        if (!condition) {
            throw ConditionalCheckFailedException.builder()
                    .item(item)
                    .numAttempts(attempt)
                    .build();
        }
    }

    private static DynamoDbException cancelled(List<String> codes) {
        List<CancellationReason> reasons = new ArrayList<>();
        codes.forEach(
                code -> reasons.add(CancellationReason.builder().code(code).build()));
        return TransactionCanceledException.builder()
                .cancellationReasons(reasons)
                .build();
    }

    @Override
    public String serviceName() {
        return DynamoDbClient.SERVICE_NAME;
    }

    @Override
    public void close() {}
}
