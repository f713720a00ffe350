package dev.slipway.verdict;

import dev.slipway.verdict.SequentialAnalysis.Minute;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Rollouts that are not as the model has them, for the benchmark: 1,000 requests a minute, a tenth to the new revision. */
final class Scenarios {
    private static final int HOUR = 60;
    private static final double TRAFFIC = 1_000;
    private static final double SHARE = 0.1;
    private static final Criteria PLAIN = Rollouts.CRITERIA.withWarmUp(Duration.ZERO);

    private Scenarios() {}

    /** The minute of one scenario. */
    private interface Source {
        Minute minute(SplittableRandom random, int number);
    }

    static List<Map<String, Object>> all(int runs) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (int clump : new int[] {1, 3, 10, 30}) {
            String name = "equal, 0.5 % fail, clients stay and fail " + clump + " times in a row";
            all.add(run(name, runs, PLAIN, "plain", clumped(clump, 0.005, 0.005)));
        }
        for (int clump : new int[] {1, 10}) {
            String name = "0.5 % to 5 %, clients stay and fail " + clump + " times in a row";
            all.add(run(name, runs, PLAIN, "plain", clumped(clump, 0.005, 0.05)));
        }
        all.add(run(
                "equal, errors (0.5 %) and latency (5 % slow) judged together", runs, PLAIN, "plain", Scenarios::both));
        all.add(run(
                "equal, an incident makes both fail 20 times as often for 10 minutes",
                runs,
                PLAIN,
                "plain",
                (random, number) -> both(random, number, SHARE, number >= 20 && number < 30 ? 0.1 : 0.005, 1)));
        all.add(run(
                "equal, the share steps from 2 % to 50 %",
                runs,
                PLAIN,
                "plain",
                (random, number) -> both(random, number, number < 20 ? 0.02 : number < 40 ? 0.1 : 0.5, 0.005, 1)));
        for (double noise : new double[] {0.2, 0.5}) {
            all.add(run(
                    "equal on average, each revision's rate moves by itself by " + Math.round(noise * 100)
                            + " % a minute",
                    runs,
                    PLAIN,
                    "plain",
                    (random, number) -> both(random, number, SHARE, 0.005, Math.exp(noise * random.nextGaussian()))));
        }
        all.add(run(
                "0.1 % to 2 %, but only from minute 31 on",
                runs, PLAIN, "plain", (random, number) -> both(random, number, SHARE, 0.001, number > 30 ? 20 : 1)));
        return all;
    }

    static List<Map<String, Object>> healthy(int runs) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (double traffic : new double[] {100, 1_000, 10_000}) {
            for (double share : new double[] {0.05, 0.1, 0.5}) {
                for (double rate : new double[] {0, 0.001, 0.02}) {
                    int[] times = times(
                            runs,
                            PLAIN,
                            Outcome.HEALTHY,
                            (random, number) -> Traffic.minute(
                                    number,
                                    errors(random, traffic * share, rate),
                                    errors(random, traffic * (1 - share), rate)));
                    double forecast = SampleSizeEstimate.forHealthy(traffic, share, rate, -1, PLAIN)
                            .minutes();
                    all.add(Map.of(
                            "traffic",
                            traffic,
                            "share",
                            share,
                            "rate",
                            rate,
                            "median",
                            times[runs / 2],
                            "p90",
                            times[runs * 9 / 10],
                            "forecast",
                            Math.min(forecast, 1e6)));
                }
            }
        }
        return all;
    }

    private static Sample errors(SplittableRandom random, double requests, double rate) {
        Sample sample = Traffic.sample(random, requests, rate, 0);
        return new Sample(sample.requests(), sample.failures(), 0, 0);
    }

    private static Minute both(SplittableRandom random, int number) {
        return both(random, number, SHARE, 0.005, 1);
    }

    private static Minute both(SplittableRandom random, int number, double share, double failing, double ratio) {
        return Traffic.minute(
                number,
                Traffic.sample(random, TRAFFIC * share, failing * ratio, 0.05),
                Traffic.sample(random, TRAFFIC * (1 - share), failing, 0.05));
    }

    /** Each client that fails does so {@code clump} times in the minute, all on one revision. */
    private static Source clumped(int clump, double before, double after) {
        return (random, number) -> Traffic.minute(
                number,
                clump(random, TRAFFIC * SHARE, after, clump),
                clump(random, TRAFFIC * (1 - SHARE), before, clump));
    }

    private static Sample clump(SplittableRandom random, double requests, double rate, int clump) {
        int failures = clump * Traffic.poisson(random, requests * rate / clump);
        return new Sample(Traffic.poisson(random, requests * (1 - rate)) + failures, failures, 0, 0);
    }

    private static Map<String, Object> run(String name, int runs, Criteria criteria, String mode, Source source) {
        int[] times = times(runs, criteria, Outcome.UNHEALTHY, source);
        double never = (double) Arrays.stream(times).filter(time -> time > HOUR).count() / runs;
        return Map.of(
                "name", name, "mode", mode, "never", never, "median", times[runs / 2], "p90", times[runs * 9 / 10]);
    }

    /** Sorted; past the hour for never. */
    private static int[] times(int runs, Criteria criteria, Outcome wanted, Source source) {
        SplittableRandom random = new SplittableRandom(11);
        int[] times = new int[runs];
        for (int run = 0; run < runs; run++) {
            Evidence evidence = Evidence.none(Traffic.START, null);
            times[run] = HOUR + 1;
            for (int number = 1; number <= HOUR && times[run] > HOUR; number++) {
                evidence = SequentialAnalysis.update(evidence, source.minute(random, number), criteria);
                if (SequentialAnalysis.verdict(evidence, criteria, Traffic.START)
                                .outcome()
                        == wanted) {
                    times[run] = number;
                }
            }
        }
        Arrays.sort(times);
        return times;
    }
}
