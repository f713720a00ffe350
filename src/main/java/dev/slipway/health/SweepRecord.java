package dev.slipway.health;

import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/** When the worker has last begun to look at everything: it reads its queue and writes the table. */
@RegisterForReflection
record SweepRecord(Instant at) {
    static final Key<SweepRecord> KEY = new Key<>("health", "sweep", new ItemType<>("sweep", SweepRecord.class, 1));
}
