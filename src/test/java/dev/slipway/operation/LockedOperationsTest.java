package dev.slipway.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.app.ControlPlane;
import dev.slipway.id.ServiceId;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Write;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An account at work at many targets at once: who does not get on is found wherever its name stands. */
class LockedOperationsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final MemoryStore store = new MemoryStore(ControlPlane.json(), () -> NOW);

    @Test
    void oneThatDoesNotGetOnIsFoundBehindHundredsThatDo() {
        for (int i = 0; i < 450; i++) {
            ServiceId id = new ServiceId("prod", "web-%03d".formatted(i));
            OperationLock lock = new OperationLock(
                    id, "op-" + i, null, NOW.plusSeconds(60), null, NOW, 0, null, null, i == 449 ? "a fault" : null);
            store.write(new Write.Create<>(OperationLock.key(id), lock));
        }

        List<Operations.Locked> locked = new Operations(store).locked(NOW);

        assertThat(locked).hasSize(450);
        assertThat(locked)
                .filteredOn(Operations.Locked::stuck)
                .extracting(found -> found.target().key())
                .containsExactly("prod/web-449");
    }
}
