package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.alarm.AlarmState;
import dev.slipway.alarm.AlarmStates;
import dev.slipway.api.PipelineResource.PipelineView;
import dev.slipway.api.RolloutResource.ReleaseView;
import dev.slipway.cost.CostReport;
import dev.slipway.dora.DeliveryMetrics;
import dev.slipway.dora.DeliveryQueries;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.EnvironmentSpec.ServiceDefaults;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.release.Release;
import dev.slipway.scaling.ScalingSettings.Limits;
import dev.slipway.scaling.ScalingState;
import dev.slipway.service.CostReports;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.service.Services;
import dev.slipway.status.ServiceStatus;
import dev.slipway.status.Statuses;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A service: containers with a name in an environment. */
@Path("/v1/environments/{environment}/services/{service}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class ServiceResource extends TargetResource<ServiceId, ServiceSpec, ServiceRecord> {
    private final Services services;
    private final ServiceQueries live;
    private final CostReports costs;
    private final Environments environments;
    private final AlarmStates alarms;
    private final Statuses statuses;
    private final DeliveryQueries delivery;
    private final PipelineModule pipelines;
    private final SpecReader specs;
    private final InstantSource clock;

    ServiceResource(
            Services services,
            ServiceQueries serviceQueries,
            CostReports costs,
            Environments environments,
            AlarmStates alarms,
            Statuses statuses,
            DeliveryQueries delivery,
            PipelineModule pipelines,
            SpecReader specs,
            InstantSource clock,
            Queries queries,
            RequestContext context) {
        super(services, queries, context);
        this.services = services;
        this.live = serviceQueries;
        this.costs = costs;
        this.environments = environments;
        this.alarms = alarms;
        this.statuses = statuses;
        this.delivery = delivery;
        this.pipelines = pipelines;
        this.specs = specs;
        this.clock = clock;
    }

    @GET
    public Response get() {
        ServiceId id = target();
        ServiceRecord record = services.get(id);
        Optional<ServiceQueries.Live> running = live.live(record);
        EnvironmentRecord environment = environments.get(id.environmentId());
        ServiceView view = ServiceView.of(
                record,
                environment,
                running.orElse(null),
                live.drift(record, running).orElse(null),
                services.outdated(record, environment).orElse(null),
                record.declared().alarms().enabled() ? alarms.of(id) : null,
                latest(id),
                PipelineView.ServiceSummary.of(id, pipelines, clock.instant()));
        return answer(view, record.revision());
    }

    @GET
    @Path("status")
    public ServiceStatus status() {
        return statuses.of(target());
    }

    /** The spec with which what differs stays, where a field stands for it; to be looked at and sent by PUT. */
    @GET
    @Path("drift/spec")
    public JsonNode specWithDrift() {
        return drifts().adoptedSpec(target());
    }

    @GET
    @Path("dora")
    public DeliveryMetrics dora() {
        return delivery.of(target(), context.days());
    }

    @GET
    @Path("cost")
    public CostReport cost() {
        return costs.service(target());
    }

    @DELETE
    public Response delete() {
        return context.accepted(services.delete(
                target(),
                new Deletion(context.expectedRevision(), context.queryValues("keep"), context.queryValue("confirm")),
                context.request(null)));
    }

    @Override
    ServiceId target() {
        return context.service();
    }

    @Override
    SpecReader.Result<ServiceSpec> read(byte[] document) {
        EnvironmentId environment = target().environmentId();
        ServiceDefaults defaults = environments
                .find(environment)
                .map(found -> found.declared().services())
                .orElse(ServiceDefaults.NONE);
        return specs.service(
                document,
                context.contentType(),
                new SpecReader.Place(
                        environment.key(),
                        defaults,
                        name -> environments.find(new EnvironmentId(name)).isPresent()));
    }

    /**
     * A service as the API shows it.
     *
     * @param declared the spec that was accepted last and not refused since, with every default
     * @param live what most production requests reach; absent until a release has some for the first time
     * @param drift why declared and live differ; absent when they do not
     * @param alarms what CloudWatch says of it; absent when nothing watches it
     * @param outdated what of the environment it does not have yet, and how it gets it, in a sentence; absent when it has all
     * @param state how it stands: IN_PROGRESS passes by itself, the others stay until something is asked for
     * @param operation what is under way
     * @param last what was done last and how it ended
     * @param pipeline what its pipeline does in this environment; absent when it has none that deploys here
     * @param urls where requests reach it; a path that ends in a wildcard without it
     * @param registry where its images are pushed
     * @param console pages of the AWS console
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record ServiceView(
            String name,
            String environment,
            String self,
            long revision,
            ServiceSpec declared,
            @Nullable LiveView live,
            @Nullable String drift,
            @Nullable AlarmState alarms,
            @Nullable String outdated,
            @Nullable TargetState state,
            OperationView.@Nullable Summary operation,
            OperationView.@Nullable Summary last,
            PipelineView.@Nullable ServiceSummary pipeline,
            List<String> urls,
            @Nullable String registry,
            @Nullable String logGroup,
            Instant createdAt,
            Instant updatedAt,
            Map<String, String> console) {
        /**
         * What is live: during a rollout that which most production requests still, or already, reach.
         *
         * @param release null when the task definition is none of this service's releases
         * @param trafficPercent share of the production requests by target group, 0 to 100
         * @param traffic the same by release; who gets none is not there. During a rolling update by the tasks that
         *     the load balancer sends requests to
         * @param scaling how many tasks there may be and what changed their number; absent when the service does not scale
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record LiveView(
                @Nullable ReleaseView release,
                String taskDefinition,
                Tasks tasks,
                Map<String, Integer> trafficPercent,
                List<TrafficShare> traffic,
                @Nullable Scaling scaling) {
            static LiveView of(ServiceQueries.Live serviceQueries) {
                int all = Math.max(1, serviceQueries.weightA() + serviceQueries.weightB());
                int a = Math.round(100f * serviceQueries.weightA() / all);
                Release release = serviceQueries.release();
                return new LiveView(
                        release == null ? null : ReleaseView.of(release),
                        serviceQueries.taskDefinition(),
                        new Tasks(serviceQueries.desired(), serviceQueries.running(), serviceQueries.pending()),
                        new TreeMap<>(Map.of(
                                "a", a, "b", serviceQueries.weightA() + serviceQueries.weightB() == 0 ? 0 : 100 - a)),
                        serviceQueries.traffic().stream()
                                .map(share ->
                                        new TrafficShare(share.release(), Math.round(share.percent() * 10) / 10.0))
                                .toList(),
                        Scaling.of(serviceQueries.scaling()));
            }
        }

        /**
         * A release's share of the production requests.
         *
         * @param release absent when it is none of this service's
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record TrafficShare(@Nullable Integer release, double percent) {}

        /**
         * How a service that scales stands.
         *
         * @param min fewest tasks now, as schedules say; absent, as {@code max}, when AWS did not tell
         * @param atLimit which limit its number of tasks has reached; absent when none
         * @param summary the same and the last changes, in sentences
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record Scaling(
                @Nullable Integer min, @Nullable Integer max, ScalingState.@Nullable Bound atLimit, String summary) {
            static @Nullable Scaling of(@Nullable ScalingState state) {
                if (state == null) {
                    return null;
                }
                Limits limits = state.limits();
                return new Scaling(
                        limits == null ? null : limits.min(),
                        limits == null ? null : limits.max(),
                        state.atLimit(),
                        state.summary());
            }
        }

        /** How many tasks ECS wants to run, runs and starts. */
        record Tasks(int desired, int running, int pending) {}

        /**
         * A service in a listing: without what AWS would have to be asked for.
         *
         * @param release that had most of the production requests when the worker looked last
         */
        @JsonInclude(JsonInclude.Include.NON_NULL)
        record Summary(
                String name,
                String self,
                long revision,
                @Nullable Integer release,
                Instant createdAt,
                Instant updatedAt) {
            static Summary of(ServiceRecord record, @Nullable Integer release) {
                return new Summary(
                        record.id().service(),
                        record.id().path(),
                        record.revision(),
                        release,
                        record.createdAt(),
                        record.updatedAt());
            }
        }

        static ServiceView of(
                ServiceRecord record,
                EnvironmentRecord environment,
                ServiceQueries.@Nullable Live serviceQueries,
                @Nullable String difference,
                @Nullable String outdated,
                @Nullable AlarmState alarms,
                OperationView.Latest latest,
                PipelineView.@Nullable ServiceSummary pipeline) {
            ServiceId id = record.id();
            String region = environment.declared().region();
            String cluster = id.environmentId().cluster();
            return new ServiceView(
                    id.service(),
                    id.environment(),
                    id.path(),
                    record.revision(),
                    record.declared(),
                    serviceQueries == null ? null : LiveView.of(serviceQueries),
                    difference,
                    alarms,
                    outdated,
                    latest.state(),
                    latest.running(),
                    latest.ended(),
                    pipeline,
                    urls(record.declared().routing(), environment.outputs().get("Address")),
                    record.outputs().get("RepositoryUri"),
                    record.outputs().get("LogGroup"),
                    record.createdAt(),
                    record.updatedAt(),
                    Map.of(
                            "stack", ConsoleLinks.stack(region, id.stackName()),
                            "cluster", ConsoleLinks.cluster(region, cluster),
                            "service", ConsoleLinks.service(region, cluster, id.service()),
                            "logs", ConsoleLinks.logGroup(region, id.logGroup())));
        }

        private static List<String> urls(ServiceSpec.Routing routing, @Nullable String address) {
            if (address == null) {
                return List.of();
            }
            String scheme = address.substring(0, address.indexOf("://") + 3);
            List<String> roots = routing.hosts().isEmpty()
                    ? List.of(address)
                    : routing.hosts().stream().map(host -> scheme + host).toList();
            return roots.stream()
                    .flatMap(root -> routing.paths().stream()
                            .map(path -> root + (path.endsWith("*") ? path.substring(0, path.length() - 1) : path)))
                    .toList();
        }
    }
}
