package dev.slipway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.store.Store.ItemTooLargeException;
import dev.slipway.store.Store.NewerSchemaException;
import dev.slipway.store.Store.WriteConflictException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link Store} promises about single items and about writes. {@link ListQueryContract} adds the listings. */
abstract class StoreContract extends ListQueryContract {
    @Test
    void readsBackWhatWasCreated() {
        Note value = new Note("Grüße, 世界 😀 \u0000 \"quoted\"\n", 7, List.of("a", "b"));
        store.write(new Write.Create<>(note("1"), value));

        assertThat(store.get(note("1"))).contains(new Stored<>(note("1"), value, 1));
        assertThat(store.get(note("2"))).isEmpty();
        assertThat(store.get(new Key<>("other", "note#1", NOTE))).isEmpty();
    }

    @Test
    void keysMayHoldAnyCharacters() {
        Key<Note> key = new Key<>("Ümläut#😀", "ключ/\"'=:?&% \n", NOTE);
        store.write(new Write.Create<>(key, text("x")));

        assertThat(read(key).value()).isEqualTo(text("x"));
        assertThat(store.list("Ümläut#😀", "ключ/", NOTE, false, 10, null).items())
                .extracting(Stored::key)
                .containsExactly(key);
    }

    @Test
    void doesNotShareStateWithItsCaller() {
        List<String> tags = new ArrayList<>(List.of("a"));
        store.write(new Write.Create<>(note("1"), new Note("x", 0, tags)));
        tags.add("b");

        assertThat(read(note("1")).value().tags()).containsExactly("a");
        read(note("1")).value().tags().clear();
        assertThat(read(note("1")).value().tags()).containsExactly("a");
    }

    @Test
    void versionsGrowByOne() {
        create("1");
        for (int version = 1; version <= 5; version++) {
            Stored<Note> read = read(note("1"));
            assertThat(read.version()).isEqualTo(version);
            store.write(new Write.Update<>(read, text("v" + (version + 1))));
            assertThat(read(note("1")).value()).isEqualTo(text("v" + (version + 1)));
        }
    }

    @Test
    void versionsGrowByOneInWritesOfSeveral() {
        Stored<Note> one = create("1");
        Stored<Note> two = create("2");
        store.write(new Write.Update<>(one, text("x")), new Write.Update<>(two, text("y")));

        assertThat(read(note("1"))).isEqualTo(new Stored<>(note("1"), text("x"), 2));
        assertThat(read(note("2"))).isEqualTo(new Stored<>(note("2"), text("y"), 2));
    }

    @Test
    void createsOnlyWhatIsNotThere() {
        Stored<Note> there = create("1");

        assertConflict(new Write.Create<>(note("1"), text("again")));
        assertConflict(new Write.Create<>(note("2"), text("x")), new Write.Create<>(note("1"), text("again")));
        assertThat(read(note("1"))).isEqualTo(there);
        assertThat(store.get(note("2"))).isEmpty();
    }

    @Test
    void refusesWhatWasReadBeforeOthersWrote() {
        Stored<Note> stale = create("1");
        store.write(new Write.Update<>(stale, text("newer")));

        assertConflict(new Write.Update<>(stale, text("lost")));
        assertConflict(new Write.Delete<>(stale));
        assertConflict(new Write.Check<>(stale));
        assertConflict(new Write.Create<>(note("2"), text("x")), new Write.Update<>(stale, text("lost")));
        assertConflict(new Write.Create<>(note("2"), text("x")), new Write.Delete<>(stale));
        assertConflict(new Write.Create<>(note("2"), text("x")), new Write.Check<>(stale));
        assertThat(read(note("1"))).isEqualTo(new Stored<>(note("1"), text("newer"), 2));
        assertThat(store.get(note("2"))).isEmpty();
    }

    @Test
    void refusesWhatWasReadBeforeOthersDeleted() {
        Stored<Note> gone = create("1");
        store.write(new Write.Delete<>(gone));

        assertThat(store.get(note("1"))).isEmpty();
        assertConflict(new Write.Update<>(gone, text("lost")));
        assertConflict(new Write.Delete<>(gone));
        assertConflict(new Write.Check<>(gone));
        assertThat(store.get(note("1"))).isEmpty();
        assertThat(create("1").version()).isEqualTo(1);
    }

