package dev.slipway.simulated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
record CpPipeline(
        ObjectNode properties,
        int version,
        List<Stage> stages,
        Map<Integer, CpExecution> running,
        Map<Integer, CpExecution> waiting) {
    record Stage(String name, List<CpAction> actions) {}

    static CpPipeline of(ObjectNode properties, int version) {
        String mode = properties.path("ExecutionMode").asText("SUPERSEDED");
        if (!mode.equals("SUPERSEDED")) {
            throw CloudErrors.notModelled("the execution mode " + mode);
        }
        List<Stage> stages = new ArrayList<>();
        for (JsonNode stage : properties.path("Stages")) {
            List<CpAction> actions = new ArrayList<>();
            stage.path("Actions").forEach(action -> actions.add(CpAction.of(action)));
            stages.add(new Stage(stage.path("Name").asText(), List.copyOf(actions)));
        }
        return new CpPipeline(properties, version, List.copyOf(stages), new HashMap<>(), new HashMap<>());
    }

    String name() {
        return properties.path("Name").asText();
    }

    String bucket() {
        return properties.path("ArtifactStore").path("Location").asText();
    }

    /** Its source: the first action of the first stage. */
    CpAction source() {
        return stages.getFirst().actions().getFirst();
    }

    List<CpAction> actions() {
        return stages.stream().flatMap(stage -> stage.actions().stream()).toList();
    }
}
