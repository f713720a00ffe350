package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Until a new revision is warm: caches are cold, code is not compiled yet, and slow is not yet broken. It lasts as long as the spec says,
 * and longer where the shape shows that it goes on: as long as fewer are slow than just before, not by chance alone, or too few minutes tell. It is seen
 * in all minutes from the first traffic on, also in those that are not judged. Whether a minute belongs to it is decided by the minutes
 * before it alone, so that leaving it out favours nobody.
 *
 * @param over for good
 * @param last its newest minutes of the new revision that had answers with a time, oldest first, four at most; empty if there was none
 */
@RegisterForReflection
public record WarmUp(boolean over, List<Sample> last) {
    static final WarmUp NONE = new WarmUp(false, List.of());
    /** Minutes of which the newer half is compared with the older. */
    private static final int KEPT = 4;
    /** How many times as long as the spec says it may last. */
    private static final int LONGEST = 3;
    /** Standard deviations by which fewer must be slow: with little traffic more would take what gets warm slowly for warm. */
    private static final double CLEARLY = 0.5;

    public WarmUp {
        last = List.copyOf(last);
    }

    /** @param age of the new revision's traffic when the minute began */
    WarmUp next(Sample candidate, Duration age, Duration usual) {
        boolean lasts = !over
                && (age.compareTo(usual) < 0
                        || age.compareTo(usual.multipliedBy(LONGEST)) < 0 && (last.size() < 2 || isImproving()));
        if (!lasts) {
            return new WarmUp(true, isTimed() || candidate.timed() == 0 ? last : List.of(candidate));
        }
        if (candidate.timed() == 0) {
            return this;
        }
        List<Sample> next = new ArrayList<>(last);
        next.add(candidate);
        return new WarmUp(false, next.subList(Math.max(0, next.size() - KEPT), next.size()));
    }

    /** Whether the new revision has answered with a time at all: only then latency can be judged. */
    boolean isTimed() {
        return !last.isEmpty();
    }

    private boolean isImproving() {
        int middle = (last.size() + 1) / 2;
        Sample before = last.subList(0, middle).stream().reduce(Sample.NONE, Sample::plus);
        Sample after = last.subList(middle, last.size()).stream().reduce(Sample.NONE, Sample::plus);
        double pooled = (double) (before.slow() + after.slow()) / (before.timed() + after.timed());
        double deviation = Math.sqrt(pooled * (1 - pooled) * (1.0 / before.timed() + 1.0 / after.timed()));
        double fewer = (double) before.slow() / before.timed() - (double) after.slow() / after.timed();
        return fewer > CLEARLY * deviation;
    }
}