    @Test
    void checkLeavesTheItemAlone() {
        Stored<Note> read = create("1");
        store.write(new Write.Check<>(read));
        store.write(new Write.Check<>(read), new Write.Create<>(note("2"), text("x")));

        assertThat(read(note("1"))).isEqualTo(read);
        assertThat(store.get(note("2"))).isPresent();
    }

    @Test
    void oneRefusalAmongTwentyFiveUndoesAll() {
        Stored<Note> updated = create("updated");
        Stored<Note> deleted = create("deleted");
        Stored<Note> stale = create("stale");
        store.write(new Write.Update<>(stale, text("newer")));
        List<Write> writes = new ArrayList<>();
        IntStream.range(0, 22).forEach(i -> writes.add(new Write.Create<>(note("new-" + i), text("x"))));
        writes.add(new Write.Update<>(updated, text("lost")));
        writes.add(new Write.Delete<>(deleted));
        writes.add(new Write.Check<>(stale));

        assertThatThrownBy(() -> store.write(writes)).isInstanceOf(WriteConflictException.class);
        assertThat(read(note("updated"))).isEqualTo(updated);
        assertThat(read(note("deleted"))).isEqualTo(deleted);
        assertThat(store.list("p", "note#new-", NOTE, false, 100, null).items()).isEmpty();

        writes.set(24, new Write.Check<>(read(note("stale"))));
        store.write(writes);
        assertThat(read(note("updated"))).isEqualTo(new Stored<>(note("updated"), text("lost"), 2));
        assertThat(store.get(note("deleted"))).isEmpty();
        assertThat(store.list("p", "note#new-", NOTE, false, 100, null).items()).hasSize(22);
    }

    @Test
    void takesAHundredWritesAtOnceAndNoMore() {
        List<Write> writes = new ArrayList<>();
        IntStream.range(0, 101).forEach(i -> writes.add(new Write.Create<>(note("n" + i), text("x"))));

        assertThatIllegalArgumentException().isThrownBy(() -> store.write(writes));
        store.write(writes.subList(0, 100));
        assertThat(store.list("p", "note#", NOTE, false, 100, null).items()).hasSize(100);
        store.write(List.of());
    }

