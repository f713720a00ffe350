package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.operation.Transaction;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What changes of the {@link LateFollower}s of an environment when an apply of it has come to its end: those of this apply take the
 * place of all before, whose operations tell that.
 *
 * @param goesOn whether there are more than fit into one transaction, so that these come first
 */
record LateFollowerChanges(Transaction transaction, boolean goesOn) {
    /** Each with the operation that tells it; a transaction has room for a hundred, and the end of the operation is in it, too. */
    private static final int MOST = 40;

    private static final String GONE = "It is gone.";

    /** @param ending the operation, with the services as they are when it ends */
    static LateFollowerChanges of(Store store, Operation ending) {
        EnvironmentId id = (EnvironmentId) ending.target();
        Map<String, Stored<LateFollower>> known = new TreeMap<>();
        store.stream(LateFollower.PARTITION, LateFollower.prefix(id), LateFollower.ITEM_TYPE, false)
                .forEach(found -> known.put(found.value().service().service(), found));
        Map<String, FollowingService> services = new TreeMap<>();
        known.keySet().forEach(name -> services.put(name, new FollowingService(name, FollowingState.DONE, GONE)));
        ending.services().forEach(service -> services.put(service.service(), service));
        Transaction changes = new Transaction();
        Map<String, Stored<Operation>> overtaken = new HashMap<>();
        Map<String, Operation> told = new HashMap<>();
        int count = 0;
        for (FollowingService service : services.values()) {
            Optional<Stored<LateFollower>> before = Optional.ofNullable(known.get(service.service()));
            boolean later = service.state() == FollowingState.LATER || service.state() == FollowingState.FROZEN;
            if (later
                    ? before.filter(found -> found.value().operation().equals(ending.id()))
                            .isPresent()
                    : before.isEmpty()) {
                continue;
            }
            if (count == MOST) {
                return new LateFollowerChanges(with(changes, overtaken, told), true);
            }
            count++;
            changes = later
                    ? changes.put(
                            LateFollower.key(new ServiceId(id.environment(), service.service())),
                            before,
                            LateFollower.of(new ServiceId(id.environment(), service.service()), ending.id()))
                    : changes.delete(before.orElseThrow());
            before.map(found -> found.value().operation())
                    .filter(operation -> !operation.equals(ending.id()))
                    .ifPresent(operation -> {
                        Key<Operation> key = Operation.key(id, operation);
                        if (!overtaken.containsKey(operation)) {
                            store.get(key).ifPresent(found -> overtaken.put(operation, found));
                        }
                        Stored<Operation> read = overtaken.get(operation);
                        if (read != null) {
                            told.merge(
                                    operation,
                                    read.value().withFollowing(overtaken(service, ending)),
                                    (earlier, _) -> earlier.withFollowing(overtaken(service, ending)));
                        }
                    });
        }
        return new LateFollowerChanges(with(changes, overtaken, told), false);
    }

    private static FollowingService overtaken(FollowingService service, Operation by) {
        String why = service.finding() == null ? "" : " " + service.finding();
        return new FollowingService(
                service.service(), service.state(), "By a later apply: GET %s.%s".formatted(by.path(), why));
    }

    private static Transaction with(
            Transaction changes, Map<String, Stored<Operation>> overtaken, Map<String, Operation> told) {
        Transaction all = changes;
        for (Map.Entry<String, Operation> entry : told.entrySet()) {
            all = all.updateIfChanged(overtaken.get(entry.getKey()), entry.getValue());
        }
        return all;
    }
}
