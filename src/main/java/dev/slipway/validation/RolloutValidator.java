package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.problem.Problem.FieldError;
import java.util.ArrayList;
import java.util.List;

/** What a schema cannot say of a spec's rollout settings. */
final class RolloutValidator {
    /**
     * What CloudFormation refuses beyond, and no bake should need.
     * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-canaryconfiguration.html
     */
    private static final int MAX_BAKE_MINUTES = 33 * 60;

    private static final List<String> WITHOUT_EFFECT_WHEN_ROLLING =
            List.of("bakeMinutes", "canary", "linear", "checks", "checkFunction", "approval", "verdict");

    private RolloutValidator() {}

    static List<FieldError> check(JsonNode rollout) {
        List<FieldError> errors = new ArrayList<>();
        bakes(rollout, errors);
        int at = 0;
        for (JsonNode check : rollout.path("checks")) {
            ServiceValidator.codes(check, "/rollout/checks/" + at++, errors);
        }
        return errors;
    }

    private static void bakes(JsonNode rollout, List<FieldError> errors) {
        int last = rollout.path("bakeMinutes").asInt();
        String strategy = rollout.path("strategy").asText();
        int minutes = switch (strategy) {
            case "blue-green" -> last;
            case "canary" -> last + rollout.at("/canary/bakeMinutes").asInt();
            case "linear" -> {
                double step = Math.max(rollout.at("/linear/stepPercent").asDouble(), 3);
                int steps = (int) Math.ceil(100 / step - 1e-9);
                yield last + (steps - 1) * rollout.at("/linear/bakeMinutes").asInt();
            }
            default -> 0;
        };
        if (minutes > MAX_BAKE_MINUTES) {
            errors.add(new FieldError(
                    "/rollout",
                    null,
                    "bakes for %d minutes in all; at most %d (33 hours) are possible"
                            .formatted(minutes, MAX_BAKE_MINUTES)));
        }
    }

    /** @param declared the document without defaults */
    static List<SpecReader.Warning> warnings(JsonNode declared) {
        JsonNode rollout = declared.path("rollout");
        if (!rollout.path("strategy").asText("rolling").equals("rolling")) {
            return List.of();
        }
        return WITHOUT_EFFECT_WHEN_ROLLING.stream()
                .filter(rollout::has)
                .map(key -> new SpecReader.Warning(
                        "/rollout/" + key,
                        "has no effect while the strategy is rolling, unless a rollout names another"))
                .toList();
    }
}
