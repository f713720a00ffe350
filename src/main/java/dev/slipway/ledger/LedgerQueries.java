package dev.slipway.ledger;

import dev.slipway.id.Target;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds entries of a ledger. */
public record LedgerQueries(Store store) {
    /** So many times the store is asked for a page, however short it is to be. */
    private static final int READS = 20;

    private static final int PAGE = 100;
    /** Two functions write, whose clocks may differ by so much: entries sort by the clock of whoever wrote them. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    /**
     * Which entries are asked for.
     *
     * @param from the first moment; null: from the beginning
     * @param to the moment after the last; null: until now
     * @param actor who decided, whole; null: anybody
     * @param types what was decided; none: whatever
     */
    public record Filter(
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String actor,
            Set<LedgerEntry.EventType> types) {
        public static final Filter ALL = new Filter(null, null, null, Set.of());

        public Filter {
            types = Set.copyOf(types);
        }

        boolean has(LedgerEntry entry) {
            return (from == null || !entry.at().isBefore(from))
                    && (to == null || entry.at().isBefore(to))
                    && (actor == null || entry.actor().equals(actor))
                    && (types.isEmpty() || types.contains(entry.type()));
        }

        private boolean isOver(LedgerEntry entry) {
            return from != null && entry.at().plus(SKEW).isBefore(from);
        }
    }

    /**
     * The newest first.
     *
     * @param most how many; a page may have fewer and more follow all the same
     * @param next what the page before has given; null for the first
     * @throws IllegalArgumentException when {@code next} is none of ours
     */
    public Page<LedgerEntry> page(Target target, Filter filter, int most, @Nullable String next) {
        List<Stored<LedgerEntry>> found = new ArrayList<>();
        @Nullable String from = next;
        for (int reads = 0; reads < READS; reads++) {
            Page<LedgerEntry> page = store.list(
                    target.partition(),
                    LedgerEntry.SORT,
                    LedgerEntry.ITEM_TYPE,
                    true,
                    Math.min(PAGE, most - found.size()),
                    from);
            page.items().stream().filter(entry -> filter.has(entry.value())).forEach(found::add);
            from = page.next();
            boolean over = page.items().stream().anyMatch(entry -> filter.isOver(entry.value()));
            if (from == null || over) {
                return new Page<>(found, null);
            }
            if (found.size() >= most) {
                break;
            }
        }
        return new Page<>(found, from);
    }
}
