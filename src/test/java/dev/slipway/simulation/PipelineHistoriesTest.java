package dev.slipway.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipelineHistoriesTest {
    private static final int HISTORIES = Integer.getInteger("slipway.pipelines", 200);

    @Test
    void everyPushEndsAndNothingGoesWhereItMayNot() {
        System.out.println("Histories of pipelines: " + Many.run(HISTORIES, PipelineHistoriesTest::history));
    }

    private static Many.Told history(long seed) {
        PipelineHistory history = new PipelineHistory(seed);
        return new Many.Told() {
            @Override
            public List<String> story() {
                return history.story;
            }

            @Override
            public Map<String, Integer> happened() {
                Map<String, Integer> all = new HashMap<>(history.world.chaos.happened);
                all.putAll(history.happened);
                return all;
            }

            @Override
            public void run() {
                history.run();
            }
        };
    }
}
