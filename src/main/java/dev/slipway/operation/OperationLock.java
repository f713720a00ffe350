package dev.slipway.operation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says that an operation is under way at a target. There is at most one for a target: that is what keeps changes from
 * overlapping. All of them lie in one partition, where the resync finds them.
 *
 * @param leasedUntil a pass is at work until then at the latest, or null when none is
 * @param nextReconcileAt when the next look is due, for which a message is on its way; null when none is
 * @param startsAt when the first pass begins at the latest; null when it has begun, or nobody has put it off
 * @param failures how many passes in a row ended by a fault of our own
 * @param awsErrorsSince since when AWS has been answering with errors that pass only; null when it does not
 * @param refusedSince since when it has been refusing calls, whatever it answers between; null when it does not
 */
@RegisterForReflection
@RecordBuilder
record OperationLock(
        Target target,
        String operation,
        @Nullable Instant leasedUntil,
        @Nullable Instant nextReconcileAt,
        @Nullable Instant startsAt,
        @Nullable Instant lookedAt,
        int failures,
        @Nullable Instant awsErrorsSince,
        @Nullable Instant refusedSince,
        @Nullable String fault)
        implements OperationLockBuilder.With {
    static final String PARTITION = "lock";
    /** How far the clocks of two workers may differ. */
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(2);
    /** A look that is so late does not come by itself any more. */
    private static final Duration OVERDUE = Duration.ofMinutes(15);

    static final ItemType<OperationLock> ITEM_TYPE = new ItemType<>("lock", OperationLock.class, 1);

    static OperationLock ofOperation(Operation operation) {
        return new OperationLock(operation.target(), operation.id(), null, null, null, null, 0, null, null, null);
    }

    static Key<OperationLock> key(Target target) {
        return new Key<>(PARTITION, target.key(), ITEM_TYPE);
    }

    /** Whether nobody is at work here and no look is due in time, so that somebody has to remind us. */
    boolean isOverdue(Instant now) {
        return !isLeased(now) && (nextReconcileAt == null || nextReconcileAt.isBefore(now));
    }

    /** Whether its operation does not get on: it is tried again after a fault, or its next look is overdue by a quarter of an hour. */
    boolean isStuck(Instant now) {
        return fault != null || !isNew() && isOverdue(now.minus(OVERDUE));
    }

    /** Whether no pass was at work here and nobody has put the first one off. */
    boolean isNew() {
        return nextReconcileAt == null && leasedUntil == null;
    }

    /** A pass begins. */
    OperationLock leased(Instant now, Duration lease) {
        return with(copy -> copy.leasedUntil(now.plus(lease)).lookedAt(now).startsAt(null));
    }

    /** Whether a pass is at work. */
    boolean isLeased(Instant now) {
        return leasedUntil != null && leasedUntil.isAfter(now);
    }

    /** Whether a pass has begun since then, so that it has seen what was so by then. */
    boolean isLookedAtSince(Instant then) {
        return lookedAt != null && lookedAt.isAfter(then.plus(CLOCK_SKEW));
    }

    /** A pass ended as it should, and the next one follows at once. */
    OperationLock proceeding() {
        return with(
                copy -> copy.failures(0).awsErrorsSince(null).refusedSince(null).fault(null));
    }

    /** A pass ended as it should, and the next look is due at {@code next}. */
    OperationLock released(Instant next) {
        return proceeding().with(copy -> copy.leasedUntil(null).nextReconcileAt(next));
    }

    OperationLock withFailure(Instant next, String why) {
        return with(copy -> copy.leasedUntil(null)
                .nextReconcileAt(next)
                .failures(failures + 1)
                .fault(why));
    }

    OperationLock withAwsErrors(Instant now, Instant next, String why) {
        return with(copy -> copy.leasedUntil(null)
                .nextReconcileAt(next)
                .awsErrorsSince(awsErrorsSince == null ? now : awsErrorsSince)
                .fault(why));
    }

    /** A refusal: how long it lasts has its own limit, whatever went before. */
    OperationLock withRefusal(Instant now, Instant next, String why) {
        return with(copy -> copy.leasedUntil(null)
                .nextReconcileAt(next)
                .refusedSince(refusedSince == null ? now : refusedSince)
                .fault(why));
    }

    /** Since when AWS is in the way, by errors or by refusals; null when it is not. */
    @JsonIgnore
    @Nullable
    Instant heldUpSince() {
        return awsErrorsSince == null || refusedSince != null && refusedSince.isBefore(awsErrorsSince)
                ? refusedSince
                : awsErrorsSince;
    }
}
