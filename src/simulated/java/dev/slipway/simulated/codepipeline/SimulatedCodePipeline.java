package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.SimulatedErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionInput;
import software.amazon.awssdk.services.codepipeline.model.GetPipelineExecutionRequest;
import software.amazon.awssdk.services.codepipeline.model.GetPipelineExecutionResponse;
import software.amazon.awssdk.services.codepipeline.model.ListActionExecutionsRequest;
import software.amazon.awssdk.services.codepipeline.model.ListActionExecutionsResponse;
import software.amazon.awssdk.services.codepipeline.model.PipelineExecutionNotFoundException;
import software.amazon.awssdk.services.codepipeline.model.PipelineNotFoundException;
import software.amazon.awssdk.services.codepipeline.model.PutJobFailureResultRequest;
import software.amazon.awssdk.services.codepipeline.model.PutJobFailureResultResponse;
import software.amazon.awssdk.services.codepipeline.model.PutJobSuccessResultRequest;
import software.amazon.awssdk.services.codepipeline.model.PutJobSuccessResultResponse;

/**
 * CodePipeline in memory, as far as pipelines of {@code stacks/pipeline.yaml} use it: CloudFormation makes pipelines, pushes
 * start executions, stages run their actions in order, executions supersede each other. Sources: CodePipeline user guide, "How
 * executions are processed in SUPERSEDED mode", "Start a pipeline" and "Monitoring CodePipeline events".
 */
public final class SimulatedCodePipeline implements CodePipelineClient {
    /** What a push has come to: the execution that it started, or why it started none. */
    public sealed interface Pushed {
        record Started(String pipeline, String execution, SourcePush push) implements Pushed {}

        record Ignored(String pipeline, String reason) implements Pushed {}

        /** There is no pipeline of that name. */
        record NoPipeline(String pipeline) implements Pushed {}
    }

    private final SimulatedAws aws;
    private final CodePipelineEvents events;
    private final SourceRepositories sources;
    private final CodeBuildProjects builds;
    private final CodePipelineJobs jobs;
    private final Map<String, SimulatedPipeline> pipelines = new LinkedHashMap<>();
    private final Map<String, SimulatedExecution> executions = new LinkedHashMap<>();
    private Duration listedAfter = Duration.ZERO;
    private boolean listedWithInput = true;

    public SimulatedCodePipeline(
            SimulatedAws aws,
            CodePipelineEvents events,
            SourceRepositories sources,
            CodeBuildProjects builds,
            CodePipelineJobs jobs) {
        this.aws = aws;
        this.events = events;
        this.sources = sources;
        this.builds = builds;
        this.jobs = jobs;
    }

    /** "When a pipeline is created, a pipeline execution starts automatically." */
    void create(ObjectNode properties) {
        SimulatedPipeline pipeline = SimulatedPipeline.of(properties, 1);
        pipelines.put(pipeline.name(), pipeline);
        begin(pipeline, sources.head(pipeline), "CreatePipeline", "");
    }

    /** A change of structure cancels what is under way: "canceled because the pipeline structure was updated". */
    void update(String name, ObjectNode properties) {
        SimulatedPipeline before = pipelines.get(name);
        if (before == null || structure(before.properties()).equals(structure(properties))) {
            return;
        }
        for (SimulatedExecution execution : underWay(before)) {
            end(execution, "Cancelled", ActionRun.State.CANCELED, "CANCELED");
        }
        pipelines.put(name, SimulatedPipeline.of(properties, before.version() + 1));
    }

    private static ObjectNode structure(ObjectNode properties) {
        return properties.deepCopy().without("Tags");
    }

    void delete(String name) {
        SimulatedPipeline gone = pipelines.remove(name);
        if (gone != null) {
            underWay(gone).forEach(execution -> {
                execution.status = "Cancelled";
                execution.runs.values().forEach(run -> run.drop(ActionRun.State.CANCELED));
            });
        }
    }

