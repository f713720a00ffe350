package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.Answer;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass at deleting a stack. */
record DeletePass(
        StackCalls calls, Progress progress, String stackName, Tokens tokens, boolean liftProtection, Instant now) {
    private static final Logger LOG = LoggerFactory.getLogger(DeletePass.class);

    /** What to do now. */
    enum Move {
        FINISH,
        DELETE,
        LIFT_PROTECTION,
        WATCH,
        WAIT,
        FAIL_PROTECTED,
        FAIL_BUSY,
        FAIL_WITH_CAUSE
    }

    /** @param tried whether we have asked for this deletion before */
    static Move decide(Phase phase, boolean isProtected, boolean lift, boolean tried, Progress progress, Instant now) {
        return switch (phase) {
            case MISSING -> Move.FINISH;
            case DELETING -> Move.WATCH;
            case BUSY -> ApplyPolicy.overdue(progress, Progress.Step.WAIT, now) ? Move.FAIL_BUSY : Move.WAIT;
            case DELETE_FAILED -> tried ? Move.FAIL_WITH_CAUSE : delete(isProtected, lift);
            case REVIEW, STABLE, ROLLED_BACK, HALF_UPDATED, NEVER_CREATED, STUCK, IMPORT_STUCK ->
                delete(isProtected, lift);
        };
    }

    private static Move delete(boolean isProtected, boolean lift) {
        if (!isProtected) {
            return Move.DELETE;
        }
        return lift ? Move.LIFT_PROTECTION : Move.FAIL_PROTECTED;
    }

    Step run() {
        Optional<Live> live = calls.describe(stackName).filter(this::isTheOne);
        Phase phase = live.map(Live::phase).orElse(Phase.MISSING);
        StackEvents events = phase == Phase.DELETING || phase == Phase.DELETE_FAILED
                ? calls.events(live.orElseThrow().id(), tokens)
                : StackEvents.none(tokens);
        boolean isProtected = live.map(Live::terminationProtection).orElse(false);
        Move move = decide(phase, isProtected, liftProtection, events.has(Tokens.Deed.REMOVE), progress, now);
        LOG.info(
                "stack {} deletion {}: {} at {}, so {}",
                stackName,
                tokens.base(),
                live.map(Live::status).orElse("missing"),
                progress.step(),
                move);
        Watch watch = new Watch(progress, live, events, now);
        return switch (move) {
            case FINISH -> new Step.Deleted(watch.progress(Progress.Step.DELETE, progress.total()));
            case DELETE -> delete(watch);
            case LIFT_PROTECTION -> lift(watch);
            case WATCH -> watch.again(Progress.Step.DELETE, Watch.WORKING);
            case WAIT -> watch.again(Progress.Step.WAIT, Watch.WORKING);
            case FAIL_PROTECTED -> watch.failed(StackProblems.isProtected(stackName));
            case FAIL_BUSY -> watch.failed(StackProblems.busy(stackName));
            case FAIL_WITH_CAUSE -> watch.failed(RootCause.ofDeletion(live.orElseThrow(), events));
        };
    }

    /** Another stack may have taken the name since ours was deleted: that one is none of our business. */
    private boolean isTheOne(Live live) {
        return progress.stackId() == null || progress.stackId().equals(live.id());
    }

    private Step lift(Watch watch) {
        return calls.protect(stackName, false) instanceof Answer.Rejected(String reason)
                ? watch.failed(RootCause.ofRejection(stackName, reason))
                : delete(watch);
    }

    private Step delete(Watch watch) {
        return switch (calls.delete(stackName, tokens.delete())) {
            case Answer.Accepted(), Answer.AlreadyDone(), Answer.Gone(), Answer.NothingToDo() ->
                watch.again(Progress.Step.DELETE, Watch.WORKING);
            case Answer.Busy() -> watch.again(Progress.Step.WAIT, Watch.SOON);
            case Answer.Rejected(String reason) -> watch.failed(RootCause.ofRejection(stackName, reason));
        };
    }
}
