package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says that an operation is under way at a target. There is at most one for a target: that is what keeps changes from
 * overlapping. All of them lie in one partition, where the resync finds them.
 *
 * @param leasedUntil a pass is at work until then at the latest, or null when none is
 * @param nextReconcileAt when the next look is due, for which a message is on its way; null when none is
 * @param failures how many passes in a row ended by a fault of our own
 * @param turnAt when the operation may begin, because too many began before it; null when it did not have to wait
 * @param awsErrorsSince since when AWS has been answering with errors only; null when it does not
 */
@RegisterForReflection
@RecordBuilder
record OperationLock(
        Target target,
        String operation,
        @Nullable Instant leasedUntil,
        @Nullable Instant nextReconcileAt,
        @Nullable Instant turnAt,
        int failures,
        @Nullable Instant awsErrorsSince)
        implements OperationLockBuilder.With {
    static final String PARTITION = "lock";
    static final ItemType<OperationLock> ITEM_TYPE = new ItemType<>("lock", OperationLock.class, 1);

    static OperationLock ofOperation(Operation operation) {
        return new OperationLock(operation.target(), operation.id(), null, null, null, 0, null);
    }

    static Key<OperationLock> key(Target target) {
        return new Key<>(PARTITION, target.key(), ITEM_TYPE);
    }

    /** Whether nobody is at work here and no look is due in time, so that somebody has to remind us. */
    boolean isOverdue(Instant now) {
        boolean working = leasedUntil != null && leasedUntil.isAfter(now);
        return !working && (nextReconcileAt == null || nextReconcileAt.isBefore(now));
    }

    /** Whether no pass was at work here and nobody has put the first one off. */
    boolean isNew() {
        return nextReconcileAt == null && leasedUntil == null;
    }

    /** A pass ended as it should, and the next look is due at {@code next}. */
    OperationLock released(Instant next) {
        return with(
                copy -> copy.leasedUntil(null).nextReconcileAt(next).failures(0).awsErrorsSince(null));
    }

    OperationLock withFailure(Instant next) {
        return with(copy -> copy.leasedUntil(null).nextReconcileAt(next).failures(failures + 1));
    }

    OperationLock withAwsErrors(Instant now, Instant next) {
        return with(copy -> copy.leasedUntil(null)
                .nextReconcileAt(next)
                .awsErrorsSince(awsErrorsSince == null ? now : awsErrorsSince));
    }
}
