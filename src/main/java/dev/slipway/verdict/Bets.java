package dev.slipway.verdict;

import java.util.Arrays;

/** The alternatives that money goes on, as odds ratios, and how much on each. */
final class Bets {
    /** The new revision is worse. */
    static final Bets WORSE =
            new Bets(0.85, new double[] {1.3, 1.7, 2.7, 5, 12, 40}, new double[] {0.3, 1, 1, 1, 1, 1});
    /**
     * The same where failures come in clumps: not odds, but parts of the money that go on the minute's failures being
     * more on the new revision than its share of the requests. It wins 1/share at most.
     */
    static final Bets CLUMPED = new Bets(0.8, new double[] {0.1, 0.3, 0.6, 0.95}, new double[] {1, 1, 1, 1});
    /** It is sound: as good as the old one, or better; as parts of the tolerance's odds ratio. */
    static final Bets SOUND = new Bets(1, new double[] {0.75, 0.6, 0.4, 0.15}, new double[] {1, 2, 1, 1});

    /** A rate is over a limit. */
    static final Bets OVER = new Bets(0.8, new double[] {1.3, 2, 4, 10, 40}, new double[] {1, 1, 1, 1, 1});
    /** A rate is under a limit. */
    static final Bets UNDER = new Bets(1, new double[] {0.7, 0.4, 0.15, 0.02}, new double[] {1, 1, 1, 1});

    final double first;
    final double[] odds;
    final double[] logOdds;
    final double[] weights;

    private Bets(double first, double[] odds, double[] weights) {
        this.first = first;
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

    static Bets worse(Criteria criteria) {
        return criteria.sticky() ? CLUMPED : WORSE;
    }

    double[] oddsTimes(double factor) {
        return Arrays.stream(odds).map(ratio -> ratio * factor).toArray();
    }

    Wealth bet(Wealth wealth, double[] logFactors) {
        return wealth.bet(logFactors, first);
    }

    double log(Wealth wealth) {
        return wealth.log(weights, first);
    }
}
