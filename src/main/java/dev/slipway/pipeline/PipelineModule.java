package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.allowlist.AllowedConnections;
import dev.slipway.aws.AwsErrors;
import dev.slipway.aws.AwsLookups;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.Environments;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.WorkQueue;
import dev.slipway.operation.Worker.MessageHandler;
import dev.slipway.operation.Workflow;
import dev.slipway.pipeline.DeployJobs.DeployJob;
import dev.slipway.pipeline.ImagePushes.PushRecord;
import dev.slipway.pipeline.PipelineWorkflow.PipelineStack;
import dev.slipway.plan.Declarations;
import dev.slipway.release.Images;
import dev.slipway.service.Rollouts;
import dev.slipway.service.Services;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionFilter;
import software.amazon.awssdk.services.codepipeline.model.ListActionExecutionsRequest;
import software.amazon.awssdk.services.codepipeline.model.PipelineExecutionNotFoundException;
import software.amazon.awssdk.services.codepipeline.model.PipelineNotFoundException;

/** Pipelines, as the function, the worker and the API have them. */
public final class PipelineModule implements MessageHandler {
    /** Of an execution: stages and actions of {@code stacks/pipeline.yaml}, and retries. */
    private static final int MAX_ACTIONS = 100;

    /** Source: CodePipeline user guide, "Variables": output variables of CodeStarSourceConnection. */
    private static final String AUTHOR = "AuthorDisplayName";

    private static final Logger LOG = Logger.getLogger(PipelineModule.class);

    private final Store store;
    private final WorkQueue queue;
    private final Grants grants;
    private final Pipelines pipelines;
    private final PipelineJobs jobs;
    private final RolloutProgressReader progressReader;
    private final ImagePushes imagePushes;
    private final CodePipelineClient codePipeline;
    private final BuildLogs logs;
    private final Connections connections;
    private final PipelineWorkflow workflow;

    /**
     * What the deployment says.
     *
     * @param boundaryArn of the permission boundary of every role that the stacks make
     * @param deployFunction name of the function that deploy actions call
     * @param apiUrl where the API is, for links in what CodePipeline shows
     * @param connections that specs may name
     */
    public record Settings(
            AwsLocation awsLocation,
            String boundaryArn,
            String deployFunction,
            String apiUrl,
            AllowedConnections connections) {}

    /** What pipelines use of the other packages. */
    public record Dependencies(
            Declarations.Base declarations,
            WorkQueue queue,
            Environments environments,
            Services services,
            Rollouts rollouts,
            Images images,
            StackReconciler stacks,
            AwsLookups lookups,
            Grants grants) {}

    public PipelineModule(Settings settings, Dependencies dependencies, Clients clients) {
        Declarations.Base base = dependencies.declarations();
        this.store = base.store();
        this.queue = dependencies.queue();
        this.connections = new Connections(dependencies.lookups());
        this.grants = dependencies.grants();
        this.pipelines = new Pipelines(
                base,
                dependencies.environments(),
                dependencies.services(),
                grants,
                settings.awsLocation(),
                settings.connections());
        this.progressReader = new RolloutProgressReader(store, grants);
        this.jobs = new PipelineJobs(
                store,
                queue,
                dependencies.services(),
                dependencies.rollouts(),
                progressReader,
                clients.codePipeline(),
                dependencies.lookups(),
                base.clock(),
                settings.apiUrl());
        this.imagePushes =
                new ImagePushes(store, queue, grants, dependencies.rollouts(), dependencies.images(), base.clock());
        this.codePipeline = clients.codePipeline();
        this.logs = new BuildLogs(clients.logs());
        this.workflow = new PipelineWorkflow(
                store,
                dependencies.stacks(),
                new PipelineStack(settings.boundaryArn(), settings.deployFunction()),
                dependencies.services(),
                connections,
                base.ids(),
                base.json());
    }

    /** What callers want of them. */
    public Pipelines pipelines() {
        return pipelines;
    }

    /** What their operations do. */
    public Workflow workflow() {
        return workflow;
    }

    /** What was pushed last to a service's registry by somebody who builds elsewhere. */
    public Optional<PushRecord.Push> lastPush(ServiceId service) {
        return imagePushes.last(service);
    }

    /** The last lines of a step's log; none when it was no build. One call to AWS. */
    public List<String> log(PipelineId pipeline, PipelineExecutions.StageState step) {
        PipelineEvent.Result result = step.result();
        return result == null
                ? List.of()
                : result.logStream(pipeline)
                        .map(stream -> logs.tail(pipeline, stream))
                        .orElse(List.of());
    }

