package dev.slipway.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.LongStream;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Seeded histories with faults. {@code -Dslipway.seed=N} runs one again and tells its story, {@code
 * -Dslipway.histories=N} says how many.
 */
class HistoriesTest {
    private static final int HISTORIES = Integer.getInteger("slipway.histories", 1000);
    private static final int MOST_REPORTED = 5;
    private static final Logger LOGS = Logger.getLogger("dev.slipway");

    @BeforeEach
    void quiet() {
        if (Long.getLong("slipway.seed") == null) {
            LOGS.setLevel(Level.OFF);
        }
    }

    @AfterEach
    void loud() {
        LOGS.setLevel(null);
    }

    @Test
    void everyHistoryKeepsThePromisesAndComesToRest() throws IOException {
        Long only = Long.getLong("slipway.seed");
        long first = only == null ? 1 : only;
        int number = only == null ? HISTORIES : 1;
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        Map<String, Integer> happened = new ConcurrentSkipListMap<>();
        long start = System.nanoTime();
        LongStream.range(first, first + number).parallel().forEach(seed -> {
            if (failures.size() >= MOST_REPORTED) {
                return;
            }
            History history = new History(seed);
            try {
                history.run();
            } catch (RuntimeException | AssertionError | Crash e) {
                failures.add(
                        "-Dslipway.seed=%d: %s\n  %s".formatted(seed, describe(e), String.join("\n  ", history.story)));
            }
            history.world.chaos.happened.forEach((what, times) -> happened.merge(what, times, Integer::sum));
        });
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%d histories in %.0f s, with %s%n", number, seconds, happened);
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/histories.txt"), "%.0f%n".formatted(number / seconds)); // for make bench
        if (!failures.isEmpty()) {
            throw new AssertionError(String.join("\n\n", failures));
        }
    }

    private static String describe(Throwable e) {
        return e instanceof AssertionError
                ? e.getMessage()
                : e + " at " + List.of(e.getStackTrace()).subList(0, Math.min(8, e.getStackTrace().length));
    }
}
