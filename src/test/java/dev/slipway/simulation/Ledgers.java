package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ledger.Entry;
import dev.slipway.ledger.Present;
import dev.slipway.operation.Operation;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceRecord;
import dev.slipway.store.Page;
import dev.slipway.target.ServiceId;
import dev.slipway.target.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads ledgers, and holds them against what is. */
final class Ledgers {
    private Ledgers() {}

    /** The oldest first. */
    static List<Entry> of(World world, Target target) {
        List<Entry> entries = new ArrayList<>();
        @Nullable String next = null;
        do {
            Page<Entry> page =
                    world.store.list(Operation.partition(target), Entry.SORT, Entry.kind(), false, 100, next);
            page.items().forEach(found -> entries.add(found.value()));
            next = page.next();
        } while (next != null);
        return entries;
    }

    static List<Entry.What> kinds(World world, Target target) {
        return of(world, target).stream().map(Entry::what).toList();
    }

    static List<Entry> of(World world, Target target, Entry.What what) {
        return of(world, target).stream().filter(entry -> entry.what() == what).toList();
    }

    static void replay(World world, ServiceId id) {
        Optional<ServiceRecord> record = world.plane.services().find(id);
        Set<String> open =
                world
                        .store
                        .list(Operation.partition(id), Rollout.SORT, Rollout.kind(), true, 100, null)
                        .items()
                        .stream()
                        .map(found -> found.value())
                        .filter(Rollout::isOpen)
                        .map(Rollout::id)
                        .collect(Collectors.toSet());
        assertThat(Present.of(of(world, id)))
                .isEqualTo(new Present(
                        record.map(ServiceRecord::live).orElse(null),
                        record.map(ServiceRecord::previous).orElse(null),
                        open));
    }
}