    /**
     * Whether the connection of a pipeline's stack works; empty when it has none, UNKNOWN when AWS does not say. One call to
     * AWS.
     */
    public Optional<String> connectionStatus(PipelineRecord record) {
        String arn = record.outputs().get("ConnectionArn");
        return arn == null ? Optional.empty() : connections.status(arn);
    }

    /** What the deploy action of an environment does or did last. */
    public Optional<DeployJob> deployJob(ServiceId service) {
        return store.get(DeployJobs.key(service))
                .flatMap(found -> found.value().jobs().stream().findFirst());
    }

    public Grants grants() {
        return grants;
    }

    public PipelineJobs jobs() {
        return jobs;
    }

    /** How a pipeline stands by its events; without executions when none have come. */
    public PipelineExecutions executions(PipelineId pipeline) {
        return progressReader.executions(pipeline);
    }

    /** Whether the pipeline of a service has a stage of its environment; one that is gone, whether it had. */
    public boolean deploysTo(ServiceId service) {
        return pipelines
                .find(new PipelineId(service.service()))
                .map(found -> found.declared().environments().contains(service.environment()))
                .orElseGet(() -> deployJob(service).isPresent());
    }

    /** The newest execution of a service's pipeline, without what it did in other environments. */
    public Optional<PipelineExecutions.Execution> newestExecution(ServiceId service) {
        return executions(new PipelineId(service.service())).executions().stream()
                .findFirst()
                .map(found -> found.onlyIn(service.environment()));
    }

    /** What its deploy actions do, one for each environment that it has deployed to. */
    public List<DeployJobs> deployJobs(PipelineId pipeline) {
        return store.stream(DeployJobs.PARTITION, DeployJobs.prefix(pipeline.service()), DeployJobs.ITEM_TYPE, false)
                .map(Stored::value)
                .toList();
    }

    /** What a deploy action waits for, in a sentence; empty while it waits for nothing in particular. */
    public Optional<String> waitsFor(DeployJob job) {
        String rollout = job.rollout();
        return rollout == null || job.isDone()
                ? Optional.empty()
                : progressReader
                        .progress(job.service(), rollout)
                        .filter(PipelinePolicy.RolloutProgress.Running.class::isInstance)
                        .map(running -> ((PipelinePolicy.RolloutProgress.Running) running).waitsFor());
    }

    @Override
    public boolean handle(JsonNode message) {
        if (message.has("pipeline")) {
            jobs.reconcile(ServiceId.of(message.path("pipeline").asText()));
            return true;
        }
        if (imagePushes.handle(message)) {
            return true;
        }
        Optional<PipelineEvent> event = PipelineEvent.parse(message);
        event.ifPresent(this::onEvent);
        return event.isPresent();
    }

    private void onEvent(PipelineEvent event) {
        PipelineExecutions seen = updateExecutions(event.pipeline(), view -> view.withEvent(event));
        boolean stops = event.state() == PipelineEvent.State.STOPPING || event.state() == PipelineEvent.State.STOPPED;
        if (event.stage() == null && stops) {
            deployJobs(event.pipeline())
                    .forEach(runs -> jobs.onExecutionStopped(runs.service(), event.execution(), event.at()));
        }
        if (seen.needsAuthor(event)) { // after what the event tells, which must not wait for the answer
            author(event)
                    .ifPresent(author ->
                            updateExecutions(event.pipeline(), view -> view.withAuthor(event.execution(), author)));
        }
    }

    /** A conflict goes back to the queue: the event is delivered again. */
    private PipelineExecutions updateExecutions(PipelineId pipeline, UnaryOperator<PipelineExecutions> change) {
        Optional<Stored<PipelineExecutions>> found = store.get(PipelineExecutions.key(pipeline));
        PipelineExecutions before = found.map(Stored::value).orElse(PipelineExecutions.empty(pipeline));
        PipelineExecutions after = change.apply(before);
        if (!after.equals(before)) {
            store.write(found.<Write>map(stored -> new Write.Update<>(stored, after))
                    .orElseGet(() -> new Write.Create<>(PipelineExecutions.key(pipeline), after)));
        }
        return after;
    }

