package dev.slipway.simulation.environment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Few combinations of switches in which every two settings of two switches occur together. */
final class Pairwise {
    private static final int TRIES = 200;

    /** Two settings, each with its switch. */
    private record Pair(String one, String setting, String other, String otherSetting) {}

    private Pairwise() {}

    /**
     * Greedy: of many random combinations always the one with the most new pairs.
     *
     * @param switches what each may be, by its name
     */
    static List<Map<String, String>> combinations(Map<String, List<String>> switches, long seed) {
        Random random = new Random(seed);
        Set<Pair> open = new HashSet<>();
        switches.forEach((one, settings) -> switches.forEach((other, others) -> {
            if (one.compareTo(other) < 0) {
                settings.forEach(setting -> others.forEach(second -> open.add(new Pair(one, setting, other, second))));
            }
        }));
        List<Map<String, String>> combinations = new ArrayList<>();
        while (!open.isEmpty()) {
            Pair first = Collections.min(open, java.util.Comparator.comparing(Pair::toString));
            Map<String, String> best = Map.of();
            int most = 0;
            for (int i = 0; i < TRIES; i++) {
                Map<String, String> candidate = new LinkedHashMap<>();
                switches.forEach(
                        (name, settings) -> candidate.put(name, settings.get(random.nextInt(settings.size()))));
                candidate.put(first.one(), first.setting());
                candidate.put(first.other(), first.otherSetting());
                int covers = (int)
                        open.stream().filter(pair -> isIn(candidate, pair)).count();
                if (covers > most) {
                    most = covers;
                    best = candidate;
                }
            }
            Map<String, String> chosen = best;
            open.removeIf(pair -> isIn(chosen, pair));
            combinations.add(chosen);
        }
        return combinations;
    }

    private static boolean isIn(Map<String, String> combination, Pair pair) {
        return combination.get(pair.one()).equals(pair.setting())
                && combination.get(pair.other()).equals(pair.otherSetting());
    }
}
