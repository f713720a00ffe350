package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.environment.AwsLocation;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.DeployJobs;
import dev.slipway.pipeline.DeployJobs.DeployJob;
import dev.slipway.pipeline.ImagePushes.PushRecord;
import dev.slipway.pipeline.PipelineEvent;
import dev.slipway.pipeline.PipelineExecutions;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.validation.SpecReader;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A pipeline: from a push to a service's environments. */
@Path("/v1/pipelines/{pipeline}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class PipelineResource extends TargetResource<PipelineId, PipelineSpec, PipelineRecord> {
    private final PipelineModule pipelines;
    private final Pipelines declared;
    private final SpecReader specs;
    private final AwsLocation awsLocation;
    private final InstantSource clock;

    PipelineResource(
            PipelineModule pipelines,
            SpecReader specs,
            AwsLocation awsLocation,
            InstantSource clock,
            Queries queries,
            RequestContext context) {
        super(pipelines.pipelines(), queries, context);
        this.pipelines = pipelines;
        this.declared = pipelines.pipelines();
        this.specs = specs;
        this.awsLocation = awsLocation;
        this.clock = clock;
    }

    @GET
    public Response get() {
        PipelineId id = target();
        PipelineRecord record = declared.find(id).orElse(null);
        PipelineView status = PipelineView.of(id, record, latest(id), pipelines, awsLocation.region(), clock.instant());
        if (record == null
                && status.executions().isEmpty()
                && status.deployments().isEmpty()) {
            throw declared.missing(id);
        }
        return record == null ? Response.ok(status).build() : answer(status, record.revision());
    }

    @DELETE
    public Response delete() {
        return context.accepted(declared.delete(
                target(),
                new Deletion(context.expectedRevision(), Set.of(), context.queryValue("confirm")),
                context.request(null)));
    }

    @Override
    PipelineId target() {
        return context.pipeline();
    }

    @Override
    SpecReader.Result<PipelineSpec> read(byte[] document) {
        return specs.pipeline(document, context.contentType());
    }

    /**
     * A pipeline as the API shows it: what was declared, and what its events and jobs have told.
     *
     * @param declared the spec that was accepted last and not refused since, with every default; absent when its stack was made by hand
     * @param state how it stands: IN_PROGRESS passes by itself, the others stay until something is asked for; absent
     *     when its stack was made by hand
     * @param operation what is under way
     * @param last what was done last and how it ended
     * @param connection to the repository; absent where nothing is built
     * @param executions the newest first, at most ten
     * @param deployments what each deploy action did last, one for each environment
     * @param pushes what was pushed last to each environment's registry, where a tag pattern is declared
     * @param console pages of the AWS console
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record PipelineView(
            String name,
            String self,
            @Nullable Long revision,
            @Nullable PipelineSpec declared,
            @Nullable Boolean deleting,
            @Nullable TargetState state,
            OperationView.@Nullable Summary operation,
            OperationView.@Nullable Summary last,
            @Nullable Connection connection,
            List<Execution> executions,
            List<Deployment> deployments,
            List<ImagePush> pushes,
            @Nullable Instant createdAt,
            @Nullable Instant updatedAt,
            Map<String, String> console) {
        /**
         * The connection to the repository's provider.
         *
         * @param status PENDING until a person has approved it, AVAILABLE, ERROR, or UNKNOWN when AWS does
         *     not say; absent when there is none any more
         * @param approve where that person has to go; absent when it works
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record Connection(
                String arn,
                @Nullable String status,
                @Nullable String approve) {}

        /**
         * One run of it.
         *
         * @param state as CodePipeline spells it; absent until an event has told
         * @param author of the commit, by the name at the repository's provider
         * @param current the stage or action that is under way
         * @param seconds how long it took, or takes already
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record Execution(
                String id,
                PipelineEvent.@Nullable State state,
                @Nullable String commit,
                @Nullable String message,
                @Nullable String author,
                Instant startedAt,
                long seconds,
                @Nullable String current,
                List<Stage> stages) {
            /** @param log tells the last lines of a step's log */
            static Execution of(PipelineExecutions.Execution execution, Logs log, Instant now) {
                return new Execution(
                        execution.id(),
                        execution.state(),
                        execution.commit(),
                        execution.message(),
                        execution.author(),
                        execution.firstSeen(),
                        execution.duration(now).toSeconds(),
                        execution
                                .current()
                                .map(PipelineExecutions.StageState::name)
                                .orElse(null),
                        execution.stages().stream()
                                .map(step -> Stage.of(step, log, now))
                                .toList());
            }
        }

        /** Tells the last lines of a step's log. */
        private interface Logs {
            List<String> of(PipelineExecutions.StageState step);
        }

        /**
         * A stage, or an action in it, such as {@code Build/Copy}.
         *
         * @param seconds how long it took, or takes already
         * @param summary what the action has said of itself
         * @param log the last lines of a build that failed, in the newest execution
         */
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        record Stage(
                String name,
                PipelineEvent.State state,
                Instant startedAt,
                long seconds,
                @Nullable String summary,
                @Nullable String url,
                List<String> log) {
            static Stage of(PipelineExecutions.StageState step, Logs log, Instant now) {
                PipelineEvent.Result result = step.result();
                return new Stage(
                        step.name(),
                        step.state(),
                        step.startedOrChangedAt(),
                        step.duration(now).toSeconds(),
                        result == null ? null : said(result),
                        result == null ? null : result.url(),
                        step.state() == PipelineEvent.State.FAILED ? log.of(step) : List.of());
            }
        }

        /** A source's is a JSON document with the commit's message, which the execution shows. */
        private static @Nullable String said(PipelineEvent.Result result) {
            String summary = result.summary();
            return summary != null && summary.startsWith("{") ? null : summary;
        }

        /**
         * A deploy action.
         *
         * @param rollout its path; absent when none was started
         * @param reported whether CodePipeline has been told how it ended
         * @param waitsFor what the rollout waits for
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record Deployment(
                String environment,
                String execution,
                @Nullable String rollout,
                boolean reported,
                Instant startedAt,
                @Nullable String waitsFor) {
            static Deployment of(DeployJob run, PipelineModule pipelines) {
                return new Deployment(
                        run.service().environment(),
                        run.execution(),
                        path(run.service(), run.rollout()),
                        run.isDone(),
                        run.startedAt(),
                        pipelines.waitsFor(run).orElse(null));
            }
        }

        /**
         * An image that somebody else has built and pushed.
         *
         * @param rollout path of the one that it started
         * @param problem why it started none, or none yet
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record ImagePush(
                String environment,
                String tag,
                String digest,
                Instant pushedAt,
                @Nullable String rollout,
                @Nullable String problem) {
            static ImagePush of(ServiceId service, PushRecord.Push push) {
                return new ImagePush(
                        service.environment(),
                        push.tag(),
                        push.digest(),
                        push.pushedAt(),
                        path(service, push.rollout()),
                        push.problem());
            }
        }

        /**
         * What the view of a service shows of its pipeline.
         *
         * @param execution the newest
         * @param deployment what the deploy action of the service's environment did last
         * @param pushed what was pushed last to the service's registry, where a tag pattern is declared
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record ServiceSummary(
                String self,
                @Nullable Execution execution,
                @Nullable Deployment deployment,
                @Nullable ImagePush pushed) {
            /** Null when the service has no pipeline that deploys to its environment. */
            static @Nullable ServiceSummary of(ServiceId service, PipelineModule pipelines, Instant now) {
                PipelineId id = new PipelineId(service.service());
                if (!pipelines.deploysTo(service)) {
                    return null;
                }
                Execution execution = pipelines
                        .newestExecution(service)
                        .map(found -> Execution.of(found, step -> pipelines.log(id, step), now))
                        .orElse(null);
                Deployment deployment = pipelines
                        .deployJob(service)
                        .map(run -> Deployment.of(run, pipelines))
                        .orElse(null);
                ImagePush pushed = pipelines
                        .lastPush(service)
                        .map(push -> ImagePush.of(service, push))
                        .orElse(null);
                return execution == null && deployment == null && pushed == null
                        ? null
                        : new ServiceSummary(id.path(), execution, deployment, pushed);
            }
        }

        /** @param record null when its stack was made by hand */
        static PipelineView of(
                PipelineId id,
                @Nullable PipelineRecord record,
                OperationView.Latest latest,
                PipelineModule pipelines,
                String region,
                Instant now) {
            Map<String, String> console = new TreeMap<>();
            if (record == null || record.declared().repository() != null) {
                console.put("stack", ConsoleLinks.stack(region, id.stackName()));
                console.put("pipeline", ConsoleLinks.pipeline(region, id.stackName()));
                console.put("logs", ConsoleLinks.logGroup(region, id.logGroup()));
            }
            return new PipelineView(
                    id.service(),
                    id.path(),
                    record == null ? null : record.revision(),
                    record == null ? null : record.declared(),
                    record != null && record.deleting() ? true : null,
                    latest.state(),
                    latest.running(),
                    latest.ended(),
                    record == null ? null : connection(record, pipelines),
                    executions(id, pipelines, now),
                    pipelines.deployJobs(id).stream()
                            .map(DeployJobs::jobs)
                            .filter(runs -> !runs.isEmpty())
                            .map(runs -> Deployment.of(runs.getFirst(), pipelines))
                            .toList(),
                    record == null ? List.of() : pushes(record, pipelines),
                    record == null ? null : record.createdAt(),
                    record == null ? null : record.updatedAt(),
                    console);
        }

        /** Of the newest execution with what its failed builds said last; older ones have their page in the console. */
        private static List<Execution> executions(PipelineId id, PipelineModule pipelines, Instant now) {
            List<Execution> executions = new ArrayList<>();
            for (PipelineExecutions.Execution execution :
                    pipelines.executions(id).executions()) {
                Logs logs = executions.isEmpty() ? step -> pipelines.log(id, step) : _ -> List.of();
                executions.add(Execution.of(execution, logs, now));
            }
            return executions;
        }

        private static @Nullable Connection connection(PipelineRecord record, PipelineModule pipelines) {
            String arn = record.outputs().get("ConnectionArn");
            if (arn == null) {
                return null;
            }
            String status = pipelines.connectionStatus(record).orElse(null);
            return new Connection(
                    arn, status, "PENDING".equals(status) ? record.outputs().get("ConnectionUrl") : null);
        }

        private static List<ImagePush> pushes(PipelineRecord record, PipelineModule pipelines) {
            return record.declared().environments().stream()
                    .map(environment -> record.id().serviceIn(environment))
                    .flatMap(service -> pipelines.lastPush(service).map(push -> ImagePush.of(service, push)).stream())
                    .toList();
        }

        private static @Nullable String path(ServiceId service, @Nullable String rollout) {
            return rollout == null ? null : service.path() + "/rollouts/" + rollout;
        }
    }
}
