package dev.slipway.verdict;

import dev.slipway.verdict.SequentialAnalysis.Minute;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.PoissonDistribution;
import org.jspecify.annotations.Nullable;

/** Minutes of simulated traffic: requests come by chance, fail by chance, each by itself. Seeded. */
final class Traffic {
    static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

    private Traffic() {}

    static Minute minute(int number, Sample candidate, @Nullable Sample baseline) {
        return minute(number, candidate, baseline, null);
    }

    /** @param weight of the candidate, 0–1 */
    static Minute minute(int number, Sample candidate, @Nullable Sample baseline, @Nullable Double weight) {
        return minute(number, candidate, baseline, weight, null);
    }

    static Minute minute(
            int number,
            Sample candidate,
            @Nullable Sample baseline,
            @Nullable Double weight,
            @Nullable Sample neighbours) {
        return new Minute(START.plusSeconds(60L * number), candidate, baseline, weight, neighbours);
    }

    /** Requests of our own stand for users' where {@code after} the first traffic there are too few. */
    static Criteria probing(Criteria criteria, Duration after) {
        return criteria.with(settings -> settings.probes(true).maxWait(after));
    }

    static Sample sample(SplittableRandom random, double requests, double failing, double slow) {
        int all = poisson(random, requests);
        int failures = binomial(random, all, failing);
        int timed = all - failures;
        return new Sample(all, failures, timed, binomial(random, timed, slow));
    }

    static int poisson(SplittableRandom random, double mean) {
        return mean <= 0 ? 0 : PoissonDistribution.of(mean).inverseCumulativeProbability(random.nextDouble());
    }

    static int binomial(SplittableRandom random, int trials, double probability) {
        return trials == 0 || probability <= 0
                ? 0
                : BinomialDistribution.of(trials, probability).inverseCumulativeProbability(random.nextDouble());
    }
}
