package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CappedEValueTest {
    /** Some history, so that the stakes are uneven. */
    private static final EProcess HISTORY = Alternatives.WORSE.update(
            EProcess.NONE, new TwoProportions(10, 2, 90, 3).logRatios(1, Alternatives.WORSE.odds));

    @ParameterizedTest
    @CsvSource({
        "10, 90, 7, 5.3",
        "10, 90, 7, 0.5",
        "50, 50, 60, 3",
        "5, 200, 12, 1",
        "90, 10, 30, 2",
        "40, 60, 1, 0.1",
        "500, 500, 40, 5.3"
    })
    void isFairByEqualOddsAndNeverPassesTheGoal(int candidate, int baseline, int bad, double lacking) {
        double mean = 0;
        for (int count = Math.max(0, bad - baseline); count <= Math.min(bad, candidate); count++) {
            double bold = factor(candidate, baseline, bad, count, lacking);
            double plain = plain(candidate, baseline, bad, count);
            assertThat(bold).isLessThanOrEqualTo(lacking).isGreaterThanOrEqualTo(Math.min(plain, lacking) - 1e-3);
            mean += TwoProportionsTest.probability(candidate, baseline, bad, count, 1) * Math.exp(bold);
        }
        assertThat(mean).isLessThanOrEqualTo(1 + 1e-9);
        // All of it is used, unless even the worst count does not bring the goal.
        assertThat(mean).isCloseTo(1, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"5", "0", "-3"})
    void thereIsNothingToAimAtBeyondTheGoal(int count) {
        assertThat(factor(10, 90, 7, Math.max(0, count), Math.min(0, count))).isLessThanOrEqualTo(0);
        assertThat(factor(10, 90, 7, 0, -1)).isCloseTo(plain(10, 90, 7, 0), within(1e-3));
    }

    private static double factor(int candidate, int baseline, int bad, int count, double lacking) {
        return CappedEValue.logFactor(new TwoProportions(candidate, count, baseline, bad - count), HISTORY, lacking);
    }

    private static double plain(int candidate, int baseline, int bad, int count) {
        double[] logs =
                new TwoProportions(candidate, count, baseline, bad - count).logRatios(1, Alternatives.WORSE.odds);
        return Alternatives.WORSE.logValue(Alternatives.WORSE.update(HISTORY, logs))
                - Alternatives.WORSE.logValue(HISTORY);
    }
}
