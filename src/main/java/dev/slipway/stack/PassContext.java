package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.stack.RequestTokens.Purpose;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Writes the progress of one pass: what has been seen, and when to look again. */
record PassContext(Progress previous, Optional<StackState> live, StackEvents events, Instant now) {
    /** Change sets are computed, and plans cleared away, within seconds; no event tells. */
    static final Duration SHORT_INTERVAL = Duration.ofSeconds(3);

    /** Events wake us earlier; this is for when they are lost. */
    static final Duration POLL_INTERVAL = Duration.ofSeconds(60);

    StackResult.InProgress requeue(Progress.Step step, Duration lookAgain) {
        return new StackResult.InProgress(progress(step, previous.total()), lookAgain);
    }

    StackResult.InProgress requeue(Progress.Step step, int total, Duration lookAgain) {
        return new StackResult.InProgress(progress(step, total), lookAgain);
    }

    /** The same, now that it is known how many resources there are. */
    PassContext withTotal(int total) {
        Progress known = new Progress(
                previous.step(),
                previous.since(),
                previous.stackId(),
                previous.done(),
                total,
                previous.recent(),
                previous.observedAt());
        return new PassContext(known, live, events, now);
    }

    ApplyResult.Succeeded done(boolean changed, boolean current) {
        Progress last = progress(previous.step(), previous.total());
        int end = Math.max(last.total(), last.done());
        return new ApplyResult.Succeeded(
                new Progress(last.step(), last.since(), last.stackId(), end, end, last.recent(), last.observedAt()),
                changed,
                current,
                live.map(StackState::outputs).orElse(Map.of()));
    }

    StackResult.Failed failed(Problem problem) {
        return new StackResult.Failed(progress(previous.step(), previous.total()), problem);
    }

    Progress progress(Progress.Step step, int total) {
        boolean seen = !events.events().isEmpty();
        Purpose deed = step == Progress.Step.DELETE || step == Progress.Step.CLEAN_UP ? Purpose.DELETE : Purpose.CHANGE;
        int done = seen ? events.finished(deed) : previous.done();
        return new Progress(
                step,
                step == previous.step() ? previous.since() : now,
                live.map(StackState::id).orElse(previous.stackId()),
                done,
                total == 0 ? 0 : Math.max(total, done),
                seen ? events.recent() : previous.recent(),
                now);
    }
}
