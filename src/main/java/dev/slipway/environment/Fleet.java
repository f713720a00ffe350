package dev.slipway.environment;

import dev.slipway.store.Key;
import dev.slipway.store.Kind;
import dev.slipway.target.EnvironmentId;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * All environments, by name, with the network each has taken: one item, written together with an environment's creation
 * and end, so that two environments never overlap.
 */
record Fleet(Map<String, Cidr> networks) {
    static final Key<Fleet> KEY = new Key<>("fleet", "fleet", new Kind<>("fleet", Fleet.class, 1));

    Fleet {
        networks = Collections.unmodifiableMap(new TreeMap<>(networks));
    }

    Fleet with(EnvironmentId id, Cidr network) {
        Map<String, Cidr> more = new TreeMap<>(networks);
        more.put(id.key(), network);
        return new Fleet(more);
    }

    Fleet without(EnvironmentId id) {
        Map<String, Cidr> fewer = new TreeMap<>(networks);
        fewer.remove(id.key());
        return new Fleet(fewer);
    }
}
