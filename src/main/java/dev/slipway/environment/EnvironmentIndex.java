package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * All environments, by name, with the network each has taken: one item, written together with an environment's creation
 * and end, so that two environments never overlap.
 */
@RegisterForReflection
record EnvironmentIndex(Map<String, Cidr> networks) {
    static final Key<EnvironmentIndex> KEY =
            new Key<>("environments", "environments", new ItemType<>("environments", EnvironmentIndex.class, 1));

    EnvironmentIndex {
        networks = Collections.unmodifiableMap(new TreeMap<>(networks));
    }

    EnvironmentIndex with(EnvironmentId id, Cidr network) {
        Map<String, Cidr> more = new TreeMap<>(networks);
        more.put(id.key(), network);
        return new EnvironmentIndex(more);
    }

    EnvironmentIndex without(EnvironmentId id) {
        Map<String, Cidr> fewer = new TreeMap<>(networks);
        fewer.remove(id.key());
        return new EnvironmentIndex(fewer);
    }
}
