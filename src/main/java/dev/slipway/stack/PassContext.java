package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.stack.RequestTokens.Purpose;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Writes the progress of one pass: what has been seen, and when to look again. */
record PassContext(Progress before, Optional<StackState> live, StackEvents events, Instant now) {
    /** Change sets are computed, and plans cleared away, within seconds; no event tells. */
    static final Duration SOON = Duration.ofSeconds(3);

    /** Events wake us earlier; this is for when they are lost. */
    static final Duration WORKING = Duration.ofSeconds(60);

    Step.Requeue again(Progress.Step step, Duration lookAgain) {
        return new Step.Requeue(progress(step, before.total()), lookAgain);
    }

    Step.Requeue again(Progress.Step step, int total, Duration lookAgain) {
        return new Step.Requeue(progress(step, total), lookAgain);
    }

    /** The same, now that it is known how many resources there are. */
    PassContext of(int total) {
        Progress known = new Progress(
                before.step(), before.since(), before.stackId(), before.done(), total, before.recent(), before.seen());
        return new PassContext(known, live, events, now);
    }

    Step.Done done(boolean changed, boolean current) {
        Progress last = progress(before.step(), before.total());
        int end = Math.max(last.total(), last.done());
        return new Step.Done(
                new Progress(last.step(), last.since(), last.stackId(), end, end, last.recent(), last.seen()),
                changed,
                current,
                live.map(StackState::outputs).orElse(Map.of()));
    }

    Step.Failed failed(Problem problem) {
        return new Step.Failed(progress(before.step(), before.total()), problem);
    }

    Progress progress(Progress.Step step, int total) {
        boolean seen = !events.events().isEmpty();
        Purpose deed = step == Progress.Step.DELETE || step == Progress.Step.CLEAR ? Purpose.REMOVE : Purpose.CHANGE;
        int done = seen ? events.finished(deed) : before.done();
        return new Progress(
                step,
                step == before.step() ? before.since() : now,
                live.map(StackState::id).orElse(before.stackId()),
                done,
                total == 0 ? 0 : Math.max(total, done),
                seen ? events.recent() : before.recent(),
                now);
    }
}
