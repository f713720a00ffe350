package dev.slipway.verdict;

/**
 * One kind of evidence about one kind of failure.
 *
 * @param minutes how many were used
 * @param candidate requests of the new revision
 * @param candidateBad how many of them failed (or were slow)
 * @param baseline requests of the old one in the same minutes
 * @param worse made by betting that the new one is worse
 * @param logBold the log of what the same bets make when they aim at the goal ({@link Boldness}); 0 where they do not
 * @param sound made by betting that it is not worse than tolerated
 */
public record Tally(
        int minutes,
        long candidate,
        long candidateBad,
        long baseline,
        long baselineBad,
        Wealth worse,
        double logBold,
        Wealth sound) {
    static final Tally NONE = new Tally(0, 0, 0, 0, 0, Wealth.NONE, 0, Wealth.NONE);

    Tally count(Kind kind, Sample one, Sample other) {
        return new Tally(
                minutes + 1,
                candidate + kind.all(one),
                candidateBad + kind.bad(one),
                baseline + kind.all(other),
                baselineBad + kind.bad(other),
                worse,
                logBold,
                sound);
    }

    Tally with(Wealth nowWorse, double nowBold, Wealth nowSound) {
        return new Tally(minutes, candidate, candidateBad, baseline, baselineBad, nowWorse, nowBold, nowSound);
    }

    /** The log of the e-value for "worse than the one beside it". */
    double logWorse(Criteria criteria) {
        return Math.max(logBold, Bets.worse(criteria).log(worse));
    }
}
