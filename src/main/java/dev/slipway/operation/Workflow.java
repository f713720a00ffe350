package dev.slipway.operation;

import dev.slipway.id.Target;
import dev.slipway.problem.Problem;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

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
    default List<Write> abandon(Operation operation, Problem why, Instant now) {
        return List.of();
    }

    /** Nothing is under way at the target any more: what becomes of what waits there? Reads only. */
    default DequeueDecision dequeue(QueuedOperation waiting, Instant now) {
        return new DequeueDecision.Drop(List.of());
    }

    /**
     * AWS tells of a deployment at a target at which nothing of ours is under way. Says what is to be recorded; repeated,
     * the same is refused as a conflict.
     */
    default List<Write> onDeploymentEvent(Target target, Instant now) {
        return List.of();
    }

    /** What becomes of what waits. The writes are made together with the decision. */
    sealed interface DequeueDecision {
        List<Write> writes();

        /** It starts. */
        record Start(Operation operation, List<Write> writes) implements DequeueDecision {}

        /** Not yet; the resync asks again. */
        record Wait(List<Write> writes) implements DequeueDecision {}

        /** It never will. */
        record Drop(List<Write> writes) implements DequeueDecision {}
    }

    /**
     * The outcome of a pass.
     *
     * @param operation as it now stands; when it no longer runs, it has ended
     * @param writes other items that change with it, all or nothing
     * @param requeueAfter when to look again; zero means at once, in the same invocation
     */
    record ReconcileResult(Operation operation, List<Write> writes, Duration requeueAfter) {
        public ReconcileResult {
            writes = List.copyOf(writes);
        }

        /** Goes on at once. */
        public static ReconcileResult proceed(Operation operation, Write... writes) {
            return new ReconcileResult(operation, List.of(writes), Duration.ZERO);
        }

        /** Looks again later, or when an event hints. */
        public static ReconcileResult requeue(Operation operation, Duration lookAgain, Write... writes) {
            return new ReconcileResult(operation, List.of(writes), lookAgain);
        }
    }
}
