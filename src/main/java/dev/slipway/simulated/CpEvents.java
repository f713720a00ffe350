package dev.slipway.simulated;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What CodePipeline tells EventBridge. Source: CodePipeline user guide, "Monitoring CodePipeline events". */
final class CpEvents {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedAws aws;

    CpEvents(SimulatedAws aws) {
        this.aws = aws;
    }

    void pipeline(CpExecution execution, String state) {
        emit(execution, "CodePipeline Pipeline Execution State Change", state, detail(execution));
    }

    /** @param result what the action has said, and its id; null for none */
    void stage(CpExecution execution, int number, String state, @Nullable ObjectNode result) {
        String stage = execution.pipeline.stages().get(number);
        emit(
                execution,
                "CodePipeline Stage Execution State Change",
                state,
                detail(execution).put("stage", stage));
        ObjectNode action = detail(execution).put("stage", stage).put("action", stage);
        if (result != null) {
            action.set("execution-result", result);
        }
        emit(execution, "CodePipeline Action Execution State Change", state, action);
    }

    static ObjectNode result(@Nullable String id, @Nullable String summary) {
        return JSON.createObjectNode().put("external-execution-id", id).put("external-execution-summary", summary);
    }

    private static ObjectNode detail(CpExecution execution) {
        return JSON.createObjectNode()
                .put("pipeline", execution.pipeline.name())
                .put("execution-id", execution.id);
    }

    private void emit(CpExecution execution, String type, String state, ObjectNode detail) {
        aws.emit(
                "aws.codepipeline",
                type,
                List.of(aws.arn("codepipeline", execution.pipeline.name())),
                detail.put("state", state).put("version", 1.0));
    }
}
