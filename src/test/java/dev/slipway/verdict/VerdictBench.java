package dev.slipway.verdict;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Measures the verdicts against other judges on simulated rollouts. Not a test, by its name: {@code make bench-verdict}
 * runs it, and bench/verdict/report.py makes docs/verdict.md of the numbers it leaves in target/verdict-bench.json.
 */
class VerdictBench {
    private static final int RUNS = Integer.getInteger("verdict.runs", 1000);
    /** Errors have half of alpha: 1 %, as their rivals here. */
    private static final Criteria ERRORS_ALONE = Rollouts.CRITERIA.with(
            criteria -> criteria.alpha(0.02).warmUp(Duration.ZERO).maxWait(Duration.ofHours(1)));

    private static final int HOUR = 60;
    private static final int[] TRAFFIC = {10, 100, 1_000, 10_000};
    private static final double[] SHARES = {0.02, 0.05, 0.1, 0.25, 0.5};
    private static final double[] EQUAL = {0.001, 0.005, 0.02, 0.05};
    private static final double[][] WORSE = {
        {0.001, 0.003}, {0.001, 0.01}, {0.001, 0.05}, {0.005, 0.01}, {0.005, 0.02}, {0.005, 0.1},
        {0.02, 0.04}, {0.02, 0.1}, {0.05, 0.075}, {0.05, 0.1}, {0.05, 0.2}, {0.05, 0.4}
    };
    private static final double[] RATES = {0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7};
    private static final double[] LOG_P = {2, 2.3, 2.6, 3, 3.3, 3.6, 4, 4.3, 4.6, 5, 5.5, 6};

    @Test
    void measure() throws IOException {
        List<Map<String, Object>> cells = new ArrayList<>();
        for (int traffic : TRAFFIC) {
            for (double share : SHARES) {
                for (double rate : EQUAL) {
                    cells.add(cell(traffic, share, rate, rate));
                }
                for (double[] rates : WORSE) {
                    cells.add(cell(traffic, share, rates[0], rates[1]));
                }
            }
        }
        Path file = Path.of("target", "verdict-bench.json");
        Files.createDirectories(file.getParent());
        new ObjectMapper()
                .writeValue(
                        file.toFile(),
                        Map.of(
                                "runs",
                                RUNS,
                                "cells",
                                cells,
                                "scenarios",
                                Scenarios.all(3 * RUNS),
                                "healthy",
                                Scenarios.healthy(RUNS / 5)));
    }

    private static Map<String, Object> cell(int traffic, double share, double before, double after) {
        Map<String, double[]> settings = settings();
        Map<String, Supplier<Contender>> judges = judges(before, after);
        Map<String, int[][]> times = new LinkedHashMap<>();
        judges.keySet().forEach(name -> times.put(name, new int[settings.get(name).length][RUNS]));
        SplittableRandom random = new SplittableRandom(Objects.hash(traffic, share, before, after));
        for (int run = 0; run < RUNS; run++) {
            long[][] minutes = minutes(random, traffic, share, before, after);
            for (var judge : judges.entrySet()) {
                play(judge.getValue().get(), minutes, settings.get(judge.getKey()), times.get(judge.getKey()), run);
            }
        }
        List<Map<String, Object>> results = new ArrayList<>();
        times.forEach((name, found) -> {
            for (int at = 0; at < found.length; at++) {
                results.add(summary(name, settings.get(name)[at], found[at]));
            }
        });
        return Map.of("traffic", traffic, "share", share, "before", before, "after", after, "results", results);
    }

    private static long[][] minutes(SplittableRandom random, int traffic, double share, double before, double after) {
        long[][] minutes = new long[HOUR][];
        for (int minute = 0; minute < HOUR; minute++) {
            Sample candidate = Traffic.sample(random, traffic * share, after, 0);
            Sample baseline = Traffic.sample(random, traffic * (1 - share), before, 0);
            minutes[minute] =
                    new long[] {candidate.requests(), candidate.failures(), baseline.requests(), baseline.failures()};
        }
        return minutes;
    }

    /** Notes for each setting the first minute at which it rejects; 0 for never. */
    private static void play(Contender judge, long[][] minutes, double[] settings, int[][] times, int run) {
        int left = settings.length;
        for (int minute = 0; minute < minutes.length && left > 0; minute++) {
            long[] counts = minutes[minute];
            double strength = judge.look(counts[0], counts[1], counts[2], counts[3]);
            for (int at = 0; at < settings.length; at++) {
                if (times[at][run] == 0 && strength >= settings[at]) {
                    times[at][run] = minute + 1;
                    left--;
                }
            }
        }
    }

    private static Map<String, Object> summary(String judge, double setting, int[] times) {
        int[] sorted = Arrays.stream(times)
                .map(time -> time == 0 ? HOUR + 1 : time)
                .sorted()
                .toArray();
        double never = (double) Arrays.stream(times).filter(time -> time == 0).count() / times.length;
        return Map.of(
                "judge", judge,
                "setting", setting,
                "never", never,
                "median", sorted[sorted.length / 2],
                "p90", sorted[(int) (sorted.length * 0.9)]);
    }

    private static Map<String, double[]> settings() {
        double[] evidence = {Math.log(100), Math.log(200)};
        return Map.of(
                "ours", new double[] {Math.log(100)},
                "half", new double[] {Math.log(200)},
                "grid", evidence,
                "wald", evidence,
                "ratio", evidence,
                "threshold", RATES,
                "alarm", RATES,
                "mann-whitney", LOG_P);
    }

    private static Map<String, Supplier<Contender>> judges(double before, double after) {
        Map<String, Supplier<Contender>> judges = new LinkedHashMap<>();
        judges.put("ours", () -> new Contender.Ours(ERRORS_ALONE));
        judges.put("half", () -> new Contender.Ours(Rollouts.CRITERIA));
        judges.put("grid", Contender.Grid::new);
        if (after > before) {
            judges.put("wald", () -> new Contender.Wald(before, after));
            judges.put("ratio", () -> new Contender.Ratio(before, after));
        }
        judges.put("threshold", Contender.Threshold::new);
        judges.put("alarm", Contender.Alarm::new);
        judges.put("mann-whitney", Contender.MannWhitney::new);
        return judges;
    }
}
