package dev.slipway.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;

/**
 * Many histories, on all cores. {@code -Dslipway.seed=N} runs one again and tells its story; a first seed of others than
 * usual is {@code -Dslipway.first=N}, and {@code -Dslipway.share=3/20} runs the third of twenty equal shares.
 */
final class Many {
    private static final int MOST_REPORTED = 5;
    private static final Logger LOGS = Logger.getLogger("dev.slipway");

    /** A history that is over, or has failed. */
    interface Told {
        List<String> story();

        Map<String, Integer> happened();

        void run();
    }

    /** @param counts what happened in all of them, by name */
    record Result(int number, double seconds, Map<String, Integer> counts) {
        double perSecond() {
            return number / seconds;
        }

        @Override
        public String toString() {
            return "%d in %.0f s, with %s".formatted(number, seconds, counts);
        }
    }

    /** Those from the first to before the end. */
    record Seeds(long first, long end) {
        int number() {
            return Math.toIntExact(end - first);
        }
    }

    private Many() {}

    /** The part of so many seeds from the first on that a share names: of the shares 1/20 to 20/20 each seed is in one. */
    static Seeds share(String share, long first, int number) {
        String[] parts = share.split("/");
        int which = Integer.parseInt(parts[0]);
        int of = Integer.parseInt(parts[1]);
        if (which < 1 || which > of) {
            throw new IllegalArgumentException("slipway.share is 3/20, the third of twenty, and not " + share);
        }
        return new Seeds(first + (long) number * (which - 1) / of, first + (long) number * which / of);
    }

    /** Runs them, and throws with the stories of the first that failed. */
    static Result run(int number, LongFunction<Told> history) {
        Long only = Long.getLong("slipway.seed");
        Seeds seeds = only == null
                ? share(System.getProperty("slipway.share", "1/1"), Long.getLong("slipway.first", 1), number)
                : new Seeds(only, only + 1);
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        Map<String, Integer> counts = new ConcurrentSkipListMap<>();
        LOGS.setLevel(only == null ? Level.OFF : null);
        long start = System.nanoTime();
        try {
            LongStream.range(seeds.first(), seeds.end()).parallel().forEach(seed -> {
                if (failures.size() < MOST_REPORTED) {
                    run(seed, history.apply(seed), failures, counts);
                }
            });
        } finally {
            LOGS.setLevel(null);
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(String.join("\n\n", failures));
        }
        return new Result(seeds.number(), (System.nanoTime() - start) / 1e9, counts);
    }

    private static void run(long seed, Told history, List<String> failures, Map<String, Integer> counts) {
        try {
            history.run();
        } catch (RuntimeException | AssertionError | Crash e) {
            failures.add(
                    "-Dslipway.seed=%d: %s\n  %s".formatted(seed, describe(e), String.join("\n  ", history.story())));
        }
        history.happened().forEach((what, times) -> counts.merge(what, times, Integer::sum));
    }

    private static String describe(Throwable e) {
        return e instanceof AssertionError
                ? e.getMessage()
                : e + " at " + List.of(e.getStackTrace()).subList(0, Math.min(8, e.getStackTrace().length));
    }
}
