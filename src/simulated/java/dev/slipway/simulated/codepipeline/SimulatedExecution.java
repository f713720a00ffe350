package dev.slipway.simulated.codepipeline;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An execution of a simulated pipeline, and the actions of the stage that it is in. */
final class SimulatedExecution {
    final SimulatedPipeline pipeline;
    final String id;
    final SourcePush push;
    /** The type of what started it, for example WebhookV2. */
    final String trigger;
    /** ARN of who started it; empty when nobody did, and CodePipeline tells something else. */
    final String startedBy;

    final Instant started;
    /** By namespace, by name. */
    final Map<String, Map<String, String>> variables = new LinkedHashMap<>();
    /** Keys in the pipeline's bucket, by the artifact's name. */
    final Map<String, String> artifacts = new LinkedHashMap<>();
    /** What its present stage has run, by the action's name; a retry replaces what failed. */
    final Map<String, ActionRun> runs = new LinkedHashMap<>();
    /** All that it has run, in the order of their beginning. */
    final List<ActionRun> history = new ArrayList<>();

    /** InProgress, Succeeded, Failed, Stopped, Superseded or Cancelled. */
    String status = "InProgress";

    int stage;
    int attempt = 1;
    /** Until its stage goes on. */
    boolean retried;

    /** The newest. */
    @Nullable
    ActionRun last;

    SimulatedExecution(
            SimulatedPipeline pipeline, String id, SourcePush push, String trigger, String startedBy, Instant started) {
        this.pipeline = pipeline;
        this.id = id;
        this.push = push;
        this.trigger = trigger;
        this.startedBy = startedBy;
        this.started = started;
        variables.put("codepipeline", Map.of("PipelineExecutionId", id));
    }

    boolean isOver() {
        return !status.equals("InProgress");
    }

    SimulatedPipeline.Stage presentStage() {
        return pipeline.stages().get(stage);
    }
}
