package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import java.time.Instant;

/**
 * Says that something is to start at a target as soon as nothing else is under way there. There is at most one for a
 * target. All of them lie in one partition, where the sweep finds those that no message reminds of.
 *
 * @param what id of what waits; its kind of work knows it
 */
public record QueuedOperation(Target target, String what, Instant since) {
    static final String PARTITION = "waiting";
    static final ItemType<QueuedOperation> KIND = new ItemType<>("waiting", QueuedOperation.class, 1);

    public static Key<QueuedOperation> key(Target target) {
        return new Key<>(PARTITION, target.key(), KIND);
    }
}
