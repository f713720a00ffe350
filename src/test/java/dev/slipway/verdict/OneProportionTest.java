package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneProportionTest {
    @ParameterizedTest
    @CsvSource({"10, 0.02", "200, 0.3", "400, 0.001"})
    void theMeanOfABetIsOneAtTheLimitAndLessOnTheSideOfTheHypothesis(int all, double limit) {
        assertThat(mean(all, limit, limit, 4)).isCloseTo(1, within(1e-9));
        assertThat(mean(all, limit / 2, limit, 4)).isLessThan(1);
        assertThat(mean(all, limit, limit, 0.15)).isCloseTo(1, within(1e-9));
        assertThat(mean(all, limit * 2, limit, 0.15)).isLessThan(1);
    }

    @Test
    void boundsARateFromAboveExactly() {
        assertThat(OneProportion.upperBound(1_000, 0, 0.001)).isCloseTo(0.006884, within(1e-5));
        assertThat(OneProportion.upperBound(1_000, 10, 0.001)).isBetween(0.02, 0.025);
        assertThat(OneProportion.upperBound(5, 5, 0.001)).isEqualTo(1);
    }

    /** Clopper & Pearson's interval of 95 % for 10 of 100 is 4.90 % to 17.62 %; of none or all, 1 − 0.001^(1/1000) is known for sure. */
    @Test
    void boundsAreThoseOfClopperAndPearson() {
        assertThat(OneProportion.lowerBound(100, 10, 0.025)).isCloseTo(0.0490, within(5e-5));
        assertThat(OneProportion.upperBound(100, 10, 0.025)).isCloseTo(0.1762, within(5e-5));
        assertThat(OneProportion.lowerBound(1_000, 0, 0.001)).isZero();
        assertThat(OneProportion.lowerBound(1_000, 1_000, 0.001)).isCloseTo(1 - 0.006884, within(1e-5));
    }

    private static double mean(int all, double rate, double limit, double odds) {
        double mean = 0;
        for (int bad = 0; bad <= all; bad++) {
            double log = OneProportion.logRatios(all, bad, limit, new double[] {odds})[0];
            mean += BinomialDistribution.of(all, rate).probability(bad) * Math.exp(log);
        }
        return mean;
    }
}
