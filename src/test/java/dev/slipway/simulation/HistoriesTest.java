package dev.slipway.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Seeded histories with faults. {@code -Dslipway.seed=N} runs one again and tells its story, {@code
 * -Dslipway.histories=N} says how many.
 */
class HistoriesTest {
    private static final int HISTORIES = Integer.getInteger("slipway.histories", 1000);

    @Test
    void everyHistoryKeepsThePromisesAndComesToRest() throws IOException {
        Many.Result result = Many.run(HISTORIES, HistoriesTest::history);
        System.out.println("Histories: " + result);
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/histories.txt"), "%.0f%n".formatted(result.perSecond())); // for make bench
    }

    private static Many.Told history(long seed) {
        History history = new History(seed);
        return new Many.Told() {
            @Override
            public List<String> story() {
                return history.story;
            }

            @Override
            public Map<String, Integer> happened() {
                return history.world.chaos.happened;
            }

            @Override
            public void run() {
                history.run();
            }
        };
    }
}