    private List<SimulatedExecution> underWay(SimulatedPipeline pipeline) {
        return executions.values().stream()
                .filter(execution -> execution.pipeline == pipeline && !execution.isOver())
                .toList();
    }

    Optional<ObjectNode> find(String name) {
        return Optional.ofNullable(pipelines.get(name)).map(SimulatedPipeline::properties);
    }

    /** The ARN of the connection that a pipeline fetches its source by; empty when there is no such pipeline. */
    public Optional<String> connectionOf(String name) {
        synchronized (aws.clock()) {
            return Optional.ofNullable(pipelines.get(name))
                    .map(pipeline -> pipeline.source().configuration().getOrDefault("ConnectionArn", ""));
        }
    }

    /**
     * A push to the repository of a pipeline. While its connection is pending CodePipeline does not hear of pushes: the
     * provider's app, which tells it, is installed by the one who approves.
     */
    public Pushed push(String name, SourcePush push) {
        synchronized (aws.clock()) {
            SimulatedPipeline pipeline = pipelines.get(name);
            if (pipeline == null) {
                return new Pushed.NoPipeline(name);
            }
            sources.push(pipeline, push);
            Optional<SimulatedConnections.Connection> connection = sources.connection(pipeline);
            if (connection.isEmpty() || !connection.get().status().equals("AVAILABLE")) {
                return new Pushed.Ignored(
                        name, "Its connection is not available: CodePipeline does not hear of pushes before.");
            }
            String reason = PipelineTrigger.refuses(pipeline, push);
            return reason.isEmpty()
                    ? new Pushed.Started(name, begin(pipeline, push, "WebhookV2", ""), push)
                    : new Pushed.Ignored(name, reason);
        }
    }

    /** StartPipelineExecution of the newest commit, by somebody whose ARN this is. */
    public String start(String name, String by) {
        synchronized (aws.clock()) {
            SimulatedPipeline pipeline = pipeline(name);
            return begin(pipeline, sources.head(pipeline), "StartPipelineExecution", by);
        }
    }

    private String begin(SimulatedPipeline pipeline, SourcePush push, String trigger, String by) {
        SimulatedExecution execution = new SimulatedExecution(
                pipeline, aws.uuid(), push, trigger, by, aws.clock().instant());
        executions.put(execution.id, execution);
        events.pipeline(execution, "STARTED");
        enter(execution, 0);
        return execution.id;
    }

    /** Ids of a pipeline's executions, the oldest first. */
    public List<String> executions(String name) {
        synchronized (aws.clock()) {
            return executions.values().stream()
                    .filter(execution -> execution.pipeline.name().equals(name))
                    .map(execution -> execution.id)
                    .toList();
        }
    }

    /** InProgress, Succeeded, Failed, Stopped, Superseded or Cancelled. */
    public String status(String execution) {
        synchronized (aws.clock()) {
            return execution(execution).status;
        }
    }

    /** What its newest action has said of itself; null when it has not. */
    public @Nullable String said(String execution) {
        synchronized (aws.clock()) {
            ActionRun last = execution(execution).last;
            return last == null ? null : last.said;
        }
    }

    /** The name of the stage that it is in, or was last. */
    public String stage(String execution) {
        synchronized (aws.clock()) {
            return execution(execution).presentStage().name();
        }
    }

    /** StopPipelineExecution with abandon: no job of it takes an answer any more. */
    public void stop(String execution) {
        synchronized (aws.clock()) {
            SimulatedExecution found = execution(execution);
            events.pipeline(found, "STOPPING");
            end(found, "Stopped", ActionRun.State.ABANDONED, "STOPPED");
            leave(found);
        }
    }

    /** Only actions can be abandoned; stage and pipeline are stopped then. */
    private void end(SimulatedExecution execution, String status, ActionRun.State actions, String told) {
        execution.status = status;
        for (ActionRun run : execution.runs.values()) {
            if (!run.isOver()) {
                run.drop(actions);
                events.action(run);
            }
        }
        events.stage(execution, told);
        events.pipeline(execution, told);
    }

