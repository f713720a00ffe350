package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What CodePipeline tells EventBridge. Source: CodePipeline user guide, "Monitoring CodePipeline events". Seen in public
 * events: versions and attempts are decimal numbers, and {@code execution-result} has {@code error-code} on failures only.
 */
public final class CodePipelineEvents {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedAws aws;

    public CodePipelineEvents(SimulatedAws aws) {
        this.aws = aws;
    }

    void pipeline(SimulatedExecution execution, String state) {
        ObjectNode detail = detail(execution);
        detail.putObject("execution-trigger").put("trigger-type", execution.trigger);
        emit(execution, "CodePipeline Pipeline Execution State Change", state, detail);
    }

    void stage(SimulatedExecution execution, String state) {
        emit(
                execution,
                "CodePipeline Stage Execution State Change",
                state,
                detail(execution).put("stage", execution.presentStage().name()));
    }

    /** The run's own state. */
    void action(ActionRun run) {
        SimulatedExecution execution = run.execution;
        ObjectNode action = detail(execution)
                .put("action-execution-id", run.id)
                .put("stage", execution.presentStage().name())
                .put("action", run.action.name())
                .put("region", aws.region());
        ObjectNode type = action.putObject("type");
        run.action
                .type()
                .properties()
                .forEach(entry -> type.set(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue()));
        artifacts(action, "input-artifacts", run, run.action.inputs());
        artifacts(action, "output-artifacts", run, run.action.outputs());
        if (run.isOver()) {
            action.set("execution-result", result(run));
        }
        emit(
                execution,
                "CodePipeline Action Execution State Change",
                run.state().name(),
                action);
    }

    private static void artifacts(ObjectNode action, String field, ActionRun run, List<String> names) {
        SimulatedExecution execution = run.execution;
        ArrayNode artifacts = JSON.createArrayNode();
        for (String name : names) {
            String key = execution.artifacts.get(name);
            if (key != null) {
                artifacts
                        .addObject()
                        .put("name", name)
                        .putObject("s3location")
                        .put("bucket", execution.pipeline.bucket())
                        .put("key", key);
            }
        }
        if (!artifacts.isEmpty()) {
            action.set(field, artifacts);
        }
    }

    private static JsonNode result(ActionRun run) {
        ObjectNode result = JSON.createObjectNode();
        put(result, "external-execution-url", run.externalUrl);
        put(result, "external-execution-summary", run.said);
        put(result, "external-execution-id", run.externalId);
        put(result, "error-code", run.code);
        return result;
    }

    private static void put(ObjectNode result, String field, @Nullable String value) {
        if (value != null) {
            result.put(field, value);
        }
    }

    private static ObjectNode detail(SimulatedExecution execution) {
        return JSON.createObjectNode()
                .put("pipeline", execution.pipeline.name())
                .put("execution-id", execution.id)
                .put("start-time", execution.started.toString())
                .put("pipeline-execution-attempt", (double) execution.attempt);
    }

    private void emit(SimulatedExecution execution, String type, String state, ObjectNode detail) {
        aws.emit(
                "aws.codepipeline",
                type,
                List.of(aws.arn("codepipeline", execution.pipeline.name())),
                detail.put("state", state).put("version", (double) execution.pipeline.version()));
    }
}
