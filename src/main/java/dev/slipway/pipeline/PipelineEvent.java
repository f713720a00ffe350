package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.id.PipelineId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change of state that CodePipeline tells EventBridge. Source: CodePipeline user guide, "Monitoring CodePipeline events";
 * seen in real events: keys with hyphens, {@code execution-result} on actions only, versions as decimal numbers.
 *
 * @param stage null for the pipeline as a whole
 * @param action null for a stage
 * @param state as CodePipeline writes it, in capital letters
 * @param at when it happened, to the second
 * @param result what the action has said of itself
 */
public record PipelineEvent(
        PipelineId pipeline,
        String execution,
        @Nullable String stage,
        @Nullable String action,
        State state,
        Instant at,
        @Nullable Result result) {
    /** Of pipelines, stages and actions. What AWS adds later is {@link #UNKNOWN} and changes nothing. */
    @RegisterForReflection
    public enum State {
        STARTED,
        RESUMED,
        STOPPING,
        SUCCEEDED,
        FAILED,
        CANCELED,
        ABANDONED,
        STOPPED,
        SUPERSEDED,
        UNKNOWN;

        /** Whether nothing more comes, except when somebody retries. */
        public boolean isEnd() {
            return switch (this) {
                case SUCCEEDED, FAILED, CANCELED, ABANDONED, STOPPED, SUPERSEDED -> true;
                case STARTED, RESUMED, STOPPING, UNKNOWN -> false;
            };
        }

        static State of(String text) {
            return Arrays.stream(values())
                    .filter(state -> state.name().equals(text))
                    .findFirst()
                    .orElse(UNKNOWN);
        }
    }

    /**
     * What an action has said of itself.
     *
     * @param id the commit of a source, the build of CodeBuild ({@code project:uuid}), our rollout of a deploy stage
     * @param code for example {@code JobFailed}
     */
    @RegisterForReflection
    public record Result(
            @Nullable String id,
            @Nullable String summary,
            @Nullable String url,
            @Nullable String code) {
        /**
         * The log stream of the build that the action was, in {@link PipelineId#logGroup()}; empty when it was none. The
         * stream's first part is the project's own, which {@code stacks/pipeline.yaml} names after what the project is for.
         */
        public Optional<String> logStream(PipelineId pipeline) {
            String project = pipeline.stackName() + "-";
            return id == null || !id.startsWith(project) || id.indexOf(':') < 0
                    ? Optional.empty()
                    : Optional.of(id.substring(project.length()).replace(':', '/'));
        }
    }

    /** Empty when it is no state change of a pipeline of ours. */
    public static Optional<PipelineEvent> parse(JsonNode event) {
        if (!event.path("source").asText().equals("aws.codepipeline")
                || !event.path("detail-type").asText().endsWith(" Execution State Change")) {
            return Optional.empty();
        }
        JsonNode detail = event.path("detail");
        String execution = detail.path("execution-id").asText();
        Optional<PipelineId> pipeline =
                PipelineId.fromStackName(detail.path("pipeline").asText());
        Optional<Instant> at = time(event.path("time").asText());
        if (pipeline.isEmpty() || execution.isEmpty() || at.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new PipelineEvent(
                pipeline.get(),
                execution,
                text(detail, "stage"),
                text(detail, "action"),
                State.of(detail.path("state").asText()),
                at.get(),
                result(detail.path("execution-result"))));
    }

    private static @Nullable Result result(JsonNode result) {
        return result.isObject()
                ? new Result(
                        text(result, "external-execution-id"),
                        text(result, "external-execution-summary"),
                        text(result, "external-execution-url"),
                        text(result, "error-code"))
                : null;
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String text(JsonNode parent, String field) {
        String value = parent.path(field).asText("");
        return value.isEmpty() ? null : value;
    }
}
