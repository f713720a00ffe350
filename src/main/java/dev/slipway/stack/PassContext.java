package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.stack.CloudFormationErrors.CallResult;
import dev.slipway.stack.Progress.Step;
import dev.slipway.stack.RequestTokens.Purpose;
import dev.slipway.stack.StackCalls.ChangeSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one pass at a stack knows, and how it ends: it writes down what has been seen and when to look again.
 *
 * @param previous progress of the pass before
 * @param live the stack as it is; empty when there is none
 */
record PassContext(
        StackCalls calls,
        String stackName,
        RequestTokens tokens,
        Progress previous,
        Optional<StackState> live,
        StackEvents events,
        Instant now) {
    /** Change sets are computed, and plans cleared away, within seconds; no event tells. */
    static final Duration SHORT_INTERVAL = Duration.ofSeconds(3);

    /** Events wake us earlier; this is for when they are lost. */
    static final Duration POLL_INTERVAL = Duration.ofSeconds(60);

    /** The same, now that it is known how many resources there are. */
    PassContext withTotal(int total) {
        return new PassContext(calls, stackName, tokens, previous.withTotal(total), live, events, now);
    }

    /** The stack, where the decision rests on there being one. */
    StackState stack() {
        return live.orElseThrow();
    }

    /** Whether the stack exists for a change set alone. */
    boolean isNew() {
        return stack().phase() == StackPhase.REVIEW;
    }

    /** Comes back when the step may be over. */
    StackResult.InProgress requeue(Step step) {
        return requeue(step, interval(step));
    }

    StackResult.InProgress requeueSoon(Step step) {
        return requeue(step, SHORT_INTERVAL);
    }

    StackResult.InProgress requeue(Step step, Duration requeueAfter) {
        return requeue(step, previous.total(), requeueAfter);
    }

    static Duration interval(Step step) {
        return switch (step) {
            case OBSERVE, IMPORT, CREATE_CHANGE_SET -> SHORT_INTERVAL;
            case WAIT, CLEAN_UP, CONTINUE_ROLLBACK, EXECUTE, DELETE -> POLL_INTERVAL;
        };
    }

    /** @param total how many resources there are, now that it is known */
    StackResult.InProgress requeue(Step step, int total, Duration requeueAfter) {
        return new StackResult.InProgress(progress(step, total), requeueAfter);
    }

    ApplyResult.Succeeded succeeded(boolean changed, boolean upToDate, List<Leftover> leftovers) {
        Progress last = progress(previous.step(), previous.total());
        int end = Math.max(last.total(), last.done());
        return new ApplyResult.Succeeded(
                last.withDone(end).withTotal(end),
                changed,
                upToDate,
                live.map(StackState::outputs).orElse(Map.of()),
                leftovers);
    }

    StackResult.Failed failed(Problem problem) {
        return new StackResult.Failed(progress(previous.step(), previous.total()), problem);
    }

    /** CloudFormation refused an act at once. */
    StackResult.Failed rejected(String reason) {
        return failed(RootCause.ofRejection(stackName, reason));
    }

    Progress progress(Step step, int total) {
        boolean seen = !events.events().isEmpty();
        Purpose purpose = purpose(step);
        int done = seen ? events.finished(purpose == Purpose.DELETE ? purpose : Purpose.CHANGE) : previous.done();
        return new Progress(
                step,
                step == previous.step() ? previous.since() : now,
                live.map(StackState::id).orElse(previous.stackId()),
                done,
                total == 0 ? 0 : Math.max(total, done),
                seen ? events.recent(purpose) : previous.recent(),
                now);
    }

    /** Whose events tell of a step; while somebody else is at the stack, theirs. */
    private static Purpose purpose(Step step) {
        return switch (step) {
            case WAIT -> Purpose.FOREIGN;
            case DELETE, CLEAN_UP -> Purpose.DELETE;
            case IMPORT -> Purpose.IMPORT;
            case CONTINUE_ROLLBACK -> Purpose.CONTINUE_ROLLBACK;
            case OBSERVE, CREATE_CHANGE_SET, EXECUTE -> Purpose.CHANGE;
        };
    }

    /** What the change set would do. */
    Difference difference(ChangeSet changeSet, StackChange change) {
        return isNew() ? Differences.ofNewStack(changeSet.changes(), change) : Differences.of(changeSet.changes());
    }

    /**
     * Throws a change set away, and with it the stack when that exists for the change set alone.
     *
     * @return false when CloudFormation is still busy with it: come back
     */
    boolean discard(String changeSet) {
        CallResult result = isNew()
                ? calls.delete(stackName, tokens.cleanUp(stack().id()))
                : calls.deleteChangeSet(stackName, changeSet);
        return !(result instanceof CallResult.InProgress);
    }
}
