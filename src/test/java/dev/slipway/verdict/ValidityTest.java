package dev.slipway.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.verdict.Verdict.Outcome;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the verdicts promise, in seeded simulations that look every minute. */
@Tag("slow")
class ValidityTest {
    private static final int RUNS = 2_000;
    private static final int HOUR = 60;

    /** Errors and latency together; at 1 % of 2,000 runs, 33 are three standard deviations too many. */
    @ParameterizedTest
    @CsvSource({
        "1000, 0.1, 0.001, 0.05",
        "20, 0.5, 0.01, 0.05",
        "300, 0.05, 0.3, 0.6",
        "100, 0.02, 0.02, 0.1",
    })
    void rejectsAtMostOneInAHundredIdenticalReleases(double traffic, double share, double failing, double slow) {
        SplittableRandom random = new SplittableRandom(7);
        int rejected = 0;
        for (int run = 0; run < RUNS; run++) {
            rejected += first(random, traffic, share, failing, slow, 1, Outcome.UNHEALTHY) <= HOUR ? 1 : 0;
        }
        assertThat(rejected).isLessThanOrEqualTo(33);
    }

    /** At 5 % of 2,000 runs, 130 are three standard deviations too many. */
    @ParameterizedTest
    @CsvSource({"1000, 0.1, 0.02", "200, 0.5, 0.01"})
    void findsAtMostOneInTwentyReleasesBeyondToleranceHealthy(double traffic, double share, double failing) {
        SplittableRandom random = new SplittableRandom(8);
        int healthy = 0;
        for (int run = 0; run < RUNS; run++) {
            healthy += first(random, traffic, share, failing, 0, 1.55, Outcome.HEALTHY) <= HOUR ? 1 : 0;
        }
        assertThat(healthy).isLessThanOrEqualTo(130);
    }

    /** The forecast is an average: the median rollout must come within a factor of two of it. */
    @ParameterizedTest
    @CsvSource({"1000, 0.1, 0.001", "6000, 0.05, 0.002", "4000, 0.25, 0.02", "1000, 0.5, 0.0001"})
    void theForecastOfHealthyHolds(double traffic, double share, double failing) {
        SplittableRandom random = new SplittableRandom(9);
        int[] found = new int[200];
        for (int run = 0; run < found.length; run++) {
            found[run] = first(random, traffic, share, failing, 0, 1, Outcome.HEALTHY);
        }
        Arrays.sort(found);
        SampleSizeEstimate forecast = SampleSizeEstimate.forHealthy(
                new SampleSizeEstimate.Traffic(traffic, failing, -1), share, Rollouts.CRITERIA);
        assertThat((double) found[found.length / 2]).isBetween(forecast.minutes() / 2, forecast.minutes() * 2);
    }

    /** The minute in which the outcome is given for the first time, unless the other one is before; past the hour if never. */
    private static int first(
            SplittableRandom random,
            double traffic,
            double share,
            double failing,
            double slow,
            double ratio,
            Outcome wanted) {
        Evidence evidence = Evidence.none(Traffic.START, null);
        for (int minute = 1; minute <= HOUR; minute++) {
            Sample candidate = Traffic.sample(random, traffic * share, failing * ratio, slow);
            Sample baseline = Traffic.sample(random, traffic * (1 - share), failing, slow);
            evidence =
                    SequentialAnalysis.update(evidence, Traffic.minute(minute, candidate, baseline), Rollouts.CRITERIA);
            Outcome outcome = SequentialAnalysis.verdict(evidence, Rollouts.CRITERIA, Traffic.START)
                    .outcome();
            if (outcome == wanted) {
                return minute;
            }
            if (outcome == Outcome.UNHEALTHY) {
                return HOUR + 1;
            }
        }
        return HOUR + 1;
    }
}
