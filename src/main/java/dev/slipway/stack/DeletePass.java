package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.CallResult;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/** One pass at deleting a stack. */
record DeletePass(
        StackCalls calls,
        Progress progress,
        String stackName,
        RequestTokens tokens,
        boolean liftProtection,
        Instant now) {
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
            case IN_PROGRESS ->
                ApplyPolicy.isOverdue(progress, Progress.Step.WAIT, now) ? Action.FAIL_IN_PROGRESS : Action.WAIT;
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

    DeleteResult run() {
        Optional<StackState> live = calls.describe(stackName).filter(this::isSameStack);
        StackPhase phase = live.map(StackState::phase).orElse(StackPhase.MISSING);
        StackEvents events = phase == StackPhase.DELETING || phase == StackPhase.DELETE_FAILED
                ? calls.events(live.orElseThrow().id(), tokens)
                : StackEvents.none(tokens);
        boolean isProtected = live.map(StackState::terminationProtection).orElse(false);
        Action move =
                decide(phase, isProtected, liftProtection, events.has(RequestTokens.Purpose.DELETE), progress, now);
        LOG.infof(
                "stack %s deletion %s: %s at %s, so %s",
                stackName,
                tokens.base(),
                live.map(StackState::status).orElse("missing"),
                progress.step(),
                move);
        PassContext watch = new PassContext(progress, live, events, now);
        return switch (move) {
            case FINISH -> new DeleteResult.Deleted(watch.progress(Progress.Step.DELETE, progress.total()));
            case DELETE -> delete(watch);
            case LIFT_PROTECTION -> liftTerminationProtection(watch);
            case AWAIT_DELETION -> watch.requeue(Progress.Step.DELETE, PassContext.POLL_INTERVAL);
            case WAIT -> watch.requeue(Progress.Step.WAIT, PassContext.POLL_INTERVAL);
            case FAIL_PROTECTED -> watch.failed(StackProblems.isProtected(stackName));
            case FAIL_IN_PROGRESS -> watch.failed(StackProblems.operationInProgress(stackName));
            case FAIL_WITH_CAUSE -> watch.failed(RootCause.ofDeletion(live.orElseThrow(), events));
        };
    }

    /** Another stack may have taken the name since ours was deleted: that one is none of our business. */
    private boolean isSameStack(StackState live) {
        return progress.stackId() == null || progress.stackId().equals(live.id());
    }

    private DeleteResult liftTerminationProtection(PassContext watch) {
        return calls.setTerminationProtection(stackName, false) instanceof CallResult.Rejected(String reason)
                ? watch.failed(RootCause.ofRejection(stackName, reason))
                : delete(watch);
    }

    private DeleteResult delete(PassContext watch) {
        return switch (calls.delete(stackName, tokens.delete())) {
            case CallResult.Accepted(), CallResult.AlreadyDone(), CallResult.NotFound(), CallResult.NoChanges() ->
                watch.requeue(Progress.Step.DELETE, PassContext.POLL_INTERVAL);
            case CallResult.InProgress() -> watch.requeue(Progress.Step.WAIT, PassContext.SHORT_INTERVAL);
            case CallResult.Rejected(String reason) -> watch.failed(RootCause.ofRejection(stackName, reason));
        };
    }
}
