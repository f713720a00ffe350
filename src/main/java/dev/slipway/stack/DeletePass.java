package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.CallResult;
import dev.slipway.stack.Progress.Step;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/** One pass at deleting a stack. */
record DeletePass(StackCalls calls, PassContext at) {
    private static final Logger LOG = Logger.getLogger(DeletePass.class);

    /** What to do now. */
    enum Action {
        FINISH,
        DELETE,
        LIFT_PROTECTION,
        AWAIT_DELETION,
        WAIT,
        FAIL_PROTECTED,
        FAIL_IN_PROGRESS,
        FAIL_WITH_CAUSE
    }

    /** @param tried whether we have asked for this deletion before */
    static Action decide(
            StackPhase phase, boolean isProtected, boolean lift, boolean tried, Progress progress, Instant now) {
        return switch (phase) {
            case MISSING -> Action.FINISH;
            case DELETING -> Action.AWAIT_DELETION;
            case IN_PROGRESS -> ApplyPolicy.isOverdue(progress, Step.WAIT, now) ? Action.FAIL_IN_PROGRESS : Action.WAIT;
            case DELETE_FAILED -> tried ? Action.FAIL_WITH_CAUSE : delete(isProtected, lift);
            case REVIEW, STABLE, ROLLED_BACK, UPDATE_FAILED, CREATE_FAILED, ROLLBACK_FAILED, IMPORT_ROLLBACK_FAILED ->
                delete(isProtected, lift);
        };
    }

    private static Action delete(boolean isProtected, boolean lift) {
        if (!isProtected) {
            return Action.DELETE;
        }
        return lift ? Action.LIFT_PROTECTION : Action.FAIL_PROTECTED;
    }

    static DeleteResult run(
            StackCalls calls,
            Progress progress,
            String stackName,
            RequestTokens tokens,
            boolean liftProtection,
            Instant now) {
        // Another stack may have taken the name since ours was deleted: that one is none of our business.
        Optional<StackState> live = calls.describe(stackName)
                .filter(found ->
                        progress.stackId() == null || progress.stackId().equals(found.id()));
        StackPhase phase = live.map(StackState::phase).orElse(StackPhase.MISSING);
        StackEvents events = phase == StackPhase.DELETING || phase == StackPhase.DELETE_FAILED
                ? calls.events(live.orElseThrow().id(), tokens)
                : StackEvents.none(tokens);
        boolean isProtected = live.map(StackState::terminationProtection).orElse(false);
        boolean late = live.filter(shown -> events.contradict(shown, now)).isPresent();
        Action action = decide(
                late ? StackPhase.DELETING : phase,
                isProtected,
                liftProtection,
                events.has(RequestTokens.Purpose.DELETE),
                progress,
                now);
        LOG.infof(
                "stack %s deletion %s: %s at %s, so %s",
                stackName, tokens.base(), live.map(StackState::status).orElse("missing"), progress.step(), action);
        return new DeletePass(calls, new PassContext(calls, stackName, tokens, progress, live, events, now))
                .perform(action);
    }

    private DeleteResult perform(Action action) {
        return switch (action) {
            case FINISH -> new DeleteResult.Deleted();
            case DELETE -> delete();
            case LIFT_PROTECTION ->
                calls.setTerminationProtection(at.stackName(), false) instanceof CallResult.Rejected(String reason)
                        ? at.rejected(reason)
                        : delete();
            case AWAIT_DELETION -> at.requeue(Step.DELETE);
            case WAIT -> at.requeue(Step.WAIT);
            case FAIL_PROTECTED -> at.failed(StackProblems.isProtected(at.stackName()));
            case FAIL_IN_PROGRESS -> at.failed(StackProblems.operationInProgress(at.stackName()));
            case FAIL_WITH_CAUSE -> at.failed(RootCause.ofDeletion(at.stack(), at.events()));
        };
    }

    private DeleteResult delete() {
        return switch (calls.delete(at.stackName(), at.tokens().delete())) {
            case CallResult.Accepted(), CallResult.AlreadyDone(), CallResult.NotFound(), CallResult.NoChanges() ->
                at.requeue(Step.DELETE);
            case CallResult.InProgress() -> at.requeueSoon(Step.WAIT);
            case CallResult.Rejected(String reason) -> at.rejected(reason);
        };
    }
}
