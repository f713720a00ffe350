package dev.slipway.verdict;

import org.apache.commons.statistics.distribution.HypergeometricDistribution;

/**
 * Two revisions in the same minute, by their failures alone. Given that m of all requests failed, how many of them fell
 * on the new one does not depend on how many requests fail, only on the ratio of the two odds of failing: it has Fisher's
 * non-central hypergeometric distribution. So no rate has to be known, it may be another one each minute, and an incident
 * that hits both alike rejects no release. Likelihood ratios of it are e-values for "the odds ratio is at most (or at least)
 * so much", since they grow (or fall) with the count (Turner, Ly & Grünwald 2024, Generic E-variables for exact
 * sequential k-sample tests; Grünwald, de Heide & Koolen 2024, Safe testing). It is exact whether failures are rare or
 * not; by rare ones it is the binomial with the share of requests as its probability.
 */
final class TwoProportions {
    /** Terms smaller than this against the largest no longer change a sum of doubles. */
    private static final double NEGLIGIBLE = 1e-18;

    private final long candidate;
    private final long candidateFailures;
    private final long baseline;
    private final long failures;
    private final HypergeometricDistribution nullDistribution;

    TwoProportions(long candidate, long candidateFailures, long baseline, long baselineFailures) {
        this.candidate = candidate;
        this.candidateFailures = candidateFailures;
        this.baseline = baseline;
        this.failures = candidateFailures + baselineFailures;
        this.nullDistribution = HypergeometricDistribution.of(
                Math.toIntExact(candidate + baseline), Math.toIntExact(candidate), Math.toIntExact(failures));
    }

    long candidateFailures() {
        return candidateFailures;
    }

    /** Whether it can have come in one way only, as without failures: then it says nothing. */
    static boolean isUninformative(long candidate, long baseline, long bad) {
        return candidate == 0 || baseline == 0 || bad == 0 || bad == candidate + baseline;
    }

    /** The logs of the likelihoods of odds ratios {@code to}, each over that of {@code from}. */
    double[] logRatios(double from, double[] to) {
        double of = logLikelihood(from);
        double[] ratios = new double[to.length];
        for (int at = 0; at < to.length; at++) {
            ratios[at] = logLikelihood(to[at]) - of;
        }
        return ratios;
    }

    /** The smallest and the largest count that equal odds give with a probability that matters. */
    int minCount() {
        int at = (int) (failures * (double) candidate / (candidate + baseline));
        while (at > nullDistribution.getSupportLowerBound() && nullDistribution.probability(at - 1) > NEGLIGIBLE) {
            at--;
        }
        return at;
    }

    int maxCount() {
        int at = (int) (failures * (double) candidate / (candidate + baseline));
        while (at < nullDistribution.getSupportUpperBound() && nullDistribution.probability(at + 1) > NEGLIGIBLE) {
            at++;
        }
        return at;
    }

    /** The probability of a count by equal odds. */
    double probability(int count) {
        return nullDistribution.probability(count);
    }

    /** The logs of what logRatios(1, to) would be with no failure on the candidate; one more adds the log of the ratio. */
    double[] logBases(double[] to) {
        double[] bases = new double[to.length];
        for (int at = 0; at < to.length; at++) {
            bases[at] = -logMean(to[at]);
        }
        return bases;
    }

    /** The log of P(ratio) / P(1), as far as it depends on the ratio. */
    private double logLikelihood(double ratio) {
        return candidateFailures * Math.log(ratio) - logMean(ratio);
    }

    /** The log of E[ratio^K] with K of the central distribution: a sum outward from its largest term. */
    private double logMean(double ratio) {
        if (ratio == 1) {
            return 0;
        }
        long least = Math.max(0, failures - baseline);
        long most = Math.min(failures, candidate);
        long mode = Math.clamp(mode(ratio), least, most);
        double sum = 1;
        double term = 1;
        for (long at = mode; at < most && term > NEGLIGIBLE * sum; at++) {
            term *= step(ratio, at);
            sum += term;
        }
        term = 1;
        for (long at = mode; at > least && term > NEGLIGIBLE * sum; at--) {
            term /= step(ratio, at - 1);
            sum += term;
        }
        return nullDistribution.logProbability((int) mode) + mode * Math.log(ratio) + Math.log(sum);
    }

    /** How much larger the term of {@code at + 1} is than that of {@code at}. */
    private double step(double ratio, long at) {
        return ratio * (candidate - at) * (failures - at) / ((at + 1.0) * (baseline - failures + at + 1.0));
    }

    /** Where the terms stop growing: the smaller root of step(at − 1) = 1. */
    private long mode(double ratio) {
        double a = ratio - 1;
        double b = ratio * (candidate + failures + 2.0) + baseline - failures;
        double c = ratio * (candidate + 1.0) * (failures + 1.0);
        return (long) (2 * c / (b + Math.sqrt(b * b - 4 * a * c)));
    }
}