    /** RetryStageExecution of the failed stage: what has succeeded in it is not run again. */
    public void retry(String execution) {
        synchronized (aws.clock()) {
            SimulatedExecution found = execution(execution);
            if (pipelines.get(found.pipeline.name()) != found.pipeline || !found.status.equals("Failed")) {
                throw new IllegalStateException("the stage cannot be retried: " + found.status);
            }
            found.status = "InProgress";
            found.attempt++;
            found.retried = true;
            found.runs.values().removeIf(run -> run.state() != ActionRun.State.SUCCEEDED);
            events.pipeline(found, "RESUMED");
            enter(found, found.stage);
        }
    }

    /** How long after their beginning actions are listed from now on; AWS does not say that they are at once. */
    public void listsAfter(Duration delay) {
        synchronized (aws.clock()) {
            listedAfter = delay;
        }
    }

    /** Whether actions are listed with their input from now on; AWS does not say that they always are. */
    public void listsInput(boolean yes) {
        synchronized (aws.clock()) {
            listedWithInput = yes;
        }
    }

    /** Has the function be called with the present job once more, as events may come twice. */
    public void deliverAgain(String execution) {
        synchronized (aws.clock()) {
            List.copyOf(execution(execution).runs.values()).forEach(jobs::deliverAgain);
        }
    }

    private SimulatedExecution execution(String id) {
        SimulatedExecution found = executions.get(id);
        if (found == null) {
            throw new IllegalArgumentException("no execution " + id);
        }
        return found;
    }

    private void enter(SimulatedExecution execution, int number) {
        SimulatedPipeline pipeline = execution.pipeline;
        execution.stage = number;
        if (pipeline.running().containsKey(number)) {
            SimulatedExecution older = pipeline.waiting().put(number, execution);
            if (older != null) {
                older.status = "Superseded";
                events.pipeline(older, "SUPERSEDED");
            }
            return;
        }
        pipeline.running().put(number, execution);
        events.stage(execution, execution.retried ? "RESUMED" : "STARTED");
        execution.retried = false;
        runNext(execution);
    }

    /** Starts the actions that come next in the stage; those of one run order go side by side. */
    private void runNext(SimulatedExecution execution) {
        List<SimulatedAction> left = execution.presentStage().actions().stream()
                .filter(action -> !execution.runs.containsKey(action.name()))
                .toList();
        OptionalInt order = left.stream().mapToInt(SimulatedAction::runOrder).min();
        if (order.isEmpty()) {
            finish(execution, true);
            return;
        }
        left.stream().filter(action -> action.runOrder() == order.getAsInt()).forEach(action -> run(execution, action));
    }

    private void run(SimulatedExecution execution, SimulatedAction action) {
        StringBuilder missing = new StringBuilder();
        Map<String, String> configuration = PipelineVariables.resolve(execution, action, missing);
        ActionRun run = new ActionRun(execution, action, aws.uuid(), aws.clock().instant(), configuration, this::ended);
        execution.runs.put(action.name(), run);
        execution.history.add(run);
        execution.last = run;
        events.action(run);
        if (!missing.isEmpty()) {
            run.fail("ConfigurationError", "Failed to resolve the variable %s.".formatted(missing));
            return;
        }
        switch (action.kind()) {
            case SOURCE -> sources.start(run);
            case BUILD -> builds.start(run);
            case FUNCTION -> jobs.start(run);
        }
    }

    private void ended(ActionRun run) {
        events.action(run);
        List<ActionRun> runs = new ArrayList<>(run.execution.runs.values());
        if (runs.stream().allMatch(ActionRun::isOver)) {
            if (runs.stream().anyMatch(other -> other.state() == ActionRun.State.FAILED)) {
                finish(run.execution, false);
            } else {
                runNext(run.execution);
            }
        }
    }

