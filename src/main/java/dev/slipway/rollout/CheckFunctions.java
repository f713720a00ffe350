package dev.slipway.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvokeRequest;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;

/** Asks the user's own Lambda function whether a release is good. */
final class CheckFunctions {
    private final LambdaClient lambda;
    private final ObjectMapper json = new ObjectMapper();

    CheckFunctions(LambdaClient lambda) {
        this.lambda = lambda;
    }

    /** What it said. */
    sealed interface Result {
        record Succeeded() implements Result {}

        record Failed(String reason) implements Result {}

        record InProgress(String reason) implements Result {}
    }

    /** An error of the function counts as no: it is the user's own word on the release. */
    Result invoke(String function, Rollout rollout) {
        ObjectNode question = json.createObjectNode()
                .put("environment", rollout.service().environment())
                .put("service", rollout.service().service())
                .put("rollout", rollout.id())
                .put("image", rollout.request().image());
        question.put("release", rollout.release());
        question.put(
                "url",
                rollout.progress().targetGroups() == null
                        ? null
                        : rollout.progress().targetGroups().url());
        InvokeResponse answer = lambda.invoke(InvokeRequest.builder()
                .functionName(function)
                .payload(SdkBytes.fromUtf8String(question.toString()))
                .build());
        String text = answer.payload() == null ? "" : answer.payload().asUtf8String();
        if (answer.functionError() != null) {
            return new Result.Failed("The check function failed: " + shortened(text));
        }
        return parse(text);
    }

    private Result parse(String text) {
        try {
            JsonNode node = json.readTree(text);
            String reason = node.path("reason").asText("");
            return switch (node.path("status").asText()) {
                case "SUCCEEDED" -> new Result.Succeeded();
                case "FAILED" -> new Result.Failed("The check function said no: " + shortened(reason));
                case "IN_PROGRESS" -> new Result.InProgress("The check function is at work. " + shortened(reason));
                default ->
                    new Result.Failed(
                            "The check function answered %s, which has no status SUCCEEDED, FAILED or IN_PROGRESS."
                                    .formatted(shortened(text)));
            };
        } catch (JsonProcessingException e) {
            return new Result.Failed("The check function did not answer with JSON: " + shortened(text));
        }
    }

    private static String shortened(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }
}
