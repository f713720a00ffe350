package dev.slipway.simulated;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A simulated pipeline as {@code stacks/pipeline.yaml} makes it: Source, Build, and a deploy stage for each environment.
 *
 * @param registry of the first environment, which images are built for
 * @param function ARN of what the deploy actions call
 * @param running the execution that each stage is locked by, by the stage's number
 * @param waiting the newest execution that waits for a stage
 */
record CpPipeline(
        String service,
        String registry,
        List<String> environments,
        String function,
        Map<Integer, CpExecution> running,
        Map<Integer, CpExecution> waiting) {
    CpPipeline(String service, String registry, List<String> environments, String function) {
        this(service, registry, List.copyOf(environments), function, new HashMap<>(), new HashMap<>());
    }

    String name() {
        return "slipway-pipeline-" + service;
    }

    String bucket() {
        return name() + "-artifacts";
    }

    List<String> stages() {
        List<String> stages = new ArrayList<>(List.of("Source", "Build"));
        environments.forEach(environment -> stages.add("Deploy-" + environment));
        return stages;
    }
}
