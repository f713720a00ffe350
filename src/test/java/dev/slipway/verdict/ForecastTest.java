package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ForecastTest {
    private static final Criteria CRITERIA = Criteria.DEFAULT;

    @Test
    void withoutFailuresTakesWhatSixHundredRequestsAndMoreTellOfHarmlessness() {
        Forecast forecast = Forecast.healthy(1_000, 0.1, 0, -1, CRITERIA);

        // ln(2/0.05) + ln 4 over 0.98·0.5 %
        assertThat(forecast.candidateRequests()).isBetween(1_020.0, 1_040.0);
        assertThat(forecast.minutes()).isEqualTo(11);
    }

    @Test
    void takesMoreTrafficWithASmallerShareOrIfLatencyIsJudgedToo() {
        double errors = Forecast.healthy(1_000, 0.1, 0.002, -1, CRITERIA).minutes();

        assertThat(Forecast.healthy(1_000, 0.05, 0.002, -1, CRITERIA).minutes()).isGreaterThan(1.9 * errors);
        assertThat(Forecast.healthy(1_000, 0.1, 0.002, 0.01, CRITERIA).minutes())
                .isGreaterThan(errors);
        assertThat(Forecast.healthy(1_000, 0.1, 0.002, 0, CRITERIA).minutes()).isEqualTo(errors);
        assertThat(Forecast.healthy(10_000, 0.1, 0.002, -1, CRITERIA).minutes()).isLessThan(0.11 * errors + 1);
    }

    @Test
    void comparesByRatioWhereManyFail() {
        double[] mostly = {0.05, 0.1};
        Forecast rare = Forecast.healthy(1_000, 0.1, mostly[0], -1, CRITERIA);
        Forecast common = Forecast.healthy(1_000, 0.1, mostly[1], -1, CRITERIA);

        assertThat(rare.candidateRequests() / common.candidateRequests()).isBetween(1.9, 2.1);
    }

    @Test
    void neverFallsBelowTheMinimum() {
        Criteria loose = new Criteria(
                0.01,
                0.05,
                1.5,
                50,
                50,
                null,
                null,
                CRITERIA.warmUp(),
                LittleTraffic.HOLD,
                CRITERIA.patience(),
                100,
                false);

        assertThat(Forecast.healthy(1_000, 0.1, 0, -1, loose).candidateRequests())
                .isEqualTo(100);
    }

    @Test
    void withoutTrafficItTakesForever() {
        assertThat(Forecast.healthy(0, 0.1, 0.01, -1, CRITERIA).minutes()).isInfinite();
        assertThat(Forecast.healthy(1_000, 0, 0.01, -1, CRITERIA).minutes()).isInfinite();
        assertThat(Forecast.healthy(1_000, 1, 0.01, -1, CRITERIA).candidateRequests())
                .isInfinite();
    }
}
