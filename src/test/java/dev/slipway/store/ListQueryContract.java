package dev.slipway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.store.Store.Page;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Store} promises about listings, and the fixtures of the whole contract. */
abstract class ListQueryContract {
    record Note(String text, int count, List<String> tags) {}

    record Tag(String name) {}

    static final ItemType<Note> NOTE = new ItemType<>("note", Note.class, 1);
    static final ItemType<Tag> TAG = new ItemType<>("tag", Tag.class, 1);

    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    Store store;

    /** An empty store. */
    abstract Store open(ObjectMapper mapper, InstantSource clock);

    @BeforeEach
    void openStore() {
        store = open(new ObjectMapper(), () -> now);
    }

    @Test
    void listsInTheOrderOfSortKeysBothWays() {
        List<String> sorted = List.of("1", "10", "2", "A", "a", "a#b", "ab", "é", "\uFFFD", "😀");
        for (int i : new int[] {7, 2, 9, 0, 4, 1, 8, 3, 6, 5}) {
            create(sorted.get(i));
        }
        assertThat(ids("note#", false, 100)).isEqualTo(sorted);
        assertThat(ids("note#", true, 100)).isEqualTo(sorted.reversed());
    }

    @Test
    void listsOnlyThePrefixThePartitionAndTheKind() {
        create("a1");
        create("a2");
        create("b1");
        store.write(
                new Write.Create<>(new Key<>("p", "note#a3", TAG), new Tag("t")),
                new Write.Create<>(new Key<>("p", "a", NOTE), text("x")),
                new Write.Create<>(new Key<>("p", "zzz", NOTE), text("x")),
                new Write.Create<>(new Key<>("q", "note#a4", NOTE), text("x")));

        assertThat(ids("note#a", false, 10)).containsExactly("a1", "a2");
        assertThat(ids("note#a", true, 10)).containsExactly("a2", "a1");
        assertThat(ids("note#c", false, 10)).isEmpty();
        assertThat(store.list("p", "note#", TAG, false, 10, null).items())
                .extracting(Stored::value)
                .containsExactly(new Tag("t"));
        assertThat(store.list("p", "", NOTE, false, 10, null).items()).hasSize(5);
        assertThat(store.list("nowhere", "", NOTE, true, 10, null)).isEqualTo(new Page<>(List.of(), null));
    }

    @Test
    void listsTheItemsAsGetReadsThem() {
        Stored<Note> one = create("1");
        store.write(new Write.Update<>(one, text("changed")));

        assertThat(store.list("p", "note#", NOTE, false, 10, null).items()).containsExactly(read(note("1")));
    }

    @Test
    void pagesHoldExactlyTheLimitAndTheLastOneSaysSo() {
        IntStream.range(0, 10).forEach(i -> create("n" + i));
        for (boolean newestFirst : new boolean[] {false, true}) {
            for (int limit : new int[] {1, 3, 5, 9, 10, 11}) {
                assertThat(pages("note#", newestFirst, limit))
                        .as("pages of %d, newest first: %s", limit, newestFirst)
                        .isEqualTo(expectedPages(newestFirst, limit));
            }
        }
    }

    @Test
    void pagesAreToppedUpWhereOtherKindsAndExpiredItemsLieBetween() {
        for (int i = 0; i < 40; i++) {
            String id = "n%02d".formatted(i);
            Key<Tag> tag = new Key<>("p", "note#" + id, TAG);
            switch (i % 4) {
                case 0 -> create(id);
                case 1 -> store.write(new Write.Create<>(note(id), text("x"), now.plusSeconds(1)));
                default -> store.write(new Write.Create<>(tag, new Tag("t")));
            }
        }
        now = now.plusSeconds(1);

        assertThat(pages("note#", false, 4))
                .containsExactly(
                        List.of("n00", "n04", "n08", "n12"),
                        List.of("n16", "n20", "n24", "n28"),
                        List.of("n32", "n36"));
        assertThat(pages("note#", true, 5))
                .containsExactly(
                        List.of("n36", "n32", "n28", "n24", "n20"), List.of("n16", "n12", "n08", "n04", "n00"));
    }

    @Test
    void aPageContinuesWhereTheLastOneEndedThoughThatItemIsGone() {
        IntStream.range(0, 4).forEach(i -> create("n" + i));
        Page<Note> first = store.list("p", "note#", NOTE, false, 2, null);
        store.write(new Write.Delete<>(first.items().getLast()));
        create("n1a");

        assertThat(store.list("p", "note#", NOTE, false, 3, first.next()).items())
                .extracting(item -> item.key().sort())
                .containsExactly("note#n1a", "note#n2", "note#n3");
    }

    @Test
    void refusesTokensOfOtherListings() {
        IntStream.range(0, 3).forEach(i -> create("n" + i));
        String token = Objects.requireNonNull(
                store.list("p", "note#", NOTE, false, 1, null).next());

        assertRefused("q", "note#", NOTE, false, token);
        assertRefused("p", "note#n", NOTE, false, token);
        assertRefused("p", "note#", TAG, false, token);
        assertRefused("p", "note#", NOTE, true, token);
        assertRefused("p", "note#", NOTE, false, "");
        assertRefused("p", "note#", NOTE, false, "bm90ZSNuMQ");
        assertRefused("p", "note#", NOTE, false, "not a token!");
        assertThat(store.list("p", "note#", NOTE, false, 5, token).items()).hasSize(2);
    }

    @Test
    void refusesPagesOfNoneOrOfMoreThanAHundred() {
        assertThatIllegalArgumentException().isThrownBy(() -> store.list("p", "", NOTE, false, 0, null));
        assertThatIllegalArgumentException().isThrownBy(() -> store.list("p", "", NOTE, false, 101, null));
    }

    Stored<Note> create(String id) {
        store.write(new Write.Create<>(note(id), text("x")));
        return new Stored<>(note(id), text("x"), 1);
    }

    <T> Stored<T> read(Key<T> key) {
        return store.get(key).orElseThrow();
    }

    static Key<Note> note(String id) {
        return new Key<>("p", "note#" + id, NOTE);
    }

    static Note text(String text) {
        return new Note(text, 0, List.of());
    }

    private void assertRefused(String partition, String prefix, ItemType<?> kind, boolean newestFirst, String token) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.list(partition, prefix, kind, newestFirst, 1, token));
    }

    private List<String> ids(String prefix, boolean newestFirst, int limit) {
        return ids(store.list("p", prefix, NOTE, newestFirst, limit, null));
    }

    private static List<String> ids(Page<Note> page) {
        return page.items().stream()
                .map(item -> item.key().sort().substring("note#".length()))
                .toList();
    }

    private List<List<String>> pages(String prefix, boolean newestFirst, int limit) {
        List<List<String>> pages = new ArrayList<>();
        String next = null;
        do {
            Page<Note> page = store.list("p", prefix, NOTE, newestFirst, limit, next);
            pages.add(ids(page));
            next = page.next();
        } while (next != null);
        return pages;
    }

    private static List<List<String>> expectedPages(boolean newestFirst, int limit) {
        List<String> all = IntStream.range(0, 10).mapToObj(i -> "n" + i).toList();
        List<String> ordered = newestFirst ? all.reversed() : all;
        List<List<String>> pages = new ArrayList<>();
        for (int from = 0; from < 10; from += limit) {
            pages.add(ordered.subList(from, Math.min(10, from + limit)));
        }
        return pages;
    }
}
