package dev.slipway.verdict;

import java.util.Arrays;

/** The alternatives of a mixture of e-processes, as odds ratios, and their weights. */
final class Alternatives {
    /** The new revision is worse. */
    static final Alternatives WORSE =
            new Alternatives(0.85, new double[] {1.3, 1.7, 2.7, 5, 12, 40}, new double[] {0.3, 1, 1, 1, 1, 1});
    /**
     * The same where failures come in clusters: not odds ratios, but factors λ of 1 + λ·(k/m − share)/share, k of the minute's m
     * failures being on the new revision. Such an e-value is 1/share at most.
     */
    static final Alternatives CLUSTERED =
            new Alternatives(0.8, new double[] {0.1, 0.3, 0.6, 0.95}, new double[] {1, 1, 1, 1});
    /** It is sound: as good as the old one, or better; as parts of the tolerance's odds ratio. */
    static final Alternatives NON_INFERIOR =
            new Alternatives(1, new double[] {0.75, 0.6, 0.4, 0.15}, new double[] {1, 2, 1, 1});

    /** A rate is over a limit. */
    static final Alternatives ABOVE_LIMIT =
            new Alternatives(0.8, new double[] {1.3, 2, 4, 10, 40}, new double[] {1, 1, 1, 1, 1});
    /** A rate is under a limit. */
    static final Alternatives BELOW_LIMIT =
            new Alternatives(1, new double[] {0.7, 0.4, 0.15, 0.02}, new double[] {1, 1, 1, 1});

    final double initialWeight;
    final double[] odds;
    final double[] logOdds;
    final double[] weights;

    private Alternatives(double first, double[] odds, double[] weights) {
        this.initialWeight = first;
        this.odds = odds;
        this.logOdds = Arrays.stream(odds).map(Math::log).toArray();
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        this.weights = new double[weights.length];
        for (int at = 0; at < weights.length; at++) {
            this.weights[at] = weights[at] / sum;
        }
    }

    static Alternatives worse(Criteria criteria) {
        return criteria.stickySessions() ? CLUSTERED : WORSE;
    }

    double[] oddsTimes(double factor) {
        return Arrays.stream(odds).map(ratio -> ratio * factor).toArray();
    }

    EProcess update(EProcess process, double[] logFactors) {
        return process.update(logFactors, initialWeight);
    }

    double logValue(EProcess process) {
        return process.logValue(weights, initialWeight);
    }
}
