package dev.slipway.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.problem.Problem;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What CodePipeline's Lambda action asks for. The event names the job, the action's configuration and its artifacts, but
 * neither pipeline nor execution (its {@code pipelineContext} is for custom actions): these come in the user parameters,
 * which {@code stacks/pipeline.yaml} writes. Whoever may call the function can write such an event: what it says is believed
 * only when {@link JobProof} has held it against what is declared and what CodePipeline knows. Source: CodePipeline user guide, "AWS Lambda invoke action reference".
 */
public sealed interface PipelineJob {
    /** As a token, in place of a rollout's id: nothing is known to have begun, come again. */
    String LATER = "later";

    /**
     * A token: the rollout that was started or {@link #LATER}, and how often CodePipeline has been told to come again because it did
     * not know the action yet, as in {@code later:2}.
     */
    Pattern TOKEN = Pattern.compile("([^:]+)(?::([0-9]{1,3}))?");

    /** API reference, {@code PipelineExecutionId}. */
    Pattern EXECUTION = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** The id to answer with. CodePipeline gives a new one with every continuation. */
    String jobId();

    /**
     * Roll out the image of an execution.
     *
     * @param execution id of the pipeline execution
     * @param registry that the pipeline builds for, in its first environment
     * @param commit null when the source does not say
     * @param parameters the action's user parameters, which all this is from
     * @param artifact what the build has made
     * @param token what we answered with before; null in the first job of an action
     */
    record Deploy(
            String jobId,
            ServiceId service,
            String execution,
            String registry,
            @Nullable String commit,
            String parameters,
            Artifact artifact,
            @Nullable String token)
            implements PipelineJob {
        /** The rollout that the token says was started; null when it says of none. */
        @Nullable
        String startedRollout() {
            String started = PipelineJob.started(token);
            return started.equals(LATER) ? null : started;
        }
    }

    /** Say whose buildspec the source is built with. */
    record SelectBuildspec(
            String jobId,
            PipelineId pipeline,
            String execution,
            String path,
            String parameters,
            Artifact source,
            @Nullable String token)
            implements PipelineJob {}

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
            return of(id, data, text, new ObjectMapper().readTree(text));
        } catch (JsonProcessingException e) {
            return malformed(id, "the action's user parameters are no JSON");
        } catch (IllegalArgumentException e) {
            return malformed(id, Objects.requireNonNull(e.getMessage(), "a parameter says what is wrong with it"));
        }
    }

    private static PipelineJob of(String id, JsonNode data, String text, JsonNode parameters) {
        String service = required(parameters, "service");
        return switch (required(parameters, "do")) {
            case "select-buildspec" ->
                new SelectBuildspec(
                        id,
                        new PipelineId(service),
                        execution(parameters),
                        required(parameters, "path"),
                        text,
                        artifact(data),
                        optional(data, "continuationToken"));
            case "deploy" ->
                new Deploy(
                        id,
                        new ServiceId(required(parameters, "environment"), service),
                        execution(parameters),
                        required(parameters, "registry"),
                        optional(parameters, "commit"),
                        text,
                        artifact(data),
                        optional(data, "continuationToken"));
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

    private static String execution(JsonNode parameters) {
        String execution = required(parameters, "execution");
        if (!EXECUTION.matcher(execution).matches()) {
            throw new IllegalArgumentException("\"execution\" is not the id of one");
        }
        return execution;
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

    /** How often a job was told to come again because CodePipeline did not know its action yet. */
    static int waited(@Nullable String token) {
        Matcher parts = TOKEN.matcher(token == null ? LATER : token);
        return parts.matches() && parts.group(2) != null ? Integer.parseInt(parts.group(2)) : 0;
    }

    /** The token that has it told so once more; of a rollout that was started it says the same as before. */
    static String waitedAgain(@Nullable String token) {
        return started(token) + ":" + (waited(token) + 1);
    }

    private static String started(@Nullable String token) {
        String said = token == null ? LATER : token;
        Matcher parts = TOKEN.matcher(said);
        return parts.matches() ? parts.group(1) : said;
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
