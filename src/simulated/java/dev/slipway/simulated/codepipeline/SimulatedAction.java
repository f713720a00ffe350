package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.cloudformation.CloudFormationErrors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An action of a pipeline as AWS::CodePipeline::Pipeline declares it.
 *
 * @param namespace of its variables; empty for none
 * @param configuration with variables that are not resolved yet
 */
record SimulatedAction(
        String name,
        String namespace,
        Kind kind,
        JsonNode type,
        int runOrder,
        Map<String, String> configuration,
        List<String> inputs,
        List<String> outputs) {
    /** What of action types is modelled, by provider. */
    enum Kind {
        SOURCE,
        BUILD,
        FUNCTION;

        static Kind of(JsonNode type) {
            String provider = type.path("Provider").asText();
            return switch (provider) {
                case "CodeStarSourceConnection" -> SOURCE;
                case "CodeBuild" -> BUILD;
                case "Lambda" -> FUNCTION;
                default -> throw CloudFormationErrors.notModelled("an action of " + provider);
            };
        }
    }

    static SimulatedAction of(JsonNode declared) {
        Map<String, String> configuration = new LinkedHashMap<>();
        declared.path("Configuration")
                .properties()
                .forEach(entry ->
                        configuration.put(entry.getKey(), entry.getValue().asText()));
        JsonNode type = declared.path("ActionTypeId");
        return new SimulatedAction(
                declared.path("Name").asText(),
                declared.path("Namespace").asText(""),
                Kind.of(type),
                type,
                declared.path("RunOrder").asInt(1),
                configuration,
                names(declared.path("InputArtifacts")),
                names(declared.path("OutputArtifacts")));
    }

    private static List<String> names(JsonNode artifacts) {
        List<String> names = new ArrayList<>();
        artifacts.forEach(artifact -> names.add(artifact.path("Name").asText()));
        return List.copyOf(names);
    }
}
