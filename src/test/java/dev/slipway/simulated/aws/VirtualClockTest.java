package dev.slipway.simulated.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.operation.IdGenerator;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What happens on the clock calls the product, which asks for the time while it holds locks of its own. */
class VirtualClockTest {
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final AtomicBoolean waited = new AtomicBoolean();

    @Test
    void anIdIsMadeWhileSomethingHappensOnTheClock() {
        IdGenerator ids = new IdGenerator(clock, RandomGenerator.getDefault());
        isDoneInMidHappening(ids::next);
    }

    @Test
    void theStoreAnswersWhileSomethingHappensOnTheClock() {
        MemoryStore store = new MemoryStore(new ObjectMapper(), clock);
        Key<String> key = new Key<>("partition", "key", new ItemType<>("Text", String.class, 1));
        isDoneInMidHappening(() -> store.get(key));
    }

    /** Another thread that waited for the clock here would wait for ever once this one needs what that one holds. */
    private void isDoneInMidHappening(Runnable work) {
        clock.after(Duration.ofSeconds(1), () -> {
            CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(work);
            waited.set(elsewhere
                    .thenApply(done -> false)
                    .completeOnTimeout(true, 5, TimeUnit.SECONDS)
                    .join());
        });
        clock.advance(Duration.ofSeconds(1));
        assertThat(waited).as("waited for the clock").isFalse();
    }
}
