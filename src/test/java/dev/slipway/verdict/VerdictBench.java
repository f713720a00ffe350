package dev.slipway.verdict;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.verdict.RealTraffic.Ending;
import dev.slipway.verdict.RealTraffic.Rollout;
import dev.slipway.verdict.RealTraffic.Scenario;
import dev.slipway.verdict.SequentialAnalysis.Minute;
import dev.slipway.verdict.Verdict.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Measures the verdicts against other judges on traffic as it is. Not a test, by its name: {@code make bench-verdict}
 * runs it, and bench/verdict/report.py makes docs/verdict.md of the numbers it leaves in target/verdict-bench.json.
 */
class VerdictBench {
    private static final int RUNS = Integer.getInteger("verdict.runs", 1_000);
    /** Others than the tests take, to which the judge was made. */
    private static final long FIRST_SEED = Long.getLong("verdict.seed", 1_000_000);

    private static final int ROLLS = RUNS / 2;
    private static final int HOUR = RealTraffic.HOUR;
    private static final double[][] EQUAL = {
        {60, 0.02}, {60, 0.1}, {60, 0.5}, {600, 0.02}, {600, 0.1}, {600, 0.5}, {6_000, 0.02}, {6_000, 0.1}, {6_000, 0.5}
    };
    private static final double[][] WORSE = {{600, 0.1}, {600, 0.5}, {6_000, 0.02}};
    private static final double[][] ALONE = {{60, 1}, {600, 1}, {6_000, 1}};
    /** Minutes that the old release has been there, and what is looked at then. */
    private static final int[] KNOWN = {0, 14, 20, 30, 40, 60};

    private static final double[][] YOUNG = {{60, 0.1}, {60, 0.5}, {600, 0.1}, {600, 0.5}, {6_000, 0.1}, {6_000, 0.5}};
    private static final double[][] YOUNG_WORSE_CELLS = {{60, 0.1}, {600, 0.1}};
    private static final Set<String> YOUNG_WORSE = Set.of(
            "0.1 → 1 %",
            "0.5 → 2.5 %",
            "total outage",
            "one endpoint in ten fails 30 %",
            "latency × 2",
            "half broken off",
            "30 % broken off, a tenth of both upgraded");
    /** What Wald's test is told. */
    private static final Map<String, double[]> RATES = Map.of(
            "0.1 → 1 %", new double[] {0.001, 0.01},
            "0.5 → 2.5 %", new double[] {0.005, 0.025},
            "1 → 1.5 %", new double[] {0.01, 0.015},
            "one endpoint in ten fails 30 %", new double[] {0.001, 0.031},
            "total outage", new double[] {0.001, 0.999});

    private static final List<String> STRATEGIES = List.of("canary", "linear", "blue-green");

    @Test
    void measure() throws IOException {
        List<Map<String, Object>> cells = new ArrayList<>();
        cells.addAll(cells("equal", RealTraffic.equal(), EQUAL));
        cells.addAll(cells("equal", RealTraffic.equalAlone(), ALONE));
        cells.addAll(cells("equal", RealTraffic.incidentsAlone(), ALONE));
        cells.addAll(cells("worse", RealTraffic.worse(), WORSE));
        cells.addAll(cells("worse", RealTraffic.worseAlone(), ALONE));
        Path file = Path.of("target", "verdict-bench.json");
        Files.createDirectories(file.getParent());
        new ObjectMapper()
                .writeValue(
                        file.toFile(),
                        Map.of(
                                "runs",
                                RUNS,
                                "rolls",
                                ROLLS,
                                "cells",
                                cells,
                                "young",
                                young(),
                                "rollouts",
                                rollouts(),
                                "healthy",
                                healthy()));
    }

    private static List<Map<String, Object>> cells(String kind, List<Scenario> scenarios, double[][] traffic) {
        return scenarios.stream()
                .flatMap(scenario -> Arrays.stream(traffic).map(cell -> cell(kind, scenario, cell)))
                .toList();
    }

    private static Map<String, Object> cell(String kind, Scenario scenario, double[] cell) {
        List<Map<String, Integer>> runs = IntStream.range(0, RUNS)
                .parallel()
                .mapToObj(run -> {
                    Rollout rollout = scenario.play(new SplittableRandom(FIRST_SEED + run), cell[0], cell[1]);
                    List<Minute> minutes = rollout.minutes();
                    Map<String, Integer> times = new LinkedHashMap<>();
                    times.put("Slipway", rollout.first(Outcome.UNHEALTHY, HOUR));
                    judges(scenario).forEach((name, judge) -> times.put(name, first(judge, minutes)));
                    return times;
                })
                .toList();
        Map<String, Object> judges = new LinkedHashMap<>();
        for (String judge : runs.getFirst().keySet()) {
            judges.put(
                    judge, runs.stream().map(times -> times.get(judge)).sorted().toList());
        }
        return Map.of(
                "kind", kind, "scenario", scenario.name(), "requests", cell[0], "share", cell[1], "minutes", judges);
    }

    /** Our own verdicts where the old release is younger than an hour. */
    private static List<Map<String, Object>> young() {
        List<Map<String, Object>> all = new ArrayList<>();
        Stream<Scenario> worse = RealTraffic.worse().stream().filter(scenario -> YOUNG_WORSE.contains(scenario.name()));
        for (double[] cell : YOUNG) {
            RealTraffic.young().forEach(scenario -> all.add(young("equal", scenario, cell)));
        }
        worse.forEach(scenario -> {
            for (double[] cell : YOUNG_WORSE_CELLS) {
                all.add(young("worse", scenario, cell));
            }
        });
        return all;
    }

