package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleTest {
    @Test
    void sumsThatDoNotAgreeMakeNoNegativeCounts() {
        assertThat(new Sample(100, -3, 98, 99)).isEqualTo(new Sample(100, 0, 98, 98));
        assertThat(new Sample(10, 3, 5, 2).minus(new Sample(12, 4, 7, 3))).isEqualTo(Sample.NONE);
    }

    @Test
    void ourOwnRequestsAreTakenOut() {
        assertThat(new Sample(100, 9, 95, 8).minus(new Sample(20, 4, 15, 2))).isEqualTo(new Sample(80, 5, 80, 6));
        assertThat(new Sample(80, 5, 80, 6).plus(new Sample(20, 4, 15, 2))).isEqualTo(new Sample(100, 9, 95, 8));
        assertThat(new Sample(100, 9, 95, 8, 5).minus(new Sample(20, 4, 15, 2, 1)))
                .isEqualTo(new Sample(80, 5, 80, 6, 4));
        assertThat(new Sample(80, 5, 80, 6, 4).plus(new Sample(20, 4, 15, 2, 1)))
                .isEqualTo(new Sample(100, 9, 95, 8, 5));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.05, 1.5, 1",
        "1, 0.05, 1.5, 1",
        "0.01, 0, 1.5, 1",
        "0.01, 1, 1.5, 1",
        "0.01, 0.05, 1, 1",
        "0.01, 0.05, 1.5, 0",
        "0.01, 0.05, 1.5, 100"
    })
    void criteriaThatMeanNothingAreRefused(double alpha, double soundAlpha, double tolerance, double percent) {
        assertThatThrownBy(() -> criteria(alpha, soundAlpha, tolerance, percent, 1, null, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyPercentageIsChecked() {
        assertThatThrownBy(() -> criteria(0.01, 0.05, 1.5, 1, 0, null, null)).hasMessageContaining("percentage");
        assertThatThrownBy(() -> criteria(0.01, 0.05, 1.5, 1, 1, 0.0, null)).hasMessageContaining("percentage");
        assertThatThrownBy(() -> criteria(0.01, 0.05, 1.5, 1, 1, null, 100.0)).hasMessageContaining("percentage");
    }

    @Test
    void whatMayRejectSharesAlphaAndALimitTakesATenthOfAShare() {
        Criteria plain = Rollouts.CRITERIA;
        Criteria limited = plain.withLimits(5.0, 20.0);

        assertThat(Math.exp(plain.logWorseThreshold(Signal.ERRORS))).isCloseTo(200, within());
        assertThat(Math.exp(limited.logWorseThreshold(Signal.ERRORS))).isCloseTo(200 / 0.9, within());
        assertThat(Math.exp(limited.logLimitThreshold(Signal.ERRORS))).isCloseTo(2_000, within());
        for (Criteria criteria : List.of(plain, limited)) {
            double all = Math.exp(-criteria.logFewerThreshold());
            for (Signal signal : Signal.values()) {
                all += Math.exp(-criteria.logWorseThreshold(signal));
                all += signal.limit(criteria) == null ? 0 : Math.exp(-criteria.logLimitThreshold(signal));
            }
            assertThat(all).isCloseTo(0.01, within());
        }
        assertThat(Math.exp(limited.logNonInferiorityThreshold())).isCloseTo(20, within());
    }

    private static Offset<Double> within() {
        return Offset.offset(1e-6);
    }

    private static Criteria criteria(
            double alpha,
            double soundAlpha,
            double tolerance,
            double errors,
            double slow,
            Double maxErrors,
            Double maxSlow) {
        return new Criteria(
                alpha,
                soundAlpha,
                tolerance,
                errors,
                slow,
                maxErrors,
                maxSlow,
                Duration.ZERO,
                Duration.ZERO,
                false,
                Duration.ZERO,
                0);
    }
}
