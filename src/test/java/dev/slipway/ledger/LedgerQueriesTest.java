package dev.slipway.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.app.ControlPlane;
import dev.slipway.id.EnvironmentId;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.ledger.LedgerQueries.Filter;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LedgerQueriesTest {
    private static final EnvironmentId DEV = new EnvironmentId("dev");
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private final CountingStore store = new CountingStore(new MemoryStore(ControlPlane.json(), () -> NOW));
    private final LedgerQueries queries = new LedgerQueries(store);

    /** Counts listings. */
    private static final class CountingStore implements Store {
        private final Store store;
        private int listings;

        CountingStore(Store store) {
            this.store = store;
        }

        @Override
        public <T> Optional<Stored<T>> get(Key<T> key) {
            return store.get(key);
        }

        @Override
        public void write(List<? extends Write> writes) {
            store.write(writes);
        }

        @Override
        public <T> Page<T> list(
                String partition,
                String prefix,
                ItemType<T> kind,
                boolean newestFirst,
                int limit,
                @Nullable String next) {
            listings++;
            return store.list(partition, prefix, kind, newestFirst, limit, next);
        }
    }

    private void entries(int count) {
        for (int i = 0; i < count; i++) {
            String actor = i == 0 ? "alice" : "bob";
            store.write(LedgerEntry.of(
                            "%05d".formatted(i),
                            DEV,
                            EventType.SPEC_ACCEPTED,
                            actor,
                            "declared.",
                            NOW.minusSeconds(count - i))
                    .write());
        }
    }

    @Test
    void aShortPageOfWhatIsRareCostsNoMoreReadsThanALongOne() {
        entries(300);
        Filter rare = new Filter(null, null, "alice", Set.of());
        List<LedgerEntry> found = new ArrayList<>();
        int most = 0;
        @Nullable String next = null;
        do {
            int before = store.listings;
            Store.Page<LedgerEntry> page = queries.page(DEV, rare, 1, next);
            page.items().forEach(entry -> found.add(entry.value()));
            next = page.next();
            most = Math.max(most, store.listings - before);
        } while (next != null);

        assertThat(found).extracting(LedgerEntry::actor).containsExactly("alice");
        assertThat(most).isLessThanOrEqualTo(20);
    }

    @Test
    void theFirstMomentThereIsIsABeginningLikeAnyOther() {
        entries(3);

        assertThat(queries.page(DEV, new Filter(Instant.MIN, Instant.MAX, null, Set.of()), 100, null)
                        .items())
                .hasSize(3);
    }
}
