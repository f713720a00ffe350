package dev.slipway.simulated.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.DoubleSummaryStatistics;
import java.util.function.ToIntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficRandomTest {
    private static final int DRAWS = 20_000;

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 5, 29, 31, 600})
    void aPoissonNumberHasTheMeanAsItsVariance(double mean) {
        assertMoments(random -> random.poisson(mean), mean, mean);
    }

    @ParameterizedTest
    @CsvSource({"10, 0.5", "600, 0.002", "600, 0.02", "600, 0.2", "600, 0.97", "3, 0.999"})
    void aBinomialNumberHasItsMeanAndVariance(int trials, double chance) {
        assertMoments(random -> random.binomial(trials, chance), trials * chance, trials * chance * (1 - chance));
    }

    /** Within five standard errors; the dice are fixed, so this never fails by chance. */
    private static void assertMoments(ToIntFunction<TrafficRandom> draw, double mean, double variance) {
        TrafficRandom random = TrafficRandom.of("dice", 1);
        DoubleSummaryStatistics values = new DoubleSummaryStatistics();
        DoubleSummaryStatistics squares = new DoubleSummaryStatistics();
        for (int i = 0; i < DRAWS; i++) {
            double value = draw.applyAsInt(random);
            values.accept(value);
            squares.accept((value - mean) * (value - mean));
        }
        assertThat(values.getMin()).isNotNegative();
        assertThat(values.getAverage()).isCloseTo(mean, within(5 * Math.sqrt(variance / DRAWS)));
        // The variance of a variance: kurtosis adds 1/variance.
        double error = Math.sqrt((2 * variance * variance + variance) / DRAWS);
        assertThat(squares.getAverage()).isCloseTo(variance, within(5 * error + 0.1));
    }
}
