package dev.slipway.preflight;

import static dev.slipway.preflight.PreflightFixture.container;
import static dev.slipway.preflight.PreflightFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cost.PriceList;
import dev.slipway.cost.Spot;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.SampleSizeEstimate.Traffic;
import dev.slipway.verdict.SequentialAnalysis;
import dev.slipway.verdict.SequentialAnalysis.Minute;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.PoissonDistribution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The minutes that a forecast tells, beside those that the judge takes on simulated traffic. Seeded. */
class EvidenceForecastTest {
    private static final Instant SHIFT = Instant.parse("2026-03-02T12:00:00Z");
    private static final int RUNS = 101;
    private static final int LONGEST = 200;

    private static RolloutSettings canary(Integer slowMillis, int warmUpSeconds, int latencyWarmUpMinutes) {
        RolloutSettings plain = settings(Strategy.CANARY);
        return plain.withVerdict(plain.verdict()
                .with(rules -> rules.slowMillis(slowMillis)
                        .tolerance(3)
                        .harmlessPercent(1)
                        .warmUpSeconds(warmUpSeconds)
                        .latencyWarmUpMinutes(latencyWarmUpMinutes)));
    }

    /** A tenth of the traffic; what is judged comes singly, so that half of the good releases take about as long as it says. */
    @ParameterizedTest
    @CsvSource({
        "500, 60, 4, 100000, 0.001, 0.01",
        "500, 60, 4, 6000, 0.001, 0",
        "500, 60, 4, 6000, 0.001, 0.01",
        "500, 60, 4, 1000, 0.001, 0.001",
        "500, 60, 4, 1000, 0, 0.05",
        "500, 60, 4, 300, 0.001, 0.001",
        "500, 60, 4, 100, 0, 0",
        "500, 60, 4, 600, 0.02, 0",
        "500, 60, 10, 6000, 0.001, 0.01",
        "500, 150, 4, 6000, 0.001, 0.01",
        "500, 600, 4, 6000, 0.001, 0.01",
        ", 60, 4, 6000, 0.001, 0.01",
        ", 60, 4, 1000, 0.001, 0.01",
    })
    void isWhatTheJudgeTakes(
            Integer slowMillis,
            int warmUpSeconds,
            int latencyWarmUpMinutes,
            double requests,
            double failing,
            double slow) {
        RolloutSettings settings = canary(slowMillis, warmUpSeconds, latencyWarmUpMinutes);
        SplittableRandom random = new SplittableRandom(11);
        int median = IntStream.range(0, RUNS)
                .map(run -> minutes(settings, requests, failing, slow, random))
                .sorted()
                .toArray()[RUNS / 2];

        int forecast = ForecastPolicy.forecast(new ForecastPolicy.Input(
                        settings,
                        false,
                        4,
                        Spot.NONE,
                        false,
                        container(Architecture.X86_64, Map.of()),
                        ForecastPolicy.Timing.DEFAULT,
                        List.of(),
                        new Traffic(requests, failing, slowMillis == null ? -1 : slow),
                        PriceList.load().in("us-east-1")))
                .evidence()
                .minutes();

        assertThat((double) median).isBetween(0.6 * forecast, forecast + 1.0);
    }

    /** Minutes of traffic from the shift until it is HEALTHY. */
    private static int minutes(
            RolloutSettings settings, double requests, double failing, double slow, SplittableRandom random) {
        boolean timed = settings.verdict().slowMillis() != null;
        double share = settings.steps().getFirst() / 100;
        Instant judged = SHIFT.plusSeconds(settings.verdict().warmUpSeconds());
        Evidence evidence = Evidence.none(SHIFT, null);
        for (int minute = 0; minute < LONGEST; minute++) {
            Instant start = SHIFT.plusSeconds(60L * minute);
            Sample candidate = sample(requests * share, failing, slow, timed, random);
            Sample baseline = sample(requests * (1 - share), failing, slow, timed, random);
            evidence = start.isBefore(judged)
                    ? SequentialAnalysis.notJudged(evidence, start, candidate, settings.criteria())
                    : SequentialAnalysis.update(
                            evidence, new Minute(start, candidate, baseline, share, null), settings.criteria());
            if (SequentialAnalysis.verdict(evidence, settings.criteria(), start).outcome() == Outcome.HEALTHY) {
                return minute + 1;
            }
        }
        return LONGEST + 1;
    }

    private static Sample sample(double requests, double failing, double slow, boolean timed, SplittableRandom random) {
        int all = PoissonDistribution.of(requests).inverseCumulativeProbability(random.nextDouble());
        int failures = binomial(all, failing, random);
        int answers = timed ? all - failures : 0;
        return new Sample(all, failures, answers, binomial(answers, slow, random));
    }

    private static int binomial(int all, double part, SplittableRandom random) {
        return all == 0 ? 0 : BinomialDistribution.of(all, part).inverseCumulativeProbability(random.nextDouble());
    }
}
