package dev.slipway.drift;

import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/**
 * When it was last looked which targets' time of day has come.
 *
 * @param lookedAt an hour passes until the next look, however often everything is gone through
 */
@RegisterForReflection
record DriftSchedule(Instant lookedAt) {
    static final Key<DriftSchedule> KEY =
            new Key<>("drift-schedule", "schedule", new ItemType<>("drift-schedule", DriftSchedule.class, 1));
}
