package dev.slipway.status;

import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lists the services of all environments by what is recorded of them; AWS is not asked. */
public final class StatusListing {
    /** So many services are looked through for a page. */
    private static final int SCANNED = 500;
    /** A read of the store counts like so many, however few it finds. */
    private static final int LEAST = 10;

    private final Store store;
    private final Operations operations;
    private final Environments environments;
    private final Services services;

    public StatusListing(Store store, Operations operations, Environments environments, Services services) {
        this.store = store;
        this.operations = operations;
        this.environments = environments;
        this.services = services;
    }

    /**
     * A service in a list: as it was when all were looked at last, within five minutes.
     *
     * @param status null before the first sweep
     * @param checkedAt when AWS told all of it last; what is newer than the last sweep was not there at it
     * @param underWay what changes it or waits for its turn now; null when nothing does
     */
    public record Listed(
            ServiceRecord service,
            @Nullable StatusRecord status,
            @Nullable Instant checkedAt,
            @Nullable UnderWay underWay) {
        public Listed {
            checkedAt = status == null ? null : status.toldAt() == null ? checkedAt : status.toldAt();
        }

        public HealthState state() {
            return status == null ? HealthState.UNKNOWN : status.state();
        }
    }

    /**
     * What changes a service, or waits for its turn.
     *
     * @param operation null where it waits
     * @param rollout null where it is none
     * @param gate what the rollout's gate was asked; null before it was
     */
    public record UnderWay(
            @Nullable Operation operation,
            @Nullable Rollout rollout,
            @Nullable GateRecord gate) {}

    /** @param next null at the end */
    public record Listing(List<Listed> items, @Nullable String next) {}

    /**
     * The services of all environments, by environment and name; AWS is not asked.
     *
     * @param state null for all
     * @param most how many
     * @param next what the page before has given; null for the first
     * @throws IllegalArgumentException when {@code next} is none of ours
     */
    public Listing list(@Nullable HealthState state, int most, @Nullable String next) {
        List<String> names = environments.names().stream().sorted().toList();
        int dot = next == null ? 0 : next.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("next names no environment: " + next);
        }
        String first = next == null ? "" : next.substring(0, dot);
        @Nullable String inner = next == null || next.length() == dot + 1 ? null : next.substring(dot + 1);
        List<Listed> found = new ArrayList<>();
        int seen = 0;
        for (String name : names) {
            if (name.compareTo(first) < 0) {
                continue;
            }
            @Nullable String from = name.equals(first) ? inner : null;
            Map<ServiceId, UnderWay> underWay = underWay(new EnvironmentId(name));
            @Nullable Instant checkedAt = SweepRecord.checkedAt(store, new EnvironmentId(name));
            do {
                if (found.size() == most || seen >= SCANNED) {
                    return new Listing(found, name + "." + (from == null ? "" : from));
                }
                Page<ServiceRecord> page = services.list(new EnvironmentId(name), most - found.size(), from);
                seen += Math.max(LEAST, page.items().size());
                page.items().stream()
                        .map(service -> new Listed(
                                service.value(),
                                store.get(StatusRecord.key(service.value().id()))
                                        .map(Stored::value)
                                        .filter(status -> !status.since()
                                                .isBefore(service.value().createdAt()))
                                        .orElse(null),
                                checkedAt,
                                underWay.get(service.value().id())))
                        .filter(listed -> state == null || listed.state() == state)
                        .forEach(found::add);
                from = page.next();
            } while (from != null);
        }
        return new Listing(found, null);
    }

    /** By two reads, and three for each service at which something is under way. */
    private Map<ServiceId, UnderWay> underWay(EnvironmentId environment) {
        Map<ServiceId, UnderWay> found = new HashMap<>();
        operations.queuedServices(environment).forEach(queued -> {
            if (queued.target() instanceof ServiceId id) {
                found.put(id, underWay(id, null, queued.workItemId()));
            }
        });
        operations.runningServices(environment).forEach(operation -> {
            if (operation.target() instanceof ServiceId id && operation.type() != Operation.Type.PLAN) {
                found.put(id, underWay(id, operation, operation.rollout()));
            }
        });
        return found;
    }

    private UnderWay underWay(ServiceId service, @Nullable Operation operation, @Nullable String rollout) {
        return rollout == null
                ? new UnderWay(operation, null, null)
                : new UnderWay(
                        operation,
                        store.get(Rollout.key(service, rollout))
                                .map(Stored::value)
                                .orElse(null),
                        store.get(GateRecord.key(service, rollout))
                                .map(Stored::value)
                                .orElse(null));
    }
}
