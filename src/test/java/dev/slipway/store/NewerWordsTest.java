package dev.slipway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.app.ControlPlane;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operation;
import dev.slipway.store.Store.NewerSchemaException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A newer version of Slipway has written words that this one, deployed again after it, does not know. */
class NewerWordsTest {
    private static final ServiceId WEB = new ServiceId("prod", "web");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final ObjectMapper json = ControlPlane.json();
    private final Store store = new MemoryStore(json, () -> NOW);

    private void written(String type, String sort, Object value, String field, String word) {
        ObjectNode body = json.valueToTree(value);
        body.put(field, word);
        store.write(
                new Write.Create<>(new Key<>(WEB.partition(), sort, new ItemType<>(type, ObjectNode.class, 1)), body));
    }

    @Test
    void aLedgerEntryIsShownWithItsMessage() {
        LedgerEntry entry =
                LedgerEntry.of("1", WEB, LedgerEntry.EventType.DELETED, "ann", "What was decided, and why.", NOW);
        written("ledger-entry", LedgerEntry.SORT + "1", entry, "type", "DECIDED_LATER");

        assertThat(store.list(WEB.partition(), LedgerEntry.SORT, LedgerEntry.ITEM_TYPE, true, 10, null)
                        .items())
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.value().type()).isEqualTo(LedgerEntry.EventType.OTHER);
                    assertThat(found.value().message()).isEqualTo("What was decided, and why.");
                });
    }

    /** It is waited for, as after a raised schema, and is no fault that would end the operation. */
    @Test
    void whatIsActedOnIsLeftToTheNewerVersion() {
        Operation operation = Operation.accepted("1", WEB, Operation.Type.APPLY, "ann", NOW);
        written("operation", "operation#1", operation, "phase", "POLISH");

        assertThatThrownBy(() -> store.get(Operation.key(WEB, "1")))
                .isInstanceOf(NewerSchemaException.class)
                .hasMessageContaining("POLISH")
                .hasMessageContaining("upgrade");
    }
}
