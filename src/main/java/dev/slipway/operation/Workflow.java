package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.problem.Problem;
import dev.slipway.stack.StackResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the operations of one kind of target do: one pass after another until the end. */
public interface Workflow {
    /**
     * Observes, decides and acts once. Every pass can be repeated, also after a crash at any point of it: what it does
     * was written down as the operation's phase by the pass before.
     *
     * @return what to record
     */
    ReconcileResult reconcile(Operation operation, Instant now);

    /**
     * An operation is given up: its passes failed again and again. Says what else has to be recorded, so that nothing
     * that belongs to it seems to go on for ever.
     */
    default Transaction abandon(Operation operation, Problem why, Instant now) {
        return new Transaction();
    }

    /** Whether an operation must begin at once, however much else does: it mends what has traffic, or was cancelled. */
    default boolean isUrgent(Operation operation) {
        return false;
    }

    /**
     * How long AWS's errors and refusals are waited for at least, before an operation is given up. Null for one that must
     * not be given up as long as they last, because what it watches has production traffic.
     */
    default @Nullable Duration patience(Operation operation) {
        return Duration.ZERO;
    }

    /**
     * An operation at the target was given up and left a {@link UnsettledOperation}; nothing is under way there now. Says what is to
     * be recorded to have the record as AWS is; empty while that cannot be told yet. Reads only.
     */
    default Optional<Transaction> settle(Target target, Instant now) {
        return Optional.of(new Transaction());
    }

    /** Nothing is under way at the target any more: what becomes of what waits there? Reads only. */
    default DequeueDecision dequeue(QueuedOperation waiting, Instant now) {
        return new DequeueDecision.Drop(new Transaction());
    }

    /**
     * AWS tells of a deployment at a target at which nothing of ours is under way. Says what is to be recorded; repeated,
     * the same is refused as a conflict.
     */
    default Transaction onDeploymentEvent(Target target, Instant now) {
        return new Transaction();
    }

    /** What becomes of what waits. What else is written is written together with the decision. */
    sealed interface DequeueDecision {
        Transaction also();

        /** It starts. */
        record Start(Operation operation, Transaction also) implements DequeueDecision {}

        /** Not yet; the resync asks again. */
        record Wait(Transaction also) implements DequeueDecision {}

        /** It never will. */
        record Drop(Transaction also) implements DequeueDecision {}
    }

    /**
     * The outcome of a pass.
     *
     * @param operation as it now stands; when it no longer runs, it has ended
     * @param also what else is written with it, all or nothing
     * @param requeueAfter when to look again; zero means at once, in the same invocation
     */
    record ReconcileResult(Operation operation, Transaction also, Duration requeueAfter) {
        /** Goes on at once. */
        public static ReconcileResult proceed(Operation operation, Transaction also) {
            return new ReconcileResult(operation, also, Duration.ZERO);
        }

        public static ReconcileResult proceed(Operation operation) {
            return proceed(operation, new Transaction());
        }

        /** Looks again later, or when an event comes. */
        public static ReconcileResult requeue(Operation operation, Duration lookAgain) {
            return new ReconcileResult(operation, new Transaction(), lookAgain);
        }

        /** A change of the stack goes on. */
        public static ReconcileResult requeue(Operation operation, StackResult.InProgress again) {
            return requeue(operation.withProgress(again.progress()), again.requeueAfter());
        }

        /** A change of the stack has failed, and the operation with it. */
        public static ReconcileResult failed(Operation operation, StackResult.Failed failed, Instant now) {
            return proceed(operation.withProgress(failed.progress()).failed(failed.cause(), now));
        }
    }
}
