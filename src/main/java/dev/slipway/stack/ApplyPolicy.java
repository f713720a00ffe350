package dev.slipway.stack;

import dev.slipway.stack.RequestTokens.Purpose;
import dev.slipway.stack.StackChange.Parameter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What comes next for a change, from what is known of the stack. Takes plain values, calls nobody. */
final class ApplyPolicy {
    /** How long we wait for somebody else's operation. */
    static final Duration PATIENCE = Duration.ofHours(4);

    /** How long a stack that we have just created may stay invisible. */
    private static final Duration VISIBLE = Duration.ofMinutes(2);

    private ApplyPolicy() {}

    /** What to do now. */
    enum Action {
        CREATE,
        /** Begin to take over what an earlier stack has left. */
        ADOPT,
        /** Look at the import's change set. */
        JUDGE_ADOPTION,
        AWAIT_ADOPTED,
        /** Begin to compute a change set. */
        COMPUTE,
        /** Look at the change set. */
        JUDGE,
        /** Update the parameters on the stack's own template. */
        SYNC,
        FINISH,
        CLEAR,
        AWAIT_CLEARED,
        WATCH,
        WAIT,
        RECOVER,
        AWAIT_RECOVERED,
        /** Our change has failed and has been rolled back. */
        FAIL_WITH_CAUSE,
        /** What was left could not be taken over. */
        FAIL_ADOPTION,
        FAIL_BUSY,
        FAIL_STUCK,
        FAIL_IMPORT_STUCK,
        FAIL_NOT_CLEARED,
        FAIL_VANISHED,
        FAIL_NOTHING_TO_SYNC
    }

    /**
     * What is known of the stack.
     *
     * @param same whether it already is as the change wants it
     * @param latest whose the latest operation is, if the events were read
     * @param change how our change has ended, if the events were read
     * @param recovered whether we have continued the rollback before
     * @param removed whether we have deleted it before
     * @param retained whether an earlier stack has left something, if that was asked
     */
    record Observation(
            StackPhase phase,
            boolean same,
            Purpose latest,
            StackEvents.Outcome change,
            boolean recovered,
            boolean removed,
            boolean retained) {
        static Observation of(Optional<StackState> live, boolean same, StackEvents events, boolean retained) {
            return new Observation(
                    live.map(StackState::phase).orElse(StackPhase.MISSING),
                    same,
                    events.latest(),
                    events.change(),
                    events.has(Purpose.RECOVER),
                    events.has(Purpose.REMOVE),
                    retained);
        }
    }

    /** What the change asks for, as far as it decides the way. */
    record Desired(boolean sync, boolean asPlanned) {
        static Desired of(StackChange change) {
            return new Desired(change.template() == null, change.expected() != null);
        }
    }

    /** Whether the decision needs to know what an earlier stack has left: only where a stack is about to be made. */
    static boolean asksForRetained(StackPhase phase, Desired wish, Progress.Step step) {
        return !wish.sync()
                && switch (phase) {
                    case MISSING -> step != Progress.Step.EXECUTE;
                    case REVIEW -> wish.asPlanned() && step != Progress.Step.ADOPT && !isUnderWay(step);
                    default -> false;
                };
    }

    /** Whether the decision needs the events, which cost a call. */
    static boolean needsEvents(StackPhase phase, boolean same, Progress.Step step) {
        return switch (phase) {
            case MISSING, REVIEW, DELETING, IMPORT_STUCK -> false;
            case STABLE -> !same && step == Progress.Step.EXECUTE;
            case ROLLED_BACK, HALF_UPDATED, BUSY, NEVER_CREATED, DELETE_FAILED, STUCK -> true;
        };
    }

    static Action decide(Observation sight, Desired wish, Progress progress, Instant now) {
        return switch (sight.phase()) {
            case MISSING -> missing(sight, wish, progress, now);
            case REVIEW -> review(sight, wish, progress.step());
            case NEVER_CREATED ->
                progress.step() == Progress.Step.ADOPT ? Action.FAIL_ADOPTION : neverCreated(sight, wish);
            case DELETE_FAILED -> deleteFailed(sight, wish);
            case DELETING -> overdue(progress, Progress.Step.CLEAR, now) ? Action.FAIL_BUSY : Action.AWAIT_CLEARED;
            case BUSY -> busy(sight, progress, now);
            case STUCK -> sight.recovered() ? Action.FAIL_STUCK : Action.RECOVER;
            case IMPORT_STUCK -> Action.FAIL_IMPORT_STUCK;
            case ROLLED_BACK ->
                sight.change() == StackEvents.Outcome.NONE ? settled(sight, wish, progress) : Action.FAIL_WITH_CAUSE;
            case STABLE, HALF_UPDATED -> settled(sight, wish, progress);
        };
    }

