package dev.slipway.environment;

import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Says that a service was busy when the others took over what an apply of their environment has changed, and is to follow when it is
 * busy no more.
 *
 * @param operation of the environment, under whose id the service is applied again
 */
@RegisterForReflection
public record LateFollower(ServiceId service, String operation) {
    public static final String PARTITION = "late-follower";
    public static final ItemType<LateFollower> ITEM_TYPE = new ItemType<>("late-follower", LateFollower.class, 1);

    public static Key<LateFollower> key(ServiceId service) {
        return new Key<>(PARTITION, service.key(), ITEM_TYPE);
    }
}
