package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.operation.Transaction;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.util.ArrayList;
import java.util.List;
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

    /** @param ending the operation, with the services as they are when it ends */
    static LateFollowerChanges of(Store store, Operation ending) {
        EnvironmentId id = (EnvironmentId) ending.target();
        Map<String, Stored<LateFollower>> known = new TreeMap<>();
        store.stream(LateFollower.PARTITION, LateFollower.prefix(id), LateFollower.ITEM_TYPE, false)
                .forEach(found -> known.put(found.value().service().service(), found));
        Map<String, FollowingService> services = new TreeMap<>();
        known.keySet()
                .forEach(name -> services.put(name, new FollowingService(name, FollowingState.DONE, Followers.GONE)));
        ending.services().forEach(service -> services.put(service.service(), service));
        Transaction changes = new Transaction();
        Map<String, List<FollowingService>> overtaken = new TreeMap<>();
        int count = 0;
        for (FollowingService service : services.values()) {
            ServiceId follower = new ServiceId(id.environment(), service.service());
            Optional<Stored<LateFollower>> before = Optional.ofNullable(known.get(service.service()));
            String earlier = before.map(found -> found.value().operation()).orElse(ending.id());
            boolean later = service.state() == FollowingState.LATER || service.state() == FollowingState.FROZEN;
            boolean isSo = later ? before.isPresent() && earlier.equals(ending.id()) : before.isEmpty();
            if (isSo) {
                continue;
            }
            if (count == MOST) {
                return new LateFollowerChanges(told(store, id, changes, overtaken), true);
            }
            count++;
            changes = later
                    ? changes.put(LateFollower.key(follower), before, LateFollower.of(follower, ending.id()))
                    : changes.delete(before.orElseThrow());
            if (!earlier.equals(ending.id())) {
                overtaken.computeIfAbsent(earlier, _ -> new ArrayList<>()).add(overtaken(service, ending));
            }
        }
        return new LateFollowerChanges(told(store, id, changes, overtaken), false);
    }

    private static FollowingService overtaken(FollowingService service, Operation by) {
        String why = service.finding() == null ? "" : " " + service.finding();
        return new FollowingService(
                service.service(), service.state(), "By a later apply: GET %s.%s".formatted(by.path(), why));
    }

    /** With what the operations before tell from now on. */
    private static Transaction told(
            Store store, EnvironmentId id, Transaction changes, Map<String, List<FollowingService>> overtaken) {
        Transaction all = changes;
        for (Map.Entry<String, List<FollowingService>> entry : overtaken.entrySet()) {
            Optional<Stored<Operation>> read = store.get(Operation.key(id, entry.getKey()));
            if (read.isPresent()) {
                Operation told = read.get().value();
                for (FollowingService service : entry.getValue()) {
                    told = told.withFollowing(service);
                }
                all = all.updateIfChanged(read.get(), told);
            }
        }
        return all;
    }
}
