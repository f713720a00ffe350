package dev.slipway.stack;

import dev.slipway.stack.Progress.Step;
import dev.slipway.stack.RequestTokens.Purpose;
import dev.slipway.stack.StackChange.Parameter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What comes next for a change, from what is known of the stack. Takes plain values, calls nobody. */
final class ApplyPolicy {
    /** How long we wait for somebody else's operation. */
    static final Duration MAX_WAIT = Duration.ofHours(4);

    /** How long a stack that we have just created may stay invisible. */
    private static final Duration VISIBLE_WITHIN = Duration.ofMinutes(2);

    private ApplyPolicy() {}

    /** What to do now. */
    enum Action {
        CREATE,
        /** Begin to take over what an earlier stack has left. */
        IMPORT,
        /** Look at the import's change set. */
        CHECK_IMPORT,
        AWAIT_IMPORT,
        /** Begin to compute a change set. */
        CREATE_CHANGE_SET,
        /** Look at the change set. */
        CHECK_CHANGE_SET,
        /** Update the parameters on the stack's own template. */
        SYNC,
        FINISH,
        CLEAN_UP,
        AWAIT_CLEAN_UP,
        AWAIT_CHANGE,
        WAIT,
        CONTINUE_ROLLBACK,
        AWAIT_ROLLBACK,
        /** Our change has failed and has been rolled back. */
        FAIL_WITH_CAUSE,
        /** What was left could not be taken over. */
        FAIL_IMPORT,
        FAIL_IN_PROGRESS,
        FAIL_ROLLBACK_FAILED,
        FAIL_IMPORT_ROLLBACK_FAILED,
        FAIL_CLEAN_UP,
        FAIL_MISSING,
        FAIL_NOTHING_TO_SYNC
    }

    /**
     * What is known of the stack.
     *
     * @param phase IN_PROGRESS also where it is shown as it was before what its events tell of
     * @param upToDate whether it already is as the change wants it
     * @param latestOperation whose the latest operation is, if the events were read
     * @param changeOutcome how our change has ended, if the events were read
     * @param rollbackContinued whether we have continued the rollback before
     * @param deletionRequested whether we have deleted it before
     * @param retained whether an earlier stack has left something, if that was asked
     */
    record Observation(
            StackPhase phase,
            boolean upToDate,
            Purpose latestOperation,
            StackEvents.Outcome changeOutcome,
            boolean rollbackContinued,
            boolean deletionRequested,
            boolean retained) {
        static Observation of(
                Optional<StackState> live, boolean same, StackEvents events, boolean retained, Instant now) {
            boolean late = live.filter(shown -> events.contradict(shown, now)).isPresent();
            return new Observation(
                    late ? StackPhase.IN_PROGRESS : live.map(StackState::phase).orElse(StackPhase.MISSING),
                    same,
                    events.latestPurpose(),
                    events.changeOutcome(),
                    events.has(Purpose.CONTINUE_ROLLBACK),
                    events.has(Purpose.DELETE),
                    retained);
        }
    }

    /**
     * What the change asks for, as far as it decides the way.
     *
     * @param sync whether the stack keeps its template, and so has to be there
     */
    record Desired(boolean sync, boolean asPlanned, boolean mend) {
        static Desired of(StackChange change) {
            return new Desired(change.template() == null, change.expectedDigest() != null, change.isMend());
        }
    }

    /** Whether the decision needs to know what an earlier stack has left: only where a stack is about to be made. */
    static boolean needsRetained(StackPhase phase, Desired desired, Step step) {
        return !desired.sync()
                && switch (phase) {
                    case MISSING -> step != Step.EXECUTE;
                    case REVIEW -> desired.asPlanned() && step != Step.IMPORT && !isChangeStep(step);
                    default -> false;
                };
    }

    /** Whether the decision needs the events, which cost a call. */
    static boolean needsEvents(StackPhase phase, boolean same, Step step) {
        return switch (phase) {
            case MISSING, REVIEW, DELETING, IMPORT_ROLLBACK_FAILED -> false;
            case STABLE -> !same && step == Step.EXECUTE;
            case ROLLED_BACK, UPDATE_FAILED, IN_PROGRESS, CREATE_FAILED, DELETE_FAILED, ROLLBACK_FAILED -> true;
        };
    }

