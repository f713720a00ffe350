package dev.slipway.simulation.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.lambda.HookHandler;
import dev.slipway.lambda.PipelineHandler;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline;
import dev.slipway.simulated.codepipeline.SimulatedCodePipeline.Pushed;
import dev.slipway.simulated.codepipeline.SourcePush;
import dev.slipway.simulation.World;
import dev.slipway.store.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What hook and pipeline function do with the table is what their roles may do, and nothing more is granted. */
class FunctionRightsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PipelineId WEB = new PipelineId("web");
    private static final ServiceId DEV = WEB.serviceIn("dev");

    private final World world = new World(9);
    private final SimulatedCodePipeline codePipeline = world.account.pipelines();
    private final Set<String> byHook = new TreeSet<>();
    private final Set<String> byPipeline = new TreeSet<>();

    FunctionRightsTest() {
        watched(World.HOOK, new HookHandler(world.plane.gate(), world.timeline), byHook);
        watched(World.PIPELINE, new PipelineHandler(world.plane.pipelines().jobs()), byPipeline);
    }

    @SuppressWarnings("unchecked")
    private void watched(String arn, RequestHandler<Map<String, Object>, ?> function, Set<String> used) {
        world.account.functions().register(arn, event -> {
            var outer = world.chaos.table;
            world.chaos.table = used::add;
            try {
                return function instanceof HookHandler
                        ? world.chaos.hooking(() -> answer(function, event))
                        : world.chaos.piping(() -> answer(function, event));
            } finally {
                world.chaos.table = outer;
            }
        });
    }

    @SuppressWarnings("unchecked")
    private static String answer(RequestHandler<Map<String, Object>, ?> function, String event) {
        try {
            return JSON.writeValueAsString(function.handleRequest(JSON.readValue(event, Map.class), null));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Set<String> granted(String role) throws IOException {
        String template = Files.readString(Path.of("template.yaml"));
        String from = template.substring(template.indexOf("  " + role + ":\n"));
        String own = from.substring(0, from.indexOf("\n  #", 10));
        return new TreeSet<>(Pattern.compile("dynamodb:(\\w+)")
                .matcher(own)
                .results()
                .map(found -> found.group(1))
                .toList());
    }

    private List<Rollout> rollouts() {
        return world.plane.rollouts().rollouts(DEV, 50, null).items().stream()
                .map(Stored::value)
                .toList();
    }

    private String push(String tag) {
        return ((Pushed.Started) codePipeline.push(
                        WEB.stackName(), SourcePush.of("3f2c8a91b7d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8", tag)))
                .execution();
    }

    private void pushed(String tag) {
        String execution = push(tag);
        Instant limit = world.timeline.instant().plus(Duration.ofDays(2));
        while (codePipeline.status(execution).equals("InProgress")
                && world.timeline.instant().isBefore(limit)) {
            world.timeline.step();
        }
    }

    /** Each way that a gate and a job can end. */
    @Test
    void theRightsOfHookAndPipelineFunctionOnTheTableAreThoseThatTheyUse() throws IOException {
        world.account
                .functions()
                .register(
                        "arn:aws:lambda:eu-central-1:123456789012:function:slipway-check-shared-web",
                        _ -> "{\"status\": \"SUCCEEDED\"}");
        world.apply(new EnvironmentId("dev"), "network: {cidr: 172.17.0.0/16}\n");
        world.apply(DEV, """
                container: {port: 8000}
                rollout:
                  strategy: canary
                  canary: {percent: 10, bakeMinutes: 10}
                  checks: [{path: /}]
                  checkFunction: arn:aws:lambda:eu-central-1:123456789012:function:slipway-check-shared-web
                  approval: {when: before-production, timeoutMinutes: 30, onTimeout: approve}
                  notifyTopic: arn:aws:sns:eu-central-1:123456789012:slipway-shared-web
                """);
        world.plane.pipelines().grants().grant(new EnvironmentId("dev"), WEB, World.by("ann"));
        world.apply(WEB, "repository: {id: acme/web}\ndeploy: [{environment: dev}]\n");
        world.timeline.advance(Duration.ofMinutes(1));
        world.account.approveConnection(
                codePipeline.connectionOf(WEB.stackName()).orElseThrow());

        pushed("v1"); // the first
        pushed("v2"); // approved by time, judged with requests of our own
        pushed("v3-errors");
        String stopped = push("v4");
        world.timeline.advance(Duration.ofMinutes(12));
        codePipeline.stop(stopped);
        world.settle();
        world.plane.rollouts().rollOut(DEV, World.asking("hand"), World.by("ann"));
        pushed("v5"); // queued behind the one by hand
        push("v6");
        world.timeline.advance(Duration.ofMinutes(10));
        world.answer(DEV, rollouts().getFirst().id(), false, "no", "bob");
        world.settle();
        pushed("v7-missing");
        world.plane.pipelines().grants().revoke(new EnvironmentId("dev"), WEB, World.by("ann"));
        pushed("v8");

        assertThat(byHook).isEqualTo(granted("HookRole"));
        assertThat(byPipeline).isEqualTo(granted("PipelineRole"));
    }
}
