package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * One kind of evidence about one kind of failure.
 *
 * @param minutes how many were used
 * @param candidateRequests requests of the new revision
 * @param candidateFailures how many of them failed (or were slow)
 * @param baselineRequests requests of the old one in the same minutes
 * @param worse e-process for "the new one is worse"
 * @param logCapped the log of the same, of capped e-values ({@link CappedEValue}); 0 where they are not used
 * @param nonInferior e-process for "it is not worse than tolerated"
 */
@RegisterForReflection
@RecordBuilder
public record Tally(
        int minutes,
        long candidateRequests,
        long candidateFailures,
        long baselineRequests,
        long baselineFailures,
        EProcess worse,
        double logCapped,
        EProcess nonInferior)
        implements TallyBuilder.With {
    static final Tally NONE = new Tally(0, 0, 0, 0, 0, EProcess.NONE, 0, EProcess.NONE);

    Tally count(Signal signal, Sample one, Sample other) {
        return with(tally -> tally.minutes(minutes + 1)
                .candidateRequests(candidateRequests + signal.total(one))
                .candidateFailures(candidateFailures + signal.failures(one))
                .baselineRequests(baselineRequests + signal.total(other))
                .baselineFailures(baselineFailures + signal.failures(other)));
    }

    Tally updated(EProcess nowWorse, double nowCapped, EProcess nowNonInferior) {
        return with(tally -> tally.worse(nowWorse).logCapped(nowCapped).nonInferior(nowNonInferior));
    }

    /** The log of the e-value for "worse than the one beside it". */
    double logWorse() {
        return Math.max(logCapped, Alternatives.WORSE.logValue(worse));
    }
}
