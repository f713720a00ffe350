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
import java.util.Set;
import java.util.TreeMap;

/** What a schema cannot say of one pipeline's spec. See {@link ServiceValidator}. */
final class PipelineValidator {
    /** What a build finds in its environment already. */
    private static final Set<String> RESERVED = Set.of(
            "BUILD_ARGUMENTS",
            "BUILD_CONTEXT",
            "BUILD_TARGET",
            "CACHE_URI",
            "COMMIT",
            "CONTAINER_NAME",
            "DOCKERFILE",
            "IMAGE_REPO_NAME",
            "IMAGE_TAG",
            "PLATFORM",
            "REPOSITORY_URI",
            "SLIPWAY_BUILD");

    private PipelineValidator() {}

    static List<FieldError> check(JsonNode spec) {
        List<FieldError> errors = new ArrayList<>();
        JsonNode deploy = spec.path("deploy");
        start(spec, deploy, errors);
        order(deploy, errors);
        test(spec.path("build").path("test"), errors);
        errors.addAll(TagsValidator.check(spec.path("tags")));
        variables(spec.path("build").path("variables"), errors);
        arguments(spec.path("build").path("arguments"), errors);
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
        List<JsonNode> stages = ValidationMessages.items(deploy);
        for (int i = 0; i < stages.size(); i++) {
            JsonNode environment = stages.get(i).path("environment");
            Integer before = environment.isTextual() ? seen.putIfAbsent(environment.asText(), i) : null;
            if (before != null) {
                errors.add(ValidationMessages.field(
                        "/deploy/" + i + "/environment", environment, "is stage " + (before + 1) + " already"));
            }
        }
    }

    private static void variables(JsonNode variables, List<FieldError> errors) {
        Map<String, String> texts = texts(variables);
        texts.forEach((name, value) -> {
            if (RESERVED.contains(name) || name.startsWith("CODEBUILD_") || name.startsWith("AWS_")) {
                errors.add(new FieldError(
                        "/build/variables/" + name, null, "is set by the pipeline or by AWS: name it otherwise"));
            }
            if (value.contains("#{")) {
                errors.add(new FieldError(
                        "/build/variables/" + name,
                        null,
                        "must not contain #{, which CodePipeline takes for a variable of its own"));
            }
        });
        tooLong("/build/variables", PipelineStack.buildVariables(texts), PipelineStack.LONGEST_VARIABLES, errors);
    }

    private static void arguments(JsonNode arguments, List<FieldError> errors) {
        tooLong(
                "/build/arguments",
                PipelineStack.buildArguments(texts(arguments)),
                PipelineStack.LONGEST_ARGUMENTS,
                errors);
    }

    private static void tooLong(String field, String json, int longest, List<FieldError> errors) {
        if (json.length() > longest) {
            errors.add(new FieldError(
                    field,
                    null,
                    "have %d characters as JSON; AWS carries %d: put the others into the buildspec or the Dockerfile"
                            .formatted(json.length(), longest)));
        }
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
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