    private void finish(SimulatedExecution execution, boolean well) {
        events.stage(execution, well ? "SUCCEEDED" : "FAILED");
        leave(execution);
        if (!well) {
            execution.status = "Failed";
            events.pipeline(execution, "FAILED");
        } else if (execution.stage + 1 < execution.pipeline.stages().size()) {
            execution.runs.clear();
            enter(execution, execution.stage + 1);
        } else {
            execution.status = "Succeeded";
            events.pipeline(execution, "SUCCEEDED");
        }
    }

    /** Its stage is free, for the one that waits. */
    private void leave(SimulatedExecution execution) {
        SimulatedPipeline pipeline = execution.pipeline;
        int number = execution.stage;
        if (pipeline.running().get(number) == execution) {
            pipeline.running().remove(number);
            SimulatedExecution next = pipeline.waiting().remove(number);
            if (next != null) {
                enter(next, number);
            }
        } else if (pipeline.waiting().get(number) == execution) {
            pipeline.waiting().remove(number);
        }
    }

    /** Every run of an action of one execution, the newest first, in one page. Source: API reference, ListActionExecutions. */
    @Override
    public ListActionExecutionsResponse listActionExecutions(ListActionExecutionsRequest request) {
        SimulatedExecution found =
                execution(request.pipelineName(), request.filter().pipelineExecutionId());
        return ListActionExecutionsResponse.builder()
                .actionExecutionDetails(found.history.reversed().stream()
                        .filter(run -> !aws.clock().instant().isBefore(run.started.plus(listedAfter)))
                        .map(ActionRun::detail)
                        .map(detail -> listedWithInput
                                ? detail
                                : detail.toBuilder()
                                        .input((ActionExecutionInput) null)
                                        .build())
                        .toList())
                .build();
    }

    /** Source: API reference, GetPipelineExecution and ExecutionTrigger: of what is started by hand the ARN is told of who did. */
    @Override
    public GetPipelineExecutionResponse getPipelineExecution(GetPipelineExecutionRequest request) {
        SimulatedExecution found = execution(request.pipelineName(), request.pipelineExecutionId());
        return GetPipelineExecutionResponse.builder()
                .pipelineExecution(told -> told.pipelineName(found.pipeline.name())
                        .pipelineExecutionId(found.id)
                        .pipelineVersion(found.pipeline.version())
                        .status(found.status)
                        .trigger(trigger -> trigger.triggerType(found.trigger)
                                .triggerDetail(found.startedBy.isEmpty() ? null : found.startedBy)))
                .build();
    }

    private SimulatedPipeline pipeline(String name) {
        SimulatedPipeline found = pipelines.get(name);
        if (found == null) {
            throw SimulatedErrors.fill(
                            PipelineNotFoundException.builder(),
                            "CodePipeline",
                            "PipelineNotFoundException",
                            "The account does not include a pipeline with the name '%s'".formatted(name))
                    .build();
        }
        return found;
    }

    private SimulatedExecution execution(String name, String id) {
        SimulatedExecution found = executions.get(id);
        if (found == null || !found.pipeline.name().equals(pipeline(name).name())) {
            throw SimulatedErrors.fill(
                            PipelineExecutionNotFoundException.builder(),
                            "CodePipeline",
                            "PipelineExecutionNotFoundException",
                            "The pipeline '%s' does not have an execution with the id '%s'".formatted(name, id))
                    .build();
        }
        return found;
    }

    @Override
    public PutJobSuccessResultResponse putJobSuccessResult(PutJobSuccessResultRequest request) {
        jobs.succeeded(request);
        return PutJobSuccessResultResponse.builder().build();
    }

    @Override
    public PutJobFailureResultResponse putJobFailureResult(PutJobFailureResultRequest request) {
        jobs.failed(request);
        return PutJobFailureResultResponse.builder().build();
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
