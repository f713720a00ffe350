package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.pipeline.PipelineWorkflow.PipelineStack;
import dev.slipway.problem.Problem.FieldError;
import dev.slipway.release.Images;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a schema cannot say of one pipeline's spec. See {@link ServiceValidator}. */
final class PipelineValidator {
    private PipelineValidator() {}

    static List<FieldError> check(JsonNode spec) {
        List<FieldError> errors = new ArrayList<>();
        JsonNode deploy = spec.path("deploy");
        start(spec, deploy, errors);
        order(deploy, errors);
        test(spec.path("build").path("test"), errors);
        errors.addAll(TagsValidator.check(spec.path("tags")));
        return errors;
    }

    private static void start(JsonNode spec, JsonNode deploy, List<FieldError> errors) {
        boolean builds = spec.has("repository");
        JsonNode pattern = spec.path("tagPattern");
        if (!builds && pattern.isMissingNode()) {
            errors.add(new FieldError("/repository", null, "is required, or tagPattern for images built elsewhere"));
        } else if (builds && !pattern.isMissingNode()) {
            errors.add(
                    ValidationMessages.field(
                            "/tagPattern",
                            pattern,
                            "cannot go with a repository: each build pushes an image, which would be rolled out a second time"));
        } else if (pattern.isTextual() && Images.isReserved(pattern.asText())) {
            errors.add(
                    ValidationMessages.field(
                            "/tagPattern",
                            pattern,
                            "stands for tags that are Slipway's own, release-… and retired-…: push and name images by other tags"));
        } else if (!builds && deploy.size() > 1) {
            errors.add(new FieldError(
                    "/deploy",
                    null,
                    "must have one environment without a repository, the one whose registry is pushed to; promote from"
                            + " there to the next"));
        }
    }

    private static void order(JsonNode deploy, List<FieldError> errors) {
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < deploy.size(); i++) {
            JsonNode environment = deploy.get(i).path("environment");
            Integer before = environment.isTextual() ? seen.putIfAbsent(environment.asText(), i) : null;
            if (before != null) {
                errors.add(ValidationMessages.field(
                        "/deploy/" + i + "/environment", environment, "is stage " + (before + 1) + " already"));
            }
        }
    }

    private static void test(JsonNode test, List<FieldError> errors) {
        if (!test.isObject()) {
            return;
        }
        if (test.has("commands") == test.has("buildspec")) {
            errors.add(new FieldError("/build/test", null, "must have either commands or buildspec"));
            return;
        }
        List<String> commands = new ArrayList<>();
        test.path("commands").forEach(command -> commands.add(command.asText()));
        int bytes = PipelineStack.testBuildspec(new PipelineSpec.Test(commands, null))
                .getBytes(StandardCharsets.UTF_8)
                .length;
        if (bytes > PipelineStack.LONGEST_PARAMETER) {
            errors.add(new FieldError(
                    "/build/test/commands",
                    null,
                    "have " + bytes + " bytes with what goes around them; CloudFormation carries "
                            + PipelineStack.LONGEST_PARAMETER
                            + ": put them into a script or buildspec of the repository"));
        }
    }
}
