package dev.slipway.simulation.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.PipelineExecutions;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline.Pushed;
import dev.slipway.simulated.codepipeline.SourcePush;
import dev.slipway.simulation.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What the control plane adds between an image and its rollout, and between the rollout's end and the pipeline's, in simulated
 * seconds and in calls to AWS. {@code make bench} reads what it notes.
 */
class PipelineDelaysTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PipelineId WEB = new PipelineId("web");
    private static final String COMMIT = "3f2c8a91b7d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8";

    private final World world = new World(11);
    private final SimulatedCodePipeline codePipeline = world.account.pipelines();
    private final Map<String, List<Instant>> calls = new TreeMap<>();

    PipelineDelaysTest() {
        world.chaos.watcher = (operation, request) -> {
            calls.computeIfAbsent(operation, _ -> new ArrayList<>()).add(world.timeline.instant());
            return () -> {};
        };
        EnvironmentId dev = new EnvironmentId("dev");
        world.apply(dev, "network: {cidr: 172.17.0.0/16}\n");
        world.apply(WEB.serviceIn("dev"), "container: {port: 8000}\nrollout: {strategy: rolling}\n");
        world.plane.pipelines().grants().grant(dev, WEB, World.by("ann"));
    }

    private static void note(String what, long value) throws IOException {
        Files.createDirectories(Path.of("target"));
        Path file = Path.of("target/pipeline-delays.json");
        ObjectNode all = Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode();
        Files.writeString(file, all.put(what, value).toPrettyString());
    }

    private Rollout rollout() {
        return world.plane
                .rollouts()
                .rollouts(WEB.serviceIn("dev"), 1, null)
                .items()
                .getFirst()
                .value();
    }

    private String pushed(String tag) {
        Pushed.Started started = (Pushed.Started) codePipeline.push(WEB.stackName(), SourcePush.of(COMMIT, tag));
        while (codePipeline.status(started.execution()).equals("InProgress")) {
            world.timeline.step();
        }
        assertThat(codePipeline.status(started.execution())).isEqualTo("Succeeded");
        return started.execution();
    }

    @Test
    void aDeployStageAddsSecondsAndAFewCalls() throws IOException {
        world.apply(WEB, "repository: {id: acme/web}\nbuild: {buildspec: repository}\ndeploy: [{environment: dev}]\n");
        world.timeline.advance(Duration.ofMinutes(1));
        world.account.approveConnection(
                codePipeline.connectionOf(WEB.stackName()).orElseThrow());
        pushed("v1");
        world.timeline.advance(Duration.ofMinutes(30));
        calls.clear();

        String execution = pushed("v2");
        Instant told = world.timeline.instant();
        world.timeline.advance(Duration.ofMinutes(2));

        PipelineExecutions.Execution seen = world.plane.pipelines().executions(WEB).executions().stream()
                .filter(found -> found.id().equals(execution))
                .findFirst()
                .orElseThrow();
        Instant built = end(seen, "Build/Build");
        Instant started = rollout().progress().startedAt();
        Instant shipped = calls.getOrDefault("updateService", List.of()).getFirst();
        long ofPipeline = calls.entrySet().stream()
                .filter(call ->
                        call.getKey().startsWith("putJob") || call.getKey().startsWith("listAction"))
                .mapToLong(call -> call.getValue().size())
                .sum();
        note("builtToStarted", seconds(built, started));
        note("startedToShipped", seconds(started, shipped));
        note("endedToTold", seconds(rollout().outcome().endedAt(), told));
        note("calls", ofPipeline + 1); // and one for the artifact, with the job's own credentials

        assertThat(seconds(built, started)).isBetween(0L, 10L);
        assertThat(seconds(started, shipped)).isBetween(0L, 10L);
        assertThat(seconds(rollout().outcome().endedAt(), told)).isBetween(0L, 5L);
        assertThat(ofPipeline).as(calls::toString).isLessThanOrEqualTo(5);
    }

    @Test
    void anImageThatIsPushedByAnotherCiGoesOutWithinSeconds() throws IOException {
        world.apply(WEB, "tagPattern: v*\ndeploy: [{environment: dev}]\n");
        world.timeline.advance(Duration.ofMinutes(1));
        calls.clear();
        Instant pushed = world.timeline.instant();
        world.account.pushImage(world.record(WEB.serviceIn("dev")).outputs().get("RepositoryUri") + ":v1");
        world.timeline.advance(Duration.ofMinutes(1));

        note("pushedToStarted", seconds(pushed, rollout().progress().startedAt()));
        assertThat(seconds(pushed, rollout().progress().startedAt())).isBetween(0L, 10L);
        assertThat(calls.get("describeImagesPaginator"))
                .as("looks at the registry")
                .hasSizeLessThanOrEqualTo(2);
    }

    private static Instant end(PipelineExecutions.Execution execution, String step) {
        return execution.stages().stream()
                .filter(found -> found.name().equals(step))
                .map(PipelineExecutions.StageState::changedAt)
                .findFirst()
                .orElseThrow();
    }

    private static long seconds(@org.jspecify.annotations.Nullable Instant from, Instant to) {
        return from == null ? Long.MAX_VALUE : Duration.between(from, to).toSeconds();
    }
}
