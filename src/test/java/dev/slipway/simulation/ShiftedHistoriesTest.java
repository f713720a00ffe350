package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Seeded histories of releases that shift traffic. {@code -Dslipway.seed=N} runs one again and tells its story, {@code
 * -Dslipway.shifted=N} says how many.
 */
class ShiftedHistoriesTest {
    private static final int HISTORIES = Integer.getInteger("slipway.shifted", 10_000);
    /** One in a hundred is promised; that many and a few standard deviations more are chance. */
    private static final double FALSE_ALARMS = 0.01;

    @Test
    void noBadReleaseReachesAllUsersUnnoticedAndNoGoodOneIsRolledBack() {
        Many.Result result = Many.run(HISTORIES, ShiftedHistoriesTest::history);

        System.out.println("Histories of shifted traffic: " + result);
        Map<String, Integer> counts = result.counts();
        int live = counts.getOrDefault("GOOD live", 0);
        int rejected = counts.getOrDefault("GOOD UNHEALTHY", 0);
        double most = FALSE_ALARMS * (live + rejected) + 3 * Math.sqrt(FALSE_ALARMS * (live + rejected)) + 1;
        assertThat((double) rejected)
                .as("good releases that a verdict rolled back, of %d", live)
                .isLessThan(most);
    }

    private static Many.Told history(long seed) {
        ShiftedHistory history = new ShiftedHistory(seed);
        return new Many.Told() {
            @Override
            public List<String> story() {
                return history.story;
            }

            @Override
            public Map<String, Integer> happened() {
                Map<String, Integer> all = new TreeMap<>(history.counted);
                all.putAll(history.world.chaos.happened);
                return all;
            }

            @Override
            public void run() {
                history.run();
            }
        };
    }
}