    /**
     * Who wrote the commit, by their name at the repository's provider; empty when that is not told. One call. Not allowed to
     * know is no reason to know nothing: whoever deploys an older role has everything but the name.
     */
    private Optional<String> author(PipelineEvent event) {
        try {
            return codePipeline
                    .listActionExecutions(ListActionExecutionsRequest.builder()
                            .pipelineName(event.pipeline().stackName())
                            .filter(ActionExecutionFilter.builder()
                                    .pipelineExecutionId(event.execution())
                                    .build())
                            .maxResults(MAX_ACTIONS)
                            .build())
                    .actionExecutionDetails()
                    .stream()
                    .filter(action -> action.output() != null)
                    .map(action -> action.output().outputVariables().get(AUTHOR))
                    .filter(author -> author != null && !author.isBlank())
                    .findFirst();
        } catch (PipelineNotFoundException | PipelineExecutionNotFoundException e) {
            return Optional.empty();
        } catch (SdkException e) {
            if (AwsErrors.denied(e).isEmpty()) {
                throw e;
            }
            LOG.warnf("pipeline=%s author is not known: %s", event.pipeline().service(), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void onReconciled(Target target) {
        if (target instanceof ServiceId service) {
            jobs.reconcile(service);
        }
    }

    /** Has every service with something open looked at: the message about it may have been lost. */
    @Override
    public void resync() {
        imagePushes.resync();
        store.stream(DeployJobs.PARTITION, "", DeployJobs.ITEM_TYPE, false)
                .map(Stored::value)
                .filter(found -> !found.openJobs().isEmpty())
                .forEach(found -> queue.send(PipelineJobs.message(found.service()), Duration.ZERO));
    }

    /** What builds have said last. Read when somebody asks; it is not copied into the table. */
    static final class BuildLogs {
        private static final Logger LOG = Logger.getLogger(BuildLogs.class);
        private static final int LINES = 20;
        private static final int MAX_LINE_LENGTH = 500;

        private final CloudWatchLogsClient logs;

        BuildLogs(CloudWatchLogsClient logs) {
            this.logs = logs;
        }

        /**
         * The last lines of a build's log; none when it has none, or no longer. Why it cannot be read stands in its place: whoever
         * looks at a pipeline or a service wants the rest all the same.
         */
        List<String> tail(PipelineId pipeline, String stream) {
            try {
                return logs
                        .getLogEvents(GetLogEventsRequest.builder()
                                .logGroupName(pipeline.logGroup())
                                .logStreamName(stream)
                                .startFromHead(false)
                                .limit(LINES)
                                .build())
                        .events()
                        .stream()
                        .map(OutputLogEvent::message)
                        .map(String::stripTrailing)
                        .map(line -> JobResults.cut(line, MAX_LINE_LENGTH))
                        .toList();
            } catch (ResourceNotFoundException e) {
                return List.of();
            } catch (SdkException e) {
                LOG.warnf("pipeline=%s log stream=%s cannot be read: %s", pipeline.service(), stream, e.getMessage());
                return List.of(
                        "Slipway could not read this log, %s in %s: %s".formatted(stream, pipeline.logGroup(), why(e)));
            }
        }

        private static String why(SdkException error) {
            String code = error instanceof AwsServiceException service ? AwsErrors.code(service) : "";
            return code.isEmpty() ? "AWS gave no answer." : code + ".";
        }
    }

    /**
     * Whether connections to repositories work. It is an aside of what is asked for, so that AWS will not tell must not be the end
     * of that.
     */
    static final class Connections {
        /** A person has to approve it once. */
        static final String PENDING = "PENDING";
        /** AWS did not say. */
        static final String UNKNOWN = "UNKNOWN";

        private static final Logger LOG = Logger.getLogger(Connections.class);

        private final AwsLookups lookups;

        Connections(AwsLookups lookups) {
            this.lookups = lookups;
        }

        /** For somebody who looks: {@link #UNKNOWN} when AWS does not say, empty when there is none. One call to AWS. */
        Optional<String> status(String arn) {
            try {
                return lookups.connectionStatus(arn);
            } catch (SdkException e) {
                LOG.warnf("connection=%s status is not known: %s", arn, e.getMessage());
                return Optional.of(UNKNOWN);
            }
        }

        /**
         * For an operation: whether it waits for a person. Not when we may not know, as of a connection in another account or
         * region; what passes by itself is thrown, and the operation looks again. One call to AWS.
         */
        boolean isPending(String arn) {
            try {
                return lookups.connectionStatus(arn).filter(PENDING::equals).isPresent();
            } catch (SdkException e) {
                if (AwsErrors.denied(e).isEmpty()) {
                    throw e;
                }
                LOG.warnf("connection=%s status is not known: %s", arn, e.getMessage());
                return false;
            }
        }
    }

    /** The AWS clients that pipelines need. */
    public record Clients(CodePipelineClient codePipeline, CloudWatchLogsClient logs) {}
}
