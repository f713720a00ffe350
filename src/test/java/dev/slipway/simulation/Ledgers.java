package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerProjection;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceRecord;
import dev.slipway.store.Store.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads ledgers, and holds them against what is. */
public final class Ledgers {
    private Ledgers() {}

    /** The oldest first. */
    public static List<LedgerEntry> of(World world, Target target) {
        List<LedgerEntry> entries = new ArrayList<>();
        @Nullable String next = null;
        do {
            Page<LedgerEntry> page =
                    world.store.list(target.partition(), LedgerEntry.SORT, LedgerEntry.ITEM_TYPE, false, 100, next);
            page.items().forEach(found -> entries.add(found.value()));
            next = page.next();
        } while (next != null);
        return entries;
    }

    public static List<LedgerEntry.EventType> kinds(World world, Target target) {
        return of(world, target).stream().map(LedgerEntry::type).toList();
    }

    public static List<LedgerEntry> of(World world, Target target, LedgerEntry.EventType what) {
        return of(world, target).stream().filter(entry -> entry.type() == what).toList();
    }

    public static void replay(World world, ServiceId id) {
        Optional<ServiceRecord> record = world.plane.services().find(id);
        Set<String> open =
                world.store.list(id.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, 100, null).items().stream()
                        .map(found -> found.value())
                        .filter(Rollout::isOpen)
                        .map(Rollout::id)
                        .collect(Collectors.toSet());
        assertThat(LedgerProjection.of(of(world, id)))
                .isEqualTo(new LedgerProjection(
                        record.map(ServiceRecord::live).orElse(null),
                        record.map(ServiceRecord::previous).orElse(null),
                        open));
    }
}
