package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.numbers.combinatorics.BinomialCoefficientDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TwoProportionsTest {
    private static final double[] RATIOS = {0.15, 0.6, 1, 1.3, 2, 5, 60};

    @ParameterizedTest
    @CsvSource({"10, 90, 7", "50, 50, 60", "5, 200, 12", "90, 10, 30", "3, 4, 6", "40, 60, 1"})
    void isFishersNonCentralHypergeometricWhetherFailuresAreRareOrNot(int candidate, int baseline, int bad) {
        for (int count = Math.max(0, bad - baseline); count <= Math.min(bad, candidate); count++) {
            double[] found = new TwoProportions(candidate, count, baseline, bad - count).logRatios(1.5, RATIOS);
            for (int at = 0; at < RATIOS.length; at++) {
                double wanted = Math.log(probability(candidate, baseline, bad, count, RATIOS[at])
                        / probability(candidate, baseline, bad, count, 1.5));
                assertThat(found[at]).isCloseTo(wanted, within(1e-8));
            }
        }
    }

    @Test
    void withRareFailuresIsTheBinomialOfTheShare() {
        double found = new TwoProportions(100_000, 3, 900_000, 4).logRatios(1, new double[] {5})[0];

        assertThat(found).isCloseTo(3 * Math.log(5) - 7 * Math.log(1 + 4 * 0.1), within(1e-4));
    }

    @Test
    void standsTenThousandsOfFailuresAMinute() {
        double[] found = new TwoProportions(500_000, 20_000, 500_000, 10_000).logRatios(1, RATIOS);

        assertThat(found[4]).isGreaterThan(1_000).isLessThan(3_000);
        assertThat(found[2]).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 10, 1, true",
        "10, 0, 1, true",
        "10, 10, 0, true",
        "10, 10, 20, true",
        "10, 10, 1, false",
        "10, 10, 19, false"
    })
    void whatCanHaveComeInOneWayOnlyIsSilent(long candidate, long baseline, long bad, boolean silent) {
        assertThat(TwoProportions.isUninformative(candidate, baseline, bad)).isEqualTo(silent);
    }

    @Test
    void namesTheCountsThatMatter() {
        TwoProportions small = new TwoProportions(10, 1, 90, 4);
        assertThat(small.minCount()).isZero();
        assertThat(small.maxCount()).isEqualTo(5);
        assertThat(small.probability(0)).isCloseTo(probability(10, 90, 5, 0, 1), within(1e-12));

        TwoProportions large = new TwoProportions(50_000, 600, 50_000, 400);
        assertThat(large.minCount()).isBetween(340, 370);
        assertThat(large.maxCount()).isBetween(630, 660);
        assertThat(new TwoProportions(90, 30, 10, 5).minCount()).isEqualTo(25);
    }

    /** What is left out on either side is smaller than a double's sum of probabilities can show, and nothing larger is. */
    @ParameterizedTest
    @CsvSource({"50000, 600, 50000, 400", "5000, 300, 45000, 400", "300, 100, 40000, 9000"})
    void leavesOutOnlyCountsThatDoNotMatter(long candidate, long bad, long baseline, long beside) {
        TwoProportions minute = new TwoProportions(candidate, bad, baseline, beside);

        assertThat(minute.probability(minute.minCount())).isGreaterThan(1e-18);
        assertThat(minute.probability(minute.minCount() - 1)).isLessThanOrEqualTo(1e-18);
        assertThat(minute.probability(minute.maxCount())).isGreaterThan(1e-18);
        assertThat(minute.probability(minute.maxCount() + 1)).isLessThanOrEqualTo(1e-18);
    }

    /** By the definition. */
    static double probability(int candidate, int baseline, int bad, int count, double ratio) {
        double all = 0;
        for (int at = Math.max(0, bad - baseline); at <= Math.min(bad, candidate); at++) {
            all += ways(candidate, baseline, bad, at) * Math.pow(ratio, at);
        }
        return ways(candidate, baseline, bad, count) * Math.pow(ratio, count) / all;
    }

    private static double ways(int candidate, int baseline, int bad, int count) {
        return BinomialCoefficientDouble.value(candidate, count)
                * BinomialCoefficientDouble.value(baseline, bad - count);
    }
}
