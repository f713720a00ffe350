package dev.slipway.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.store.Expressions.Attributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;

/**
 * A store in one DynamoDB table with the string keys {@code pk} and {@code sk} and time to live on {@code ttl}.
 *
 * <p>Several writes go out as one transaction. Its request token makes a repetition by the SDK after a lost answer
 * harmless for ten minutes. A lone create or update is a conditional write at half the price, which has no such token:
 * there the id of the write, kept in the item, tells that the version in our way is our own. Where others have written
 * since, that trace is gone, and the outcome is {@link UnknownOutcomeException} in place of a wrong {@link WriteConflictException}. A lone
 * delete leaves nothing that could carry an id, so it is a transaction of one.
 */
public final class DynamoStore implements Store {
    /**
     * Why a transaction is cancelled though nobody else wrote: it passes, and the SDK's retries do not see that.
     * amazondynamodb/latest/APIReference/API_TransactWriteItems.html
     */
    private static final Set<String> THROTTLED = Set.of("ThrottlingError", "ProvisionedThroughputExceeded");

    private final DynamoDbClient dynamo;
    private final Expressions expressions;
    private final Codec codec;
    private final InstantSource clock;

    public DynamoStore(DynamoDbClient dynamo, String table, ObjectMapper mapper, InstantSource clock) {
        this.dynamo = dynamo;
        this.expressions = new Expressions(table);
        this.codec = new Codec(mapper);
        this.clock = clock;
    }

    @Override
    public <T> Optional<Stored<T>> get(Key<T> key) {
        Map<String, AttributeValue> attributes =
                dynamo.getItem(expressions.get(key)).item();
        if (attributes == null || attributes.isEmpty()) {
            return Optional.empty();
        }
        Item item = Attributes.item(attributes);
        return item.isUnexpired(clock.instant()) ? Optional.of(codec.decode(key, item)) : Optional.empty();
    }

    @Override
    public void write(List<? extends Write> writes) {
        Limits.check(writes);
        List<String> bodies = codec.bodies(writes);
        if (writes.isEmpty()) {
            return;
        }
        String id = UUID.randomUUID().toString();
        Instant now = clock.instant();
        List<TransactWriteItem> actions = IntStream.range(0, writes.size())
                .mapToObj(i -> expressions.action(writes.get(i), bodies.get(i), id, now))
                .toList();
        Write first = writes.getFirst();
        if (writes.size() == 1 && (first instanceof Write.Create || first instanceof Write.Update)) {
            writeSingle(first, actions.getFirst(), id);
        } else {
            writeTransaction(actions, id);
        }
    }

    @Override
    public <T> Page<T> list(
            String partition, String prefix, ItemType<T> kind, boolean newestFirst, int limit, @Nullable String next) {
        ListQuery<T> listing = new ListQuery<>(partition, prefix, kind, newestFirst, limit);
        String after = listing.after(next);
        Map<String, AttributeValue> start = after == null ? Map.of() : Attributes.key(partition, after);
        List<Stored<T>> found = new ArrayList<>();
        // DynamoDB counts what it looked at, before the filter: so ask until there is one more than wanted, or the end.
        do {
            QueryResponse answer = dynamo.query(expressions.query(listing, start, clock.instant()));
            for (Map<String, AttributeValue> attributes : answer.items()) {
                Key<T> key = new Key<>(partition, Attributes.sort(attributes), kind);
                found.add(codec.decode(key, Attributes.item(attributes)));
            }
            start = answer.hasLastEvaluatedKey() ? answer.lastEvaluatedKey() : Map.of();
        } while (!start.isEmpty() && found.size() <= limit);
        return listing.page(found);
    }

    private void writeTransaction(List<TransactWriteItem> actions, String token) {
        try {
            dynamo.transactWriteItems(request -> request.transactItems(actions).clientRequestToken(token));
        } catch (TransactionCanceledException e) {
            List<String> codes = e.cancellationReasons().stream()
                    .map(CancellationReason::code)
                    .toList();
            if (codes.contains("ConditionalCheckFailed") || codes.contains("TransactionConflict")) {
                throw new WriteConflictException(
                        "one of %d writes did not find what it expected: %s".formatted(codes.size(), codes));
            }
            if (codes.stream().anyMatch(THROTTLED::contains)) {
                throw ProvisionedThroughputExceededException.builder()
                        .message("a transaction was throttled: " + codes)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .serviceName("DynamoDb")
                                .errorCode("ProvisionedThroughputExceededException")
                                .build())
                        .statusCode(400)
                        .cause(e)
                        .build();
            }
            throw e;
        }
    }

    private void writeSingle(Write write, TransactWriteItem action, String id) {
        try {
            if (action.put() != null) {
                dynamo.putItem(expressions.single(action.put()));
            } else {
                dynamo.updateItem(expressions.single(action.update()));
            }
        } catch (ConditionalCheckFailedException e) {
            if (!e.hasItem() || e.item().isEmpty()) {
                throw conditionFailed(write, e, wasOnlyAttempt(e));
            }
            if (!id.equals(Attributes.writeId(e.item()))) {
                throw conditionFailed(write, e, wasOnlyAttempt(e) || cannotHaveOverwrittenOurs(write, e.item()));
            }
        } catch (TransactionConflictException e) {
            throw conditionFailed(write, e, wasOnlyAttempt(e));
        }
    }

    /**
     * Had an earlier attempt of ours taken effect, the item would by now be at least one version further than we would
     * have left it, since the id in it is not ours.
     */
    private static boolean cannotHaveOverwrittenOurs(Write write, Map<String, AttributeValue> found) {
        long expected = write instanceof Write.Update<?> update ? update.read().version() : 0;
        long version = Attributes.item(found).version();
        return version == expected || version == expected + 1;
    }

    private static boolean wasOnlyAttempt(SdkException e) {
        return Integer.valueOf(1).equals(e.numAttempts());
    }

    private static RuntimeException conditionFailed(Write write, SdkException cause, boolean nothingHappened) {
        String name = Codec.name(write.key());
        return nothingHappened
                ? new WriteConflictException(name + " is not as this write expects")
                : new UnknownOutcomeException(name + " may have been written before others wrote", cause);
    }
}
