package dev.slipway.verdict;

import org.apache.commons.statistics.distribution.BetaDistribution;

/** One revision against a limit for the rate of its failures: likelihood ratios of binomials, as e-values. */
final class OneProportion {
    private OneProportion() {}

    /** The logs of the likelihoods of {@code odds} times the limit's odds, each over that of the limit (0–1). */
    static double[] logRatios(long all, long bad, double limit, double[] odds) {
        double[] ratios = new double[odds.length];
        for (int at = 0; at < odds.length; at++) {
            // (1 − p)/(1 − limit) and p/limit for p with odds[at] times the odds
            double calm = -Math.log1p((odds[at] - 1) * limit);
            ratios[at] = all * calm + bad * Math.log(odds[at]);
        }
        return ratios;
    }

    /** What the rate behind {@code bad} of {@code all} surely is not above (Clopper & Pearson 1934), 0–1. */
    static double upperBound(long all, long bad, double alpha) {
        return bad >= all
                ? 1
                : BetaDistribution.of(bad + 1.0, (double) (all - bad)).inverseSurvivalProbability(alpha);
    }
}
