package dev.slipway.verdict;

/**
 * Money beyond the goal buys nothing: what the bets would win past it is put where it does not suffice yet, so that the
 * same stake gets there sooner. With L(k) what the bets make of 1 if k failures fall on the new revision, the gambler
 * takes min(c·L(k), b) instead, where b is what he lacks and c ≥ 1 makes it fair again: its mean over the k of equal odds
 * is 1. That is an e-value like L, also if the new revision is better, as it grows with k.
 */
final class CappedEValue {
    private CappedEValue() {}

    /**
     * What this minute makes.
     *
     * @param minute this minute's failures
     * @param bets made so far on the new revision's being worse
     * @param lacking the log of b
     * @return the log of what 1 becomes this minute
     */
    static double logFactor(TwoProportions minute, EProcess bets, double lacking) {
        double[] stakes = bets.logWeights(Alternatives.WORSE);
        double[] bases = minute.logBases(Alternatives.WORSE.odds);
        double plain = logEValue(stakes, bases, minute.candidateFailures());
        if (lacking <= 0) {
            return Math.min(plain, 0);
        }
        int least = minute.minCount();
        int most = minute.maxCount();
        double[] wins = new double[most - least + 1];
        double below = 0;
        for (int at = least; at <= most; at++) {
            wins[at - least] = Math.exp(logEValue(stakes, bases, at));
            below += minute.probability(at) * wins[at - least];
        }
        double goal = Math.exp(lacking);
        double beyond = 0;
        double more = 1;
        for (int at = most; at >= least && more * wins[at - least] > goal; at--) {
            below -= minute.probability(at) * wins[at - least];
            beyond += minute.probability(at);
            more = Math.max(1, below > 0 ? (1 - goal * beyond) / below : 1);
        }
        return Math.min(plain + Math.log(more), lacking);
    }

    /** The log of what the stakes, the last of them kept back, make of 1 in all. */
    private static double logEValue(double[] stakes, double[] bases, long count) {
        int kept = stakes.length - 1;
        double sum = Math.exp(stakes[kept]);
        for (int at = 0; at < kept; at++) {
            sum += Math.exp(stakes[at] + bases[at] + count * Alternatives.WORSE.logOdds[at]);
        }
        return Math.log(sum);
    }
}