    private static Action missing(Observation sight, Desired wish, Progress progress, Instant now) {
        if (wish.sync()) {
            return Action.FAIL_NOTHING_TO_SYNC;
        }
        if (progress.step() == Progress.Step.EXECUTE) {
            // Just created and not visible yet, or deleted by somebody while we watched: do not create it again.
            return now.isBefore(progress.since().plus(VISIBLE)) ? Action.WATCH : Action.FAIL_VANISHED;
        }
        if (sight.retained()) {
            return Action.ADOPT;
        }
        return wish.asPlanned() ? Action.COMPUTE : Action.CREATE;
    }

    private static Action review(Observation sight, Desired wish, Progress.Step step) {
        if (wish.sync()) {
            return Action.FAIL_NOTHING_TO_SYNC;
        }
        if (step == Progress.Step.ADOPT) {
            return Action.JUDGE_ADOPTION;
        }
        if (!wish.asPlanned() || sight.retained()) {
            return Action.CLEAR;
        }
        return isUnderWay(step) ? Action.JUDGE : Action.COMPUTE;
    }

    private static Action neverCreated(Observation sight, Desired wish) {
        if (sight.change() != StackEvents.Outcome.NONE) {
            return Action.FAIL_WITH_CAUSE;
        }
        return wish.sync() ? Action.FAIL_NOTHING_TO_SYNC : Action.CLEAR;
    }

    private static Action deleteFailed(Observation sight, Desired wish) {
        if (wish.sync()) {
            return Action.FAIL_NOTHING_TO_SYNC;
        }
        return sight.removed() ? Action.FAIL_NOT_CLEARED : Action.CLEAR;
    }

    private static Action busy(Observation sight, Progress progress, Instant now) {
        return switch (sight.latest()) {
            case CHANGE -> Action.WATCH;
            case ADOPT -> Action.AWAIT_ADOPTED;
            case RECOVER -> Action.AWAIT_RECOVERED;
            case REMOVE, FOREIGN -> overdue(progress, Progress.Step.WAIT, now) ? Action.FAIL_BUSY : Action.WAIT;
        };
    }

    private static Action settled(Observation sight, Desired wish, Progress progress) {
        if (sight.same()) {
            return Action.FINISH;
        }
        Action onwards = wish.sync() ? Action.SYNC : isUnderWay(progress.step()) ? Action.JUDGE : Action.COMPUTE;
        return switch (sight.change()) {
            case SUCCEEDED -> Action.FINISH;
            case FAILED -> Action.FAIL_WITH_CAUSE;
            // The stack rests while its events still say otherwise: the one or the other is late.
            case RUNNING -> Action.WATCH;
            case NONE -> onwards;
        };
    }

    private static boolean isUnderWay(Progress.Step step) {
        return step == Progress.Step.COMPUTE || step == Progress.Step.EXECUTE;
    }

    static boolean overdue(Progress progress, Progress.Step waiting, Instant now) {
        return progress.step() == waiting && !now.isBefore(progress.since().plus(PATIENCE));
    }

    /**
     * Whether the stack is already as the change wants it. The template's digest among the tags tells that it has this
     * template; a secret parameter shows as asterisks, so a new value for one is never taken for the same.
     */
    static boolean isSame(StackState live, StackChange change) {
        if (live.phase() == StackPhase.HALF_UPDATED || !sameParameters(live, change)) {
            return false;
        }
        return change.template() == null
                || (change.tags().containsKey(StackChange.TEMPLATE_TAG)
                        && live.tags().equals(change.tags())
                        && live.parameters().keySet().equals(change.parameters().keySet()));
    }

    private static boolean sameParameters(StackState live, StackChange change) {
        for (Map.Entry<String, Parameter> wanted : change.parameters().entrySet()) {
            String present = live.parameters().get(wanted.getKey());
            boolean same = switch (wanted.getValue()) {
                case Parameter.Value(String value) -> value.equals(present);
                case Parameter.Previous(String ignored) -> present != null;
            };
            if (!same) {
                return false;
            }
        }
        return true;
    }
}
