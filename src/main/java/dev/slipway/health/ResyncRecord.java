package dev.slipway.health;

import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/** When the worker has last begun to look at everything: it reads its queue and writes the table. */
@RegisterForReflection
record ResyncRecord(Instant at) {
    static final Key<ResyncRecord> KEY = new Key<>("health", "resync", new ItemType<>("resync", ResyncRecord.class, 1));
}
