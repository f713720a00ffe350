package dev.slipway.simulation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.rollout.Rollout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What 1, 100 and 1,000 services ask of AWS at rest, and when all are rolled out at once. {@code make bench} runs it. */
class LoadBench {
    private final ObjectNode result = new ObjectMapper().createObjectNode();

    @Test
    void writesTheTableForTheDocs() throws IOException {
        for (int services : new int[] {1, 100, 1000}) {
            measure(services, "rolling", "");
            measure(services, "canary", "rollout: {strategy: canary}\n");
        }
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/load.json"), result.toPrettyString());
    }

    private void measure(int services, String strategy, String spec) {
        Load load = new Load(services);
        load.applyAll(spec);
        load.world.account.traffic().requestsPerMinute(2000);
        load.rollOutAll("v1");
        load.world.timeline.advance(Duration.ofHours(1));
        if (spec.isEmpty()) {
            load.forget();
            load.world.timeline.advance(Duration.ofHours(1));
            note(services, "at rest", load, load.now());
        }
        load.forget();
        Instant before = load.now();
        List<String> rollouts = load.rollOutAll("v2");
        while (load.states(rollouts).contains(Rollout.State.RUNNING)) {
            load.world.timeline.advance(Duration.ofMinutes(1));
        }
        note(services, strategy, load, before);
    }

    private void note(int services, String what, Load load, Instant since) {
        load.waited.sort(null);
        ObjectNode row = ((ArrayNode) result.withArray("/rows")).addObject();
        row.put("services", services).put("what", what);
        row.put("minutes", Duration.between(since, load.now()).toMinutes());
        row.put(
                "throttled",
                load.throttled(since).values().stream()
                        .mapToInt(Integer::intValue)
                        .sum());
        row.put(
                "waited",
                load.waited.isEmpty()
                        ? 0
                        : load.waited.get((load.waited.size() - 1) * 99 / 100).toMillis());
        load.peaks().forEach(row.withObject("/peaks")::put);
        System.out.println(row);
    }
}
