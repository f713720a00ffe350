package dev.slipway.verdict;

/**
 * One kind of evidence about one kind of failure.
 *
 * @param minutes how many were used
 * @param candidateRequests requests of the new revision
 * @param candidateFailures how many of them failed (or were slow)
 * @param baselineRequests requests of the old one in the same minutes
 * @param worse made by betting that the new one is worse
 * @param logCapped the log of what the same bets make when they aim at the goal ({@link CappedEValue}); 0 where they do not
 * @param nonInferior made by betting that it is not worse than tolerated
 */
public record Tally(
        int minutes,
        long candidateRequests,
        long candidateFailures,
        long baselineRequests,
        long baselineFailures,
        EProcess worse,
        double logCapped,
        EProcess nonInferior) {
    static final Tally NONE = new Tally(0, 0, 0, 0, 0, EProcess.NONE, 0, EProcess.NONE);

    Tally count(Signal kind, Sample one, Sample other) {
        return new Tally(
                minutes + 1,
                candidateRequests + kind.total(one),
                candidateFailures + kind.failures(one),
                baselineRequests + kind.total(other),
                baselineFailures + kind.failures(other),
                worse,
                logCapped,
                nonInferior);
    }

    Tally with(EProcess nowWorse, double nowBold, EProcess nowSound) {
        return new Tally(
                minutes,
                candidateRequests,
                candidateFailures,
                baselineRequests,
                baselineFailures,
                nowWorse,
                nowBold,
                nowSound);
    }

    /** The log of the e-value for "worse than the one beside it". */
    double logWorse(Criteria criteria) {
        return Math.max(logCapped, Alternatives.worse(criteria).logValue(worse));
    }
}
