package dev.slipway.simulated.codepipeline;

import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionDetail;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionInput;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionOutput;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionStatus;
import software.amazon.awssdk.services.codepipeline.model.ArtifactDetail;
import software.amazon.awssdk.services.codepipeline.model.S3Location;

/** A run of an action. It ends once; what comes after that changes nothing. */
final class ActionRun {
    enum State {
        STARTED,
        SUCCEEDED,
        FAILED,
        ABANDONED,
        CANCELED
    }

    final SimulatedExecution execution;
    final SimulatedAction action;
    final String stage;
    final String id;
    final Instant started;
    /** With its variables resolved. */
    final Map<String, String> configuration;

    private final Consumer<ActionRun> ended;
    private State state = State.STARTED;

    /** What it has said of itself. */
    @Nullable
    String said;

    @Nullable
    String externalId;

    @Nullable
    String externalUrl;

    /** Of a failure, for example JobFailed. */
    @Nullable
    String code;

    /** Of a function: the only job that takes an answer, and null when it has had one. */
    @Nullable
    String job;

    /** Of a function: what it was told of its latest job. */
    @Nullable
    String event;

    /** Of a function: what it has answered that waits. */
    @Nullable
    String token;

    ActionRun(
            SimulatedExecution execution,
            SimulatedAction action,
            String id,
            Instant started,
            Map<String, String> configuration,
            Consumer<ActionRun> ended) {
        this.execution = execution;
        this.action = action;
        this.stage = execution.presentStage().name();
        this.id = id;
        this.started = started;
        this.configuration = configuration;
        this.ended = ended;
    }

    State state() {
        return state;
    }

    boolean isOver() {
        return state != State.STARTED;
    }

    String configured(String key) {
        return configuration.getOrDefault(key, "");
    }

    void succeed(@Nullable String words) {
        end(State.SUCCEEDED, null, words);
    }

    void fail(String failure, @Nullable String words) {
        end(State.FAILED, failure, words);
    }

    /** Ends without anybody being told. */
    void drop(State end) {
        state = end;
        job = null;
    }

    private void end(State end, @Nullable String failure, @Nullable String words) {
        if (isOver()) {
            return;
        }
        code = failure;
        said = words;
        drop(end);
        ended.accept(this);
    }

    /** As ListActionExecutions tells it. */
    ActionExecutionDetail detail() {
        return ActionExecutionDetail.builder()
                .pipelineExecutionId(execution.id)
                .actionExecutionId(id)
                .pipelineVersion(execution.pipeline.version())
                .stageName(stage)
                .actionName(action.name())
                .startTime(started)
                .status(
                        switch (state) {
                            case STARTED -> ActionExecutionStatus.IN_PROGRESS;
                            case SUCCEEDED -> ActionExecutionStatus.SUCCEEDED;
                            case FAILED -> ActionExecutionStatus.FAILED;
                            case ABANDONED, CANCELED -> ActionExecutionStatus.ABANDONED;
                        })
                .input(ActionExecutionInput.builder()
                        .configuration(action.configuration())
                        .resolvedConfiguration(configuration)
                        .inputArtifacts(action.inputs().stream()
                                .map(name -> ArtifactDetail.builder()
                                        .name(name)
                                        .s3location(S3Location.builder()
                                                .bucket(execution.pipeline.bucket())
                                                .key(execution.artifacts.get(name))
                                                .build())
                                        .build())
                                .toList())
                        .namespace(action.namespace())
                        .build())
                .output(ActionExecutionOutput.builder()
                        .outputVariables(
                                state == State.SUCCEEDED
                                        ? execution.variables.getOrDefault(action.namespace(), Map.of())
                                        : Map.of())
                        .build())
                .build();
    }
}
