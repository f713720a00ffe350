package dev.slipway.validation;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The pairs of CPU and memory that Fargate runs on Linux. Source: the Amazon ECS API Reference, RegisterTaskDefinition,
 * {@code memory}.
 */
final class FargateSizes {
    private static final Map<Integer, List<Integer>> MEMORIES = Map.of(
            256, List.of(512, 1024, 2048),
            512, steps(1024, 4096, 1024),
            1024, steps(2048, 8192, 1024),
            2048, steps(4096, 16384, 1024),
            4096, steps(8192, 30720, 1024),
            8192, steps(16384, 61440, 4096),
            16384, steps(32768, 122880, 8192));

    private FargateSizes() {}

    /** MiB, rising; empty for an amount of CPU that Fargate does not have. */
    static List<Integer> memories(int cpu) {
        return MEMORIES.getOrDefault(cpu, List.of());
    }

    /** The same for people: up to seven by number, more of them as a range. */
    static String describeMemories(int cpu) {
        List<Integer> all = memories(cpu);
        if (all.size() <= 7) {
            return "one of " + all.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        return "from " + all.getFirst() + " to " + all.getLast() + " in steps of " + (all.get(1) - all.get(0));
    }

    private static List<Integer> steps(int from, int to, int by) {
        return IntStream.iterate(from, memory -> memory <= to, memory -> memory + by)
                .boxed()
                .toList();
    }
}
