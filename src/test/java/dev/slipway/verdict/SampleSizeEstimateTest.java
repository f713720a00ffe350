package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import org.junit.jupiter.api.Test;

class SampleSizeEstimateTest {
    private static final Criteria CRITERIA = Rollouts.CRITERIA;

    @Test
    void withoutFailuresTakesWhatSixHundredRequestsAndMoreTellOfHarmlessness() {
        SampleSizeEstimate forecast = SampleSizeEstimate.forHealthy(new Traffic(1_000, 0, -1), 0.1, CRITERIA);

        // ln(2/0.05) + ln 4 over 0.96·0.5 %
        assertThat(forecast.candidateRequests()).isBetween(1_050.0, 1_060.0);
        assertThat(forecast.minutes()).isEqualTo(11);
    }

    @Test
    void takesMoreTrafficWithASmallerShareOrIfLatencyIsJudgedToo() {
        double errors = SampleSizeEstimate.forHealthy(new Traffic(1_000, 0.002, -1), 0.1, CRITERIA)
                .minutes();

        assertThat(SampleSizeEstimate.forHealthy(new Traffic(1_000, 0.002, -1), 0.05, CRITERIA)
                        .minutes())
                .isGreaterThan(1.9 * errors);
        assertThat(SampleSizeEstimate.forHealthy(new Traffic(1_000, 0.002, 0.01), 0.1, CRITERIA)
                        .minutes())
                .isGreaterThan(errors);
        assertThat(SampleSizeEstimate.forHealthy(new Traffic(1_000, 0.002, 0), 0.1, CRITERIA)
                        .minutes())
                .isEqualTo(errors);
        assertThat(SampleSizeEstimate.forHealthy(new Traffic(10_000, 0.002, -1), 0.1, CRITERIA)
                        .minutes())
                .isLessThan(0.11 * errors + 1);
    }

    @Test
    void comparesByRatioWhereManyFail() {
        double[] mostly = {0.05, 0.1};
        SampleSizeEstimate rare = SampleSizeEstimate.forHealthy(new Traffic(1_000, mostly[0], -1), 0.1, CRITERIA);
        SampleSizeEstimate common = SampleSizeEstimate.forHealthy(new Traffic(1_000, mostly[1], -1), 0.1, CRITERIA);

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
                CRITERIA.latencyWarmUp(),
                false,
                CRITERIA.maxWait(),
                100);

        assertThat(SampleSizeEstimate.forHealthy(new Traffic(1_000, 0, -1), 0.1, loose)
                        .candidateRequests())
                .isEqualTo(100);
    }

    @Test
    void withoutTrafficItTakesForever() {
        assertThat(SampleSizeEstimate.forHealthy(new Traffic(0, 0.01, -1), 0.1, CRITERIA)
                        .minutes())
                .isInfinite();
        assertThat(SampleSizeEstimate.forHealthy(new Traffic(1_000, 0.01, -1), 0, CRITERIA)
                        .minutes())
                .isInfinite();
        assertThat(SampleSizeEstimate.forHealthy(new Traffic(1_000, 0.01, -1), 1, CRITERIA)
                        .candidateRequests())
                .isInfinite();
    }

    /** Whose failures come in bunches takes as many times the traffic, but the fewest requests are as many. */
    @Test
    void bunchesTakeMoreTraffic() {
        Variation four = new Variation(4, 1, false);
        Traffic[] single = {new Traffic(1_000, 0.002, -1), new Traffic(1_000, 0, 0.004)};
        Traffic[] bunched = {
            new Traffic(1_000, 0.002, four, -1, Variation.NONE), new Traffic(1_000, 0, Variation.NONE, 0.004, four)
        };
        for (int at = 0; at < single.length; at++) {
            double plain =
                    SampleSizeEstimate.forHealthy(single[at], 0.1, CRITERIA).candidateRequests();
            double later =
                    SampleSizeEstimate.forLaterStep(single[at], 0.1, CRITERIA).candidateRequests();

            assertThat(SampleSizeEstimate.forHealthy(bunched[at], 0.1, CRITERIA).candidateRequests())
                    .isCloseTo(4 * plain, within(4.0));
            assertThat(SampleSizeEstimate.forLaterStep(bunched[at], 0.1, CRITERIA)
                            .candidateRequests())
                    .isCloseTo(4 * later, within(4.0));
        }
        assertThat(SampleSizeEstimate.forHealthy(new Traffic(1_000, 0.002, Variation.NONE, -1, four), 0.1, CRITERIA)
                        .candidateRequests())
                .as("latency is not judged")
                .isEqualTo(SampleSizeEstimate.forHealthy(new Traffic(1_000, 0.002, -1), 0.1, CRITERIA)
                        .candidateRequests());
    }

    /** Until then what served before counts, too; where that would take longer, it is waited for. Of a later step it is over. */
    @Test
    void whatWillNotCountAnyMoreIsWaitedForAtTheMost() {
        Variation bunched = new Variation(20, 1, false);
        Traffic own = new Traffic(1_000, 0.002, 0.004);
        SampleSizeEstimate single = SampleSizeEstimate.forHealthy(own, 0.1, CRITERIA);
        SampleSizeEstimate soon = SampleSizeEstimate.forHealthy(later(bunched, 10, own), 0.1, CRITERIA);
        SampleSizeEstimate far = SampleSizeEstimate.forHealthy(later(bunched, 100_000, own), 0.1, CRITERIA);

        assertThat(soon.errorMinutes()).isEqualTo(10 + single.errorMinutes());
        assertThat(soon.latencyMinutes()).as("its own vary as little").isEqualTo(single.latencyMinutes());
        assertThat(far.errorMinutes()).isCloseTo(20 * single.errorMinutes(), within(20.0));
        assertThat(SampleSizeEstimate.forLaterStep(later(bunched, 10, own), 0.1, CRITERIA)
                        .errorMinutes())
                .isEqualTo(SampleSizeEstimate.forLaterStep(own, 0.1, CRITERIA).errorMinutes());
        assertThat(SampleSizeEstimate.forHealthy(later(bunched, 10, own).withoutLatency(), 0.1, CRITERIA)
                        .latencyMinutes())
                .isZero();
    }

    private static Traffic later(Variation before, int minutes, Traffic own) {
        return new Traffic(
                own.requestsPerMinute(),
                own.errorRate(),
                before,
                own.slowRate(),
                Variation.NONE,
                new SampleSizeEstimate.Later(minutes, own));
    }

    /** A factor of 3 is ln 3, and a request without failures adds 0.96 · 0.5 %. */
    @Test
    void aLaterStepWantsAFactorOfThree() {
        SampleSizeEstimate later = SampleSizeEstimate.forLaterStep(new Traffic(1_000, 0, -1), 0.1, CRITERIA);

        assertThat(later.candidateRequests()).isBetween(225.0, 235.0);
        assertThat(later.minutes()).isEqualTo(3);
        assertThat(SampleSizeEstimate.forLaterStep(new Traffic(1_000, 0, -1), 0.4, CRITERIA)
                        .minutes())
                .isEqualTo(1);
    }
}