    @Test
    void refusesTheSameKeyTwiceInOneWrite() {
        Stored<Note> there = create("1");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.write(new Write.Update<>(there, text("x")), new Write.Check<>(there)));
        assertThat(read(note("1"))).isEqualTo(there);
    }

    @Test
    void concurrentWritersLoseNoUpdate() throws Exception {
        store.write(new Write.Create<>(note("counter"), new Note("", 0, List.of())));
        int threads = 8;
        int increments = 50;
        List<Callable<Void>> writers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            writers.add(() -> {
                for (int done = 0; done < increments; done++) {
                    increment();
                }
                return null;
            });
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (Future<Void> writer : pool.invokeAll(writers)) {
                writer.get();
            }
        }
        Stored<Note> counter = read(note("counter"));
        assertThat(counter.value().count()).isEqualTo(threads * increments);
        assertThat(counter.version()).isEqualTo(threads * increments + 1);
    }

    /** DynamoDB refuses transactions that meet at an item, also when both only check it. */
    @Test
    void transactionsThatMeetAtAnItemMayConflictAndGetThroughWhenTheyAreRepeated() throws Exception {
        Stored<Note> shared = create("shared");
        List<Callable<Void>> writers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Key<Note> own = note("own-" + i);
            writers.add(() -> {
                while (store.get(own).isEmpty()) {
                    try {
                        store.write(new Write.Check<>(shared), new Write.Create<>(own, text("x")));
                    } catch (WriteConflictException again) {
                        Thread.onSpinWait();
                    }
                }
                return null;
            });
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            for (Future<Void> writer : pool.invokeAll(writers)) {
                writer.get();
            }
        }
        assertThat(store.list("p", "note#own-", NOTE, false, 100, null).items()).hasSize(40);
        assertThat(read(note("shared"))).isEqualTo(shared);
    }

    private void increment() {
        while (true) {
            Stored<Note> read = read(note("counter"));
            try {
                store.write(new Write.Update<>(read, new Note("", read.value().count() + 1, List.of())));
                return;
            } catch (WriteConflictException again) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void expiredItemsAreGone() {
        Instant expires = now.plusSeconds(60);
        store.write(new Write.Create<>(note("1"), text("x"), expires));
        Stored<Note> read = read(note("1"));

        now = expires.minusMillis(1);
        assertThat(store.get(note("1"))).isPresent();
        assertConflict(new Write.Create<>(note("1"), text("y")));

        now = expires;
        assertThat(store.get(note("1"))).isEmpty();
        assertThat(store.list("p", "note#", NOTE, false, 10, null).items()).isEmpty();
        assertConflict(new Write.Update<>(read, text("y")));
        assertConflict(new Write.Delete<>(read));
        assertConflict(new Write.Check<>(read));
        store.write(new Write.Create<>(note("1"), text("y")));
        assertThat(read(note("1"))).isEqualTo(new Stored<>(note("1"), text("y"), 1));
        now = expires.plusSeconds(1_000_000);
        assertThat(store.get(note("1"))).isPresent();
    }

    @Test
    void itemsDoNotExpireEarlyWithinASecond() {
        store.write(new Write.Create<>(note("1"), text("x"), now.plusMillis(1500)));

        now = now.plusMillis(1499);
        assertThat(store.get(note("1"))).isPresent();
        now = now.plusMillis(501);
        assertThat(store.get(note("1"))).isEmpty();
    }

    @Test
    void anUpdateKeepsTheTimeOfExpiry() {
        Instant expires = now.plusSeconds(60);
        store.write(new Write.Create<>(note("1"), text("x"), expires));
        store.write(new Write.Update<>(read(note("1")), text("y")));

        assertThat(read(note("1")).value()).isEqualTo(text("y"));
        now = expires;
        assertThat(store.get(note("1"))).isEmpty();
    }

    @Test
    void refusesItemsOfANewerSchemaAndReadsThoseOfAnOlderOne() {
        ItemType<Note> newer = new ItemType<>("note", Note.class, 2);
        store.write(new Write.Create<>(new Key<>("p", "note#1", newer), text("x")));
        create("2");

        assertThatThrownBy(() -> store.get(note("1")))
                .isInstanceOf(NewerSchemaException.class)
                .hasMessageContaining("schema 2");
        assertThatThrownBy(() -> store.list("p", "note#", NOTE, false, 10, null))
                .isInstanceOf(NewerSchemaException.class);
        Stored<Note> old = read(new Key<>("p", "note#2", newer));
        assertThat(old.value()).isEqualTo(text("x"));
        store.write(new Write.Update<>(old, text("migrated")));
        assertThatThrownBy(() -> store.get(note("2"))).isInstanceOf(NewerSchemaException.class);
    }

    @Test
    void refusesToReadAnItemAsAnotherKind() {
        create("1");

        assertThatThrownBy(() -> store.get(new Key<>("p", "note#1", TAG)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("note");
    }

    @Test
    void takesItemsUpToFourHundredKilobytes() {
        String fits = "é".repeat(200_000);
        store.write(new Write.Create<>(note("1"), text(fits)));

        assertThat(read(note("1")).value().text()).isEqualTo(fits);
        assertThatThrownBy(() -> store.write(new Write.Create<>(note("2"), text("é".repeat(205_000)))))
                .isInstanceOf(ItemTooLargeException.class)
                .hasMessageContaining("note#2");
        assertThat(store.get(note("2"))).isEmpty();
    }

    @Test
    void refusesWritesOfMoreThanFourMegabytes() {
        List<Write> writes = new ArrayList<>();
        IntStream.range(0, 11).forEach(i -> writes.add(new Write.Create<>(note("n" + i), text("x".repeat(380_000)))));

        assertThatThrownBy(() -> store.write(writes)).isInstanceOf(ItemTooLargeException.class);
        store.write(writes.subList(0, 10));
        assertThat(store.list("p", "note#", NOTE, false, 100, null).items()).hasSize(10);
    }

    @Test
    void refusesValuesThatJacksonCannotWrite() {
        ItemType<Opaque> kind = new ItemType<>("opaque", Opaque.class, 1);

        assertThatThrownBy(() -> store.write(new Write.Create<>(new Key<>("p", "o", kind), new Opaque(new Object()))))
                .hasMessageContaining("opaque p/o");
    }

    record Opaque(Object inside) {}

    private void assertConflict(Write... writes) {
        assertThatThrownBy(() -> store.write(writes)).isInstanceOf(WriteConflictException.class);
    }
}
