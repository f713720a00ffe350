package dev.slipway.verdict;

import java.util.Arrays;

/** The alternatives of a mixture of e-processes, as odds ratios, and their weights. */
final class Alternatives {
    /** The new revision is worse. */
    static final Alternatives WORSE =
            new Alternatives(0.85, new double[] {1.3, 1.7, 2.7, 5, 12, 40}, new double[] {0.3, 1, 1, 1, 1, 1});
    /** It is sound: as good as the old one, or better; as parts of the tolerance's odds ratio. */
    static final Alternatives NON_INFERIOR =
            new Alternatives(1, new double[] {0.6, 0.35, 0.12}, new double[] {1, 3, 1});

    /** Fewer requests arrive than by the weight; parts of the odds that are allowed for. */
    static final Alternatives FEWER = new Alternatives(0.85, new double[] {0.7, 0.4, 0.1}, new double[] {1, 1, 1});
    /** A rate is over a limit. */
    static final Alternatives ABOVE_LIMIT =
            new Alternatives(0.8, new double[] {1.3, 2, 4, 10, 40}, new double[] {1, 1, 1, 1, 1});
    /** A rate is under a limit. */
    static final Alternatives BELOW_LIMIT = new Alternatives(1, new double[] {0.5, 0.25, 0.04}, new double[] {1, 2, 1});

    private static final double PRECISION = 1e-6;

    final double initialWeight;
    final double[] odds;
    final double[] logOdds;
    final double[] weights;

    private Alternatives(double initialWeight, double[] odds, double[] weights) {
        this.initialWeight = initialWeight;
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

    double[] oddsTimes(double factor) {
        return Arrays.stream(odds).map(ratio -> ratio * factor).toArray();
    }

    EProcess update(EProcess process, double[] logFactors) {
        return process.update(logFactors, initialWeight);
    }

    /**
     * The minute's e-values, so tempered that together they win {@code most} at the most (a logarithm): all are raised to the
     * same power, 1 at most. What is beyond is given away; how the rest is spread over the alternatives is free.
     */
    double[] tempered(EProcess process, double[] logFactors, double most) {
        double before = logValue(process);
        double low = 0;
        double high = 1;
        double power = 1;
        while (high - low > PRECISION) {
            if (logValue(update(process, times(logFactors, power))) - before > most) {
                high = power;
            } else {
                low = power;
            }
            power = (low + high) / 2;
        }
        return low + PRECISION >= 1 ? logFactors : times(logFactors, low);
    }

    /** The process, lowered to a value of {@code most} (a logarithm) if it is higher: less evidence is always allowed. */
    EProcess atMost(EProcess process, double most) {
        double beyond = logValue(process) - most;
        return beyond <= 0 ? process : process.lowered(beyond);
    }

    static double[] times(double[] logFactors, double power) {
        return Arrays.stream(logFactors).map(log -> log * power).toArray();
    }

    double logValue(EProcess process) {
        return process.logValue(weights, initialWeight);
    }
}
