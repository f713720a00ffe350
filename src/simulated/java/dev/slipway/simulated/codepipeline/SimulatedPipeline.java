package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.cloudformation.CloudFormationErrors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A version of a simulated pipeline.
 *
 * @param properties of AWS::CodePipeline::Pipeline, evaluated
 * @param version 1 when it is made; every change of its structure adds one
 * @param running the execution that each stage is locked by, by the stage's number
 * @param waiting the newest execution that waits for a stage
 */
record SimulatedPipeline(
        ObjectNode properties,
        int version,
        List<Stage> stages,
        Map<Integer, SimulatedExecution> running,
        Map<Integer, SimulatedExecution> waiting) {
    record Stage(String name, List<SimulatedAction> actions) {}

    static SimulatedPipeline of(ObjectNode properties, int version) {
        String mode = properties.path("ExecutionMode").asText("SUPERSEDED");
        if (!mode.equals("SUPERSEDED")) {
            throw CloudFormationErrors.notModelled("the execution mode " + mode);
        }
        List<Stage> stages = new ArrayList<>();
        for (JsonNode stage : properties.path("Stages")) {
            List<SimulatedAction> actions = new ArrayList<>();
            stage.path("Actions").forEach(action -> actions.add(SimulatedAction.of(action)));
            stages.add(new Stage(stage.path("Name").asText(), List.copyOf(actions)));
        }
        return new SimulatedPipeline(properties, version, List.copyOf(stages), new HashMap<>(), new HashMap<>());
    }

    String name() {
        return properties.path("Name").asText();
    }

    String bucket() {
        return properties.path("ArtifactStore").path("Location").asText();
    }

    /** Its source: the first action of the first stage. */
    SimulatedAction source() {
        return stages.getFirst().actions().getFirst();
    }

    List<SimulatedAction> actions() {
        return stages.stream().flatMap(stage -> stage.actions().stream()).toList();
    }
}