    static Action decide(Observation observation, Desired desired, Progress progress, Instant now) {
        return switch (observation.phase()) {
            case MISSING -> missing(observation, desired, progress, now);
            case REVIEW -> review(observation, desired, progress.step());
            case CREATE_FAILED ->
                progress.step() == Step.IMPORT ? Action.FAIL_IMPORT : createFailed(observation, desired);
            case DELETE_FAILED -> deleteFailed(observation, desired);
            case DELETING -> isOverdue(progress, Step.CLEAN_UP, now) ? Action.FAIL_IN_PROGRESS : Action.AWAIT_CLEAN_UP;
            case IN_PROGRESS -> inProgress(observation, progress, now);
            case ROLLBACK_FAILED ->
                observation.rollbackContinued() ? Action.FAIL_ROLLBACK_FAILED : Action.CONTINUE_ROLLBACK;
            case IMPORT_ROLLBACK_FAILED -> Action.FAIL_IMPORT_ROLLBACK_FAILED;
            case ROLLED_BACK ->
                observation.changeOutcome() == StackEvents.Outcome.FAILED
                        ? Action.FAIL_WITH_CAUSE
                        : settled(observation, desired, progress);
            case STABLE, UPDATE_FAILED -> settled(observation, desired, progress);
        };
    }

    private static Action missing(Observation observation, Desired desired, Progress progress, Instant now) {
        if (desired.sync()) {
            return Action.FAIL_NOTHING_TO_SYNC;
        }
        if (progress.step() == Step.EXECUTE) {
            // Just created and not visible yet, or deleted by somebody while we watched: do not create it again.
            return now.isBefore(progress.since().plus(VISIBLE_WITHIN)) ? Action.AWAIT_CHANGE : Action.FAIL_MISSING;
        }
        if (observation.retained()) {
            // What CloudFormation calls a part of a stack it may show as one only later.
            return isOverdue(progress, Step.WAIT, now) ? Action.FAIL_IN_PROGRESS : Action.IMPORT;
        }
        return desired.asPlanned() ? Action.CREATE_CHANGE_SET : Action.CREATE;
    }

    private static Action review(Observation observation, Desired desired, Step step) {
        if (desired.sync()) {
            return Action.FAIL_NOTHING_TO_SYNC;
        }
        if (step == Step.IMPORT) {
            return Action.CHECK_IMPORT;
        }
        if (!desired.asPlanned() || observation.retained()) {
            return Action.CLEAN_UP;
        }
        return isChangeStep(step) ? Action.CHECK_CHANGE_SET : Action.CREATE_CHANGE_SET;
    }

    private static Action createFailed(Observation observation, Desired desired) {
        if (observation.changeOutcome() != StackEvents.Outcome.NONE) {
            return Action.FAIL_WITH_CAUSE;
        }
        return desired.sync() ? Action.FAIL_NOTHING_TO_SYNC : Action.CLEAN_UP;
    }

    private static Action deleteFailed(Observation observation, Desired desired) {
        if (desired.sync()) {
            return Action.FAIL_NOTHING_TO_SYNC;
        }
        return observation.deletionRequested() ? Action.FAIL_CLEAN_UP : Action.CLEAN_UP;
    }

    private static Action inProgress(Observation observation, Progress progress, Instant now) {
        return switch (observation.latestOperation()) {
            case CHANGE -> Action.AWAIT_CHANGE;
            case IMPORT -> Action.AWAIT_IMPORT;
            case CONTINUE_ROLLBACK -> Action.AWAIT_ROLLBACK;
            case DELETE, FOREIGN -> isOverdue(progress, Step.WAIT, now) ? Action.FAIL_IN_PROGRESS : Action.WAIT;
        };
    }

    private static Action settled(Observation observation, Desired desired, Progress progress) {
        if (observation.upToDate()) {
            return Action.FINISH;
        }
        Action update = desired.sync() && !desired.mend()
                ? Action.SYNC
                : isChangeStep(progress.step()) ? Action.CHECK_CHANGE_SET : Action.CREATE_CHANGE_SET;
        return switch (observation.changeOutcome()) {
            case SUCCEEDED -> Action.FINISH;
            case FAILED -> Action.FAIL_WITH_CAUSE;
            // The stack rests while its events still say otherwise: the one or the other is late.
            case RUNNING -> Action.AWAIT_CHANGE;
            case NONE -> update;
        };
    }

    private static boolean isChangeStep(Step step) {
        return step == Step.CREATE_CHANGE_SET || step == Step.EXECUTE;
    }

    static boolean isOverdue(Progress progress, Step waiting, Instant now) {
        return progress.step() == waiting && !now.isBefore(progress.since().plus(MAX_WAIT));
    }

    /**
     * Whether the stack is already as the change wants it. The template's digest among the tags tells that it has this
     * template; a secret parameter shows as asterisks, so a new value for one is never taken for the same. Of what a mend puts back
     * the stack tells nothing.
     */
    static boolean isSame(StackState live, StackChange change) {
        if (change.isMend() || live.phase() == StackPhase.UPDATE_FAILED || !sameParameters(live, change)) {
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
