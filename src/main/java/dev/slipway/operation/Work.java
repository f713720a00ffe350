package dev.slipway.operation;

import dev.slipway.problem.Problem;
import dev.slipway.target.Target;
import java.time.Duration;
import java.time.Instant;

/** What the operations of one kind of target do: one pass after another until the end. */
public interface Work {
    /**
     * Observes, decides and acts once. Every pass can be repeated, also after a crash at any point of it: what it does
     * was written down as the operation's phase by the pass before.
     *
     * @return what to record
     */
    Pass advance(Operation operation, Instant now);

    /**
     * An operation is given up: its passes failed again and again. Says what else has to be recorded, so that nothing
     * that belongs to it seems to go on for ever.
     */
    default Transaction abandon(Operation operation, Problem why, Instant now) {
        return new Transaction();
    }

    /** Nothing is under way at the target any more: what becomes of what waits there? Reads only. */
    default Turn turn(Waiting waiting, Instant now) {
        return new Turn.Drop(new Transaction());
    }

    /**
     * AWS tells of a deployment at a target at which nothing of ours is under way. Says what is to be recorded; repeated,
     * the same is refused as a conflict.
     */
    default Transaction noticed(Target target, Instant now) {
        return new Transaction();
    }

    /** What becomes of what waits. What else is written is written together with the decision. */
    sealed interface Turn {
        Transaction also();

        /** It starts. */
        record Start(Operation operation, Transaction also) implements Turn {}

        /** Not yet; the sweep asks again. */
        record Wait(Transaction also) implements Turn {}

        /** It never will. */
        record Drop(Transaction also) implements Turn {}
    }

    /**
     * The outcome of a pass.
     *
     * @param operation as it now stands; when it no longer runs, it has ended
     * @param also what else is written with it, all or nothing
     * @param lookAgain when to look again; zero means at once, in the same invocation
     */
    record Pass(Operation operation, Transaction also, Duration lookAgain) {
        /** Goes on at once. */
        public static Pass next(Operation operation, Transaction also) {
            return new Pass(operation, also, Duration.ZERO);
        }

        public static Pass next(Operation operation) {
            return next(operation, new Transaction());
        }

        /** Looks again later, or when an event hints. */
        public static Pass again(Operation operation, Duration lookAgain) {
            return new Pass(operation, new Transaction(), lookAgain);
        }
    }
}
