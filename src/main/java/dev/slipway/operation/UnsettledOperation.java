package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/**
 * Says that an operation was given up after AWS had been told something, so that what is recorded of the target may not be
 * what AWS has. The resync looks at it until that is settled.
 */
@RegisterForReflection
public record UnsettledOperation(Target target, String operation, Instant since) {
    static final String PARTITION = "unsettled-operation";
    static final ItemType<UnsettledOperation> ITEM_TYPE =
            new ItemType<>("unsettled-operation", UnsettledOperation.class, 1);

    public static Key<UnsettledOperation> key(Target target) {
        return new Key<>(PARTITION, target.key(), ITEM_TYPE);
    }

    /** Has the resync look at the operation's target until what is recorded of it is what AWS has. */
    public static Transaction leave(Store store, Operation operation, Instant now) {
        Target target = operation.target();
        UnsettledOperation unsettled = new UnsettledOperation(target, operation.id(), now);
        return new Transaction().put(key(target), store.get(key(target)), unsettled);
    }
}
