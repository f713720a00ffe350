package dev.slipway.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What CodePipeline's Lambda action asks for. The event names the job, the action's configuration and its artifacts, but
 * neither pipeline nor execution (its {@code pipelineContext} is for custom actions): these come in the user parameters,
 * which {@code stacks/pipeline.yaml} writes. Source: CodePipeline user guide, "AWS Lambda invoke action reference".
 */
public sealed interface PipelineJob {
    /** As a token, in place of a rollout's id: nothing has begun, come again. */
    String LATER = "later";

    /** The id to answer with. CodePipeline gives a new one with every continuation. */
    String jobId();

    /**
     * Roll out the image of an execution.
     *
     * @param execution id of the pipeline execution
     * @param registry that the pipeline builds for, in its first environment
     * @param commit null when the source does not say
     * @param artifact what the build has made
     * @param token the rollout that we answered with before; null in the first job of an action, and after {@link #LATER}
     */
    record Deploy(
            String jobId,
            ServiceId service,
            String execution,
            String registry,
            @Nullable String commit,
            Artifact artifact,
            @Nullable String token)
            implements PipelineJob {}

    /** Say whose buildspec the source is built with. */
    record SelectBuildspec(String jobId, PipelineId pipeline, String path, Artifact source) implements PipelineJob {}

    /** Nothing that the pipeline's stack would ask: the action fails with the problem. */
    record Malformed(String jobId, Problem problem) implements PipelineJob {}

    /** An artifact in S3, and who may read it. */
    record Artifact(String bucket, String key, Credentials credentials) {}

    /** For this job's artifacts, for about an hour. Never logged. */
    record Credentials(String accessKeyId, String secretAccessKey, String sessionToken) {
        @Override
        public String toString() {
            return "Credentials[" + accessKeyId + ", …]";
        }
    }

    /**
     * @throws IllegalArgumentException when the event has no job id: then there is nobody to answer
     */
    static PipelineJob parse(JsonNode event) {
        JsonNode job = event.path("CodePipeline.job");
        String id = job.path("id").asText();
        if (id.isEmpty()) {
            throw new IllegalArgumentException("not a job of CodePipeline");
        }
        JsonNode data = job.path("data");
        try {
            String text =
                    data.at("/actionConfiguration/configuration/UserParameters").asText();
            return of(id, data, new ObjectMapper().readTree(text));
        } catch (JsonProcessingException e) {
            return malformed(id, "the action's user parameters are no JSON");
        } catch (IllegalArgumentException e) {
            return malformed(id, Objects.requireNonNull(e.getMessage(), "a parameter says what is wrong with it"));
        }
    }

    private static PipelineJob of(String id, JsonNode data, JsonNode parameters) {
        String service = required(parameters, "service");
        return switch (required(parameters, "do")) {
            case "select-buildspec" ->
                new SelectBuildspec(id, new PipelineId(service), required(parameters, "path"), artifact(data));
            case "deploy" ->
                new Deploy(
                        id,
                        new ServiceId(required(parameters, "environment"), service),
                        required(parameters, "execution"),
                        required(parameters, "registry"),
                        optional(parameters, "commit"),
                        artifact(data),
                        token(data));
            default -> throw new IllegalArgumentException("\"do\" is neither select-buildspec nor deploy");
        };
    }

    private static Artifact artifact(JsonNode data) {
        JsonNode artifacts = data.path("inputArtifacts");
        if (artifacts.size() != 1) {
            throw new IllegalArgumentException(
                    "the action has " + artifacts.size() + " input artifacts instead of one");
        }
        JsonNode location = artifacts.get(0).at("/location/s3Location");
        JsonNode credentials = data.path("artifactCredentials");
        return new Artifact(
                required(location, "bucketName"),
                required(location, "objectKey"),
                new Credentials(
                        required(credentials, "accessKeyId"),
                        required(credentials, "secretAccessKey"),
                        required(credentials, "sessionToken")));
    }

    private static String required(JsonNode parent, String field) {
        String value = optional(parent, field);
        if (value == null) {
            throw new IllegalArgumentException("\"" + field + "\" is missing");
        }
        return value;
    }

    /** Variables that had no value when the action ran stay as they were written, {@code #{…}}. */
    private static @Nullable String optional(JsonNode parent, String field) {
        String value = parent.path(field).asText("");
        return value.isEmpty() || value.startsWith("#{") || value.equals("null") ? null : value;
    }

    private static @Nullable String token(JsonNode data) {
        String token = optional(data, "continuationToken");
        return LATER.equals(token) ? null : token;
    }

    private static Malformed malformed(String id, String why) {
        return new Malformed(
                id,
                Problem.user(
                        "job-malformed",
                        "This action was not written by Slipway: " + why + ".",
                        "Apply the pipeline's spec again, which writes its actions anew."));
    }
}