    private static Map<String, Object> young(String kind, Scenario scenario, double[] cell) {
        Map<Integer, List<Integer>> minutes = new LinkedHashMap<>();
        for (int known : KNOWN) {
            minutes.put(
                    known,
                    IntStream.range(0, RUNS)
                            .parallel()
                            .mapToObj(run -> scenario.play(new SplittableRandom(FIRST_SEED + run), cell[0], cell[1])
                                    .first(Outcome.UNHEALTHY, known))
                            .sorted()
                            .toList());
        }
        return Map.of(
                "kind", kind, "scenario", scenario.name(), "requests", cell[0], "share", cell[1], "minutes", minutes);
    }

    /** Past the hour for never. */
    private static int first(Contender judge, List<Minute> minutes) {
        for (int at = 0; at < minutes.size(); at++) {
            if (judge.rejects(minutes.get(at))) {
                return at + 1;
            }
        }
        return HOUR + 1;
    }

    private static Map<String, Contender> judges(Scenario scenario) {
        Map<String, Contender> judges = new LinkedHashMap<>();
        judges.put("Mann–Whitney", both(Contender.MannWhitney::new));
        judges.put("Lindon & Malek", both(Contender.LindonMalek::new));
        judges.put(
                "threshold",
                Contender.both(
                        new Contender.Threshold(Signal.ERRORS, 0.05), new Contender.Threshold(Signal.LATENCY, 0.2)));
        judges.put(
                "alarm",
                Contender.both(new Contender.Alarm(Signal.ERRORS, 0.01), new Contender.Alarm(Signal.LATENCY, 0.1)));
        double[] rates = RATES.get(scenario.name());
        if (rates != null) {
            judges.put("Wald", new Contender.Wald(rates[0], rates[1]));
        }
        return judges;
    }

    private static Contender both(Function<Signal, Contender> judge) {
        return Contender.both(judge.apply(Signal.ERRORS), judge.apply(Signal.LATENCY));
    }

    /** Whole rollouts of every strategy, by the spec's defaults. */
    private static List<Map<String, Object>> rollouts() {
        Stream<Scenario> failing = Stream.concat(
                IntStream.of(0, 1, 3, 5, 10, 30).mapToObj(part -> RealTraffic.failing(part / 1_000.0, 1)),
                Stream.of(1.5, 2.0, 5.0)
                        .flatMap(times -> Stream.of(0.001, 0.003, 0.01).map(part -> RealTraffic.failing(part, times))));
        Stream<Scenario> others = Stream.of(
                        RealTraffic.equal(), RealTraffic.incidents(), RealTraffic.equalAfter(), RealTraffic.worse())
                .flatMap(List::stream)
                .filter(scenario -> scenario.clients() == 0);
        List<Map<String, Object>> found = new ArrayList<>();
        failing.forEach(scenario -> {
            for (double requests : new double[] {60, 300, 600}) {
                STRATEGIES.forEach(strategy -> found.add(rollouts(scenario, strategy, requests)));
            }
            for (double requests : new double[] {1_000, 6_000}) {
                found.add(rollouts(scenario, STRATEGIES.getFirst(), requests));
            }
        });
        others.forEach(
                scenario -> strategies(scenario).forEach(strategy -> found.add(rollouts(scenario, strategy, 600))));
        return found;
    }

    /** Canaries alone where counts are read, which takes longer. */
    private static List<String> strategies(Scenario scenario) {
        return scenario.isCounted() ? STRATEGIES.subList(0, 1) : STRATEGIES;
    }

    private static Map<String, Object> rollouts(Scenario scenario, String strategy, double requests) {
        RolloutSettings settings = RealTraffic.settings(strategy);
        List<Ending> endings = IntStream.range(0, ROLLS)
                .parallel()
                .mapToObj(run -> new RealTraffic.WholeRollout(
                                scenario, new SplittableRandom(FIRST_SEED + run), requests, settings)
                        .play())
                .toList();
        Map<String, Object> ends = new LinkedHashMap<>();
        for (RealTraffic.End end : RealTraffic.End.values()) {
            ends.put(
                    end.name(),
                    endings.stream()
                            .filter(ending -> ending.end() == end)
                            .map(Ending::minute)
                            .sorted()
                            .toList());
        }
        return Map.of("scenario", scenario.name(), "strategy", strategy, "requests", requests, "ends", ends);
    }

    /** How long HEALTHY takes, and what the forecast says of it. */
    private static List<Map<String, Object>> healthy() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (double requests : new double[] {100, 1_000, 10_000}) {
            for (double share : new double[] {0.05, 0.1, 0.5}) {
                for (double part : new double[] {0, 0.001, 0.01}) {
                    Scenario scenario = RealTraffic.failing(part, 1);
                    List<Integer> times = IntStream.range(0, ROLLS)
                            .parallel()
                            .mapToObj(run -> scenario.play(new SplittableRandom(FIRST_SEED + run), requests, share)
                                    .first(Outcome.HEALTHY, HOUR))
                            .sorted()
                            .toList();
                    double forecast = SampleSizeEstimate.forHealthy(
                                    new SampleSizeEstimate.Traffic(requests, part, 0), share, RealTraffic.CRITERIA)
                            .minutes(Duration.ZERO, Duration.ofMinutes(2));
                    all.add(Map.of(
                            "requests", requests,
                            "share", share,
                            "part", part,
                            "times", times,
                            "forecast", Math.min(forecast, 1e6)));
                }
            }
        }
        return all;
    }
}
