package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.WeakeningPolicy;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.freeze.Freeze;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * The controls that a service had declared when it was deleted. They outlive it, until it is declared anew or its environment is
 * deleted.
 */
@RegisterForReflection
record FormerControls(ServiceId service, Instant deletedAt, RolloutSettings rollout, List<Freeze> freezes) {
    private static final ItemType<FormerControls> ITEM_TYPE =
            new ItemType<>("former-controls", FormerControls.class, 1);

    FormerControls {
        freezes = List.copyOf(freezes);
    }

    static Key<FormerControls> key(ServiceId id) {
        return new Key<>(id.partition(), "former-controls", ITEM_TYPE);
    }

    static FormerControls of(ServiceRecord deleted, Instant now) {
        ServiceSpec declared = deleted.declared();
        return new FormerControls(deleted.id(), now, declared.rollout(), declared.freezes());
    }

    /** Those that a spec declares weaker. */
    List<Weakening> weakenedBy(ServiceSpec spec) {
        return weakened(rollout, freezes, spec);
    }

    /** Likewise, of a service that is there. */
    static List<Weakening> weakened(ServiceSpec declared, ServiceSpec spec) {
        return weakened(declared.rollout(), declared.freezes(), spec);
    }

    private static List<Weakening> weakened(RolloutSettings rollout, List<Freeze> freezes, ServiceSpec spec) {
        return Stream.concat(
                        WeakeningPolicy.between(rollout, spec.rollout()).stream(),
                        WeakeningPolicy.freezes(freezes, spec.freezes()).stream())
                .toList();
    }
}
