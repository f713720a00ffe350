package dev.slipway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.aws.AwsErrors;
import dev.slipway.store.Expressions.Attributes;
import dev.slipway.store.Store.UnknownOutcomeException;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.UnreliableDynamo.Network;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/** What becomes of writes whose first attempt or first answer is lost. */
class DynamoStoreTest {
    record Note(String text) {}

    private static final Key<Note> KEY = new Key<>("p", "note#1", new ItemType<>("note", Note.class, 1));
    private static final Note OURS = new Note("ours");

    private final UnreliableDynamo dynamo = new UnreliableDynamo();
    private final Store store = new DynamoStore(
            dynamo, "slipway", new ObjectMapper(), InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")));

    @ParameterizedTest
    @EnumSource(Network.class)
    void aLoneWriteSucceedsWhateverTheNetworkLoses(Network network) {
        dynamo.network = network;

        store.write(new Write.Create<>(KEY, OURS));
        assertItem(1, "ours");
        store.write(new Write.Update<>(read(1), new Note("changed")));
        assertItem(2, "changed");
        store.write(new Write.Delete<>(read(2)));
        assertThat(dynamo.item).isNull();
    }

    @ParameterizedTest
    @EnumSource(Network.class)
    void whatOthersWroteBeforeIsAConflict(Network network) {
        othersWrote(1);
        dynamo.network = network;

        assertThatThrownBy(() -> store.write(new Write.Create<>(KEY, OURS))).isInstanceOf(WriteConflictException.class);
        assertItem(1, "others");
        othersWrote(5);
        assertThatThrownBy(() -> store.write(new Write.Update<>(read(4), OURS)))
                .isInstanceOf(WriteConflictException.class);
        assertThatThrownBy(() -> store.write(new Write.Delete<>(read(4)))).isInstanceOf(WriteConflictException.class);
        assertItem(5, "others");
    }

    @Test
    void whatOthersWroteBetweenTwoAttemptsIsAConflictWhereOursCannotHaveComeBefore() {
        dynamo.network = Network.LOSES_REQUEST;
        dynamo.meanwhile = () -> othersWrote(1);
        assertThatThrownBy(() -> store.write(new Write.Create<>(KEY, OURS))).isInstanceOf(WriteConflictException.class);

        dynamo.meanwhile = () -> othersWrote(2);
        assertThatThrownBy(() -> store.write(new Write.Update<>(read(1), OURS)))
                .isInstanceOf(WriteConflictException.class);
    }

    @Test
    void ofAWriteThatOthersMayHaveOverwrittenNobodyKnows() {
        dynamo.network = Network.LOSES_ANSWER;
        dynamo.meanwhile = () -> othersWrote(2);
        assertThatThrownBy(() -> store.write(new Write.Create<>(KEY, OURS)))
                .isInstanceOf(UnknownOutcomeException.class);

        othersWrote(4);
        dynamo.meanwhile = () -> othersWrote(6);
        assertThatThrownBy(() -> store.write(new Write.Update<>(read(4), OURS)))
                .isInstanceOf(UnknownOutcomeException.class);
    }

    @Test
    void ofAnUpdateWhoseItemOthersDeletedAfterALostAnswerNobodyKnows() {
        othersWrote(4);
        dynamo.network = Network.LOSES_ANSWER;
        dynamo.meanwhile = () -> dynamo.item = null;

        assertThatThrownBy(() -> store.write(new Write.Update<>(read(4), OURS)))
                .isInstanceOf(UnknownOutcomeException.class);
    }

    @Test
    void anUpdateOfAnItemThatIsGoneIsAConflict() {
        assertThatThrownBy(() -> store.write(new Write.Update<>(read(4), OURS)))
                .isInstanceOf(WriteConflictException.class);
    }

    @Test
    void aDeleteThatSucceededIsNoConflictThoughOthersCreatedTheItemAnewBeforeTheSecondAttempt() {
        othersWrote(4);
        dynamo.network = Network.LOSES_ANSWER;
        dynamo.meanwhile = () -> othersWrote(1);

        store.write(new Write.Delete<>(read(4)));
        assertItem(1, "others");
    }

    @Test
    void anItemInATransactionOfOthersIsAConflictAtTheFirstAttemptOnly() {
        othersWrote(4);
        dynamo.inATransactionOfOthers = true;
        assertThatThrownBy(() -> store.write(new Write.Update<>(read(4), OURS)))
                .isInstanceOf(WriteConflictException.class);

        dynamo.network = Network.LOSES_REQUEST;
        assertThatThrownBy(() -> store.write(new Write.Update<>(read(4), OURS)))
                .isInstanceOf(UnknownOutcomeException.class);
    }

    @Test
    void cancelledTransactionsAreConflictsOnlyWhereAnotherWriterIsTheReason() {
        dynamo.cancelFor = List.of("None", "TransactionConflict");
        assertThatThrownBy(() -> store.write(new Write.Delete<>(read(1)))).isInstanceOf(WriteConflictException.class);

        dynamo.cancelFor = List.of("None", "ConditionalCheckFailed");
        assertThatThrownBy(() -> store.write(new Write.Delete<>(read(1)))).isInstanceOf(WriteConflictException.class);

        dynamo.cancelFor = List.of("None", "ValidationError");
        assertThatThrownBy(() -> store.write(new Write.Delete<>(read(1))))
                .isInstanceOf(TransactionCanceledException.class);
    }

    /** Else a minute of it would count as faults of our own, and end an operation. */
    @ParameterizedTest
    @ValueSource(strings = {"ThrottlingError", "ProvisionedThroughputExceeded"})
    void aTransactionThatIsThrottledIsWaitedForAsAnyOtherCall(String reason) {
        dynamo.cancelFor = List.of("None", reason);

        assertThatThrownBy(() -> store.write(new Write.Delete<>(read(1))))
                .isInstanceOfSatisfying(
                        RuntimeException.class,
                        error -> assertThat(AwsErrors.isTransient(error)).isTrue());
    }

    private void othersWrote(long version) {
        dynamo.put(new Item("note", 1, version, "{\"text\":\"others\"}", null), "an id of others");
    }

    private static Stored<Note> read(long version) {
        return new Stored<>(KEY, new Note("read"), version);
    }

    private void assertItem(long version, String text) {
        Item item = Attributes.item(Objects.requireNonNull(dynamo.item));
        assertThat(item.version()).isEqualTo(version);
        assertThat(item.body()).isEqualTo("{\"text\":\"%s\"}".formatted(text));
    }
}
