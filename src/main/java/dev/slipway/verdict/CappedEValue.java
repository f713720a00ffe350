package dev.slipway.verdict;

/**
 * An e-value that does not exceed what the threshold needs. What it would be beyond the threshold is of no use; capped there and
 * scaled up elsewhere, it reaches the threshold sooner. With L(k) the e-value if k failures fall on the new revision, this is
 * min(c·L(k), b), where b is what is missing to the threshold and c ≥ 1 makes the mean over the k of equal odds 1 again. That is
 * an e-value like L, also if the new revision is better, as it grows with k.
 */
final class CappedEValue {
    private CappedEValue() {}

    /**
     * The e-value of a minute.
     *
     * @param minute this minute's failures
     * @param process the e-process for "the new revision is worse" so far
     * @param lacking the log of b
     * @return its log
     */
    static double logFactor(TwoProportions minute, EProcess process, double lacking) {
        double[] logWeights = process.logWeights(Alternatives.WORSE);
        double[] bases = minute.logBases(Alternatives.WORSE.odds);
        double plain = logEValue(logWeights, bases, minute.candidateFailures());
        if (lacking <= 0) {
            return Math.min(plain, 0);
        }
        int least = minute.minCount();
        int most = minute.maxCount();
        double[] values = new double[most - least + 1];
        double below = 0;
        for (int at = least; at <= most; at++) {
            values[at - least] = Math.exp(logEValue(logWeights, bases, at));
            below += minute.probability(at) * values[at - least];
        }
        double goal = Math.exp(lacking);
        double beyond = 0;
        double more = 1;
        for (int at = most; at >= least && more * values[at - least] > goal; at--) {
            below -= minute.probability(at) * values[at - least];
            beyond += minute.probability(at);
            more = Math.max(1, below > 0 ? (1 - goal * beyond) / below : 1);
        }
        return Math.min(plain + Math.log(more), lacking);
    }

    /** The log of the mixture's e-value; the last weight has not entered and counts as it is. */
    private static double logEValue(double[] logWeights, double[] bases, long count) {
        int kept = logWeights.length - 1;
        double sum = Math.exp(logWeights[kept]);
        for (int at = 0; at < kept; at++) {
            sum += Math.exp(logWeights[at] + bases[at] + count * Alternatives.WORSE.logOdds[at]);
        }
        return Math.log(sum);
    }
}
