package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says that an operation is under way at a target. There is at most one for a target: that is what keeps changes from
 * overlapping. All of them lie in one partition, where the sweep finds them.
 *
 * @param leasedUntil a pass is at work until then at the latest, or null when none is
 * @param lookAt when the next look is due, for which a message is on its way; null when none is
 * @param failures how many passes in a row ended by a fault of our own
 * @param troubledSince since when AWS has been answering with errors only; null when it does not
 */
record OperationLock(
        Target target,
        String operation,
        @Nullable Instant leasedUntil,
        @Nullable Instant lookAt,
        int failures,
        @Nullable Instant troubledSince) {
    static final String PARTITION = "busy";
    static final ItemType<OperationLock> KIND = new ItemType<>("busy", OperationLock.class, 1);

    static OperationLock with(Operation operation) {
        return new OperationLock(operation.target(), operation.id(), null, null, 0, null);
    }

    static Key<OperationLock> key(Target target) {
        return new Key<>(PARTITION, target.key(), KIND);
    }

    /** Whether nobody is at work here and no look is due in time, so that somebody has to remind us. */
    boolean isOverdue(Instant now) {
        boolean working = leasedUntil != null && leasedUntil.isAfter(now);
        return !working && (lookAt == null || lookAt.isBefore(now));
    }

    OperationLock leased(Instant until) {
        return new OperationLock(target, operation, until, lookAt, failures, troubledSince);
    }

    /** A pass ended as it should, and the next look is due at {@code next}. */
    OperationLock released(Instant next) {
        return new OperationLock(target, operation, null, next, 0, null);
    }

    OperationLock failed(Instant next) {
        return new OperationLock(target, operation, null, next, failures + 1, troubledSince);
    }

    OperationLock troubled(Instant now, Instant next) {
        return new OperationLock(target, operation, null, next, failures, troubledSince == null ? now : troubledSince);
    }
}
