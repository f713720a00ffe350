package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/**
 * Says that something is to start at a target as soon as nothing else is under way there. There is at most one for a
 * target. All of them lie in one partition, where the resync finds those that no message reminds of.
 *
 * @param workItemId id of what waits; its kind of work knows it
 */
@RegisterForReflection
public record QueuedOperation(Target target, String workItemId, Instant queuedAt) {
    static final String PARTITION = "queued";
    static final ItemType<QueuedOperation> ITEM_TYPE = new ItemType<>("queued", QueuedOperation.class, 1);

    public static Key<QueuedOperation> key(Target target) {
        return new Key<>(PARTITION, target.key(), ITEM_TYPE);
    }
}
