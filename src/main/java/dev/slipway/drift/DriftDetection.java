package dev.slipway.drift;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A detection under way.
 *
 * @param detection CloudFormation's id of it; null before it has begun, and after the target was changed meanwhile
 * @param lastOperation the operation that had ended last when it began; another one makes the result invalid. Null for none
 * @param fault why it did not get on at the last look, in AWS's words; null when it did
 * @param lookAt when to look again: a message was sent for that, and may be lost
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record DriftDetection(
        Target target,
        Instant requestedAt,
        @Nullable String detection,
        @Nullable String lastOperation,
        @Nullable String fault,
        Instant lookAt) {
    static final ItemType<DriftDetection> ITEM_TYPE = new ItemType<>("drift-detection", DriftDetection.class, 1);
    static final String PARTITION = "drift-detections";

    static Key<DriftDetection> key(Target target) {
        return new Key<>(PARTITION, target.key(), ITEM_TYPE);
    }

    /** Has not begun, or begins anew. */
    DriftDetection waiting(Instant next) {
        return waiting(null, next);
    }

    DriftDetection waiting(@Nullable String reason, Instant next) {
        return new DriftDetection(target, requestedAt, null, null, reason, next);
    }

    DriftDetection begun(String id, @Nullable String operation, Instant next) {
        return new DriftDetection(target, requestedAt, id, operation, null, next);
    }

    DriftDetection later(Instant next) {
        return new DriftDetection(target, requestedAt, detection, lastOperation, null, next);
    }
}
