package dev.slipway.simulation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.EnvironmentId;
import dev.slipway.rollout.Rollout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What 1, 100 and 1,000 services ask of AWS at rest, and when all are rolled out at once; what 50 ask whose environment is applied; and what a sweep of all services asks, of 1,000 and
 * 10,000. {@code make bench} runs it.
 */
class LoadBench {
    private static final int SWEEPS = 6;
    private static final int FOLLOWERS = 50;

    private final ObjectNode result = new ObjectMapper().createObjectNode();

    @Test
    void writesTheTableForTheDocs() throws IOException {
        for (int services : new int[] {1, 100, 1000}) {
            measure(services, "rolling", "");
            measure(services, "canary", "rollout: {strategy: canary}\n");
        }
        measureFollowing();
        write("load");
    }

    @Test
    void writesWhatASweepAsks() throws IOException {
        for (int services : new int[] {1000, 10_000}) {
            Load load = Load.idle(services);
            load.forget();
            Instant before = load.now();
            load.world.timeline.advance(Duration.ofMinutes(SWEEPS * 5L));
            ObjectNode row = ((ArrayNode) result.withArray("/rows")).addObject();
            row.put("services", services)
                    .put("environments", load.world.plane.environments().names().size())
                    .put("throttled", throttled(load, before));
            for (String operation : List.of("describeServices", "describeAlarms")) {
                Load.Calls calls = load.calls(operation);
                row.withObject("/" + operation)
                        .put("sweep", calls.all() / SWEEPS)
                        .put("second", calls.inASecond());
            }
            System.out.println(row);
        }
        write("sweep");
    }

    private void write(String name) throws IOException {
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/" + name + ".json"), result.toPrettyString());
    }

    private static int throttled(Load load, Instant since) {
        return load.throttled(since).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
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

    /** An environment changes what its services take over from it. */
    private void measureFollowing() {
        Load load = new Load(FOLLOWERS);
        load.applyAll("");
        load.forget();
        Instant before = load.now();
        EnvironmentId environment = load.services.getFirst().environmentId();
        load.world.apply(environment, "terminationProtection: false\nnetwork: {cidr: 10.0.0.0/16}\ntags: {owner: b}\n");
        note(FOLLOWERS, "an apply of their environment, which all follow", load, before);
    }

    private void note(int services, String what, Load load, Instant since) {
        load.waited.sort(null);
        ObjectNode row = ((ArrayNode) result.withArray("/rows")).addObject();
        row.put("services", services).put("what", what);
        row.put("minutes", Duration.between(since, load.now()).toMinutes());
        row.put("throttled", throttled(load, since));
        row.put(
                "waited",
                load.waited.isEmpty()
                        ? 0
                        : load.waited.get((load.waited.size() - 1) * 99 / 100).toMillis());
        load.peaks().forEach(row.withObject("/peaks")::put);
        System.out.println(row);
    }
}
