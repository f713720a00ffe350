package dev.slipway.verdict;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Evidence for tests: minutes that are all alike. */
final class Rollouts {
    /** Those of one that tolerates little, without limits, and with latency judged from the first minute on. */
    static final Criteria CRITERIA = new Criteria(
            Criteria.ALPHA,
            Criteria.NON_INFERIORITY_ALPHA,
            1.5,
            0.5,
            1,
            null,
            null,
            Duration.ofMinutes(1),
            Duration.ZERO,
            false,
            Duration.ofMinutes(30),
            Criteria.MINIMUM_REQUESTS);

    /** Within patience, and after it. */
    static final Instant SOON = Traffic.START.plus(Duration.ofMinutes(20));

    static final Instant LATE = Traffic.START.plus(CRITERIA.maxWait());

    private Rollouts() {}

    static Evidence none() {
        return Evidence.none(Traffic.START, null);
    }

    static Evidence minutes(
            Evidence evidence, int first, int count, Sample candidate, @Nullable Sample baseline, Criteria criteria) {
        Evidence next = evidence;
        for (int number = first; number < first + count; number++) {
            next = SequentialAnalysis.update(next, Traffic.minute(number, candidate, baseline), criteria);
        }
        return next;
    }

    static Evidence minutes(int count, Sample candidate, @Nullable Sample baseline) {
        return minutes(none(), 1, count, candidate, baseline, CRITERIA);
    }

    /** With requests of our own in that minute, in which the old revision did that. */
    static Evidence probed(Evidence evidence, int number, Sample probes, @Nullable Sample baseline, Criteria criteria) {
        return SequentialAnalysis.updateWithProbes(evidence, Traffic.minute(number, probes, baseline), criteria);
    }

    /** Without times, so that only errors are judged. */
    static Sample errors(long requests, long failures) {
        return new Sample(requests, failures, 0, 0);
    }
}
