package dev.slipway.api;

import dev.slipway.app.ControlPlane;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Accepted;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.validation.SpecReader;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Services: containers with a name in an environment. */
@Path("/v1/environments/{environment}/services")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class ServiceResource {
    private static final Set<String> KEEP = new TreeSet<>(Set.of("registry", "logs"));

    private final ControlPlane plane;
    private final ServiceQueries queries;
    private final SpecReader specs;
    private final TargetResource targets;
    private final RequestContext context;

    ServiceResource(
            ControlPlane plane, ServiceQueries queries, SpecReader specs, TargetResource targets, RequestContext call) {
        this.plane = plane;
        this.queries = queries;
        this.specs = specs;
        this.targets = targets;
        this.context = call;
    }

    @GET
    public Paging.Items<ServiceView.Summary> list(
            @PathParam("environment") String environment,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        EnvironmentId id = PathParameters.environment(environment);
        int most = Paging.limit(limit);
        return Paging.items(from -> plane.services().list(id, most, from), next, ServiceView.Summary::of);
    }

    @PUT
    @Path("{service}")
    public Response apply(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            byte @Nullable [] body) {
        ServiceId id = PathParameters.service(environment, service);
        SpecReader.Result<ServiceSpec> read = read(body);
        Accepted accepted = plane.services()
                .apply(
                        id,
                        read.spec(),
                        context.expectedRevision(),
                        context.queryValues("allow", null),
                        context.freezeOverride(),
                        context.request(body));
        return context.accepted(warned(accepted, read));
    }

    @GET
    @Path("{service}")
    public Response get(@PathParam("environment") String environment, @PathParam("service") String service) {
        ServiceId id = PathParameters.service(environment, service);
        ServiceRecord record = plane.services().get(id);
        Optional<ServiceQueries.Live> live = queries.live(record);
        ServiceView view = ServiceView.of(
                record,
                plane.environments().get(id.environmentId()),
                live.orElse(null),
                queries.drift(record, live).orElse(null),
                LatestOperations.of(plane.operations(), id),
                PipelineView.ServiceSummary.of(
                        id, plane.pipelines(), plane.clock().instant()));
        return Response.ok(view)
                .tag(new EntityTag(Long.toString(record.revision())))
                .build();
    }

    @DELETE
    @Path("{service}")
    public Response delete(@PathParam("environment") String environment, @PathParam("service") String service) {
        ServiceId id = PathParameters.service(environment, service);
        return context.accepted(plane.services()
                .delete(id, context.expectedRevision(), context.queryValues("keep", KEEP), context.request(null)));
    }

    @POST
    @Path("{service}/plans")
    public Response plan(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            byte @Nullable [] body) {
        ServiceId id = PathParameters.service(environment, service);
        SpecReader.Result<ServiceSpec> read = read(body);
        return context.accepted(warned(plane.services().plan(id, read.spec(), context.request(body)), read));
    }

    @GET
    @Path("{service}/plans")
    public Paging.Items<PlanView> plans(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        return targets.plans(PathParameters.service(environment, service), limit, next);
    }

    @GET
    @Path("{service}/plans/{plan}")
    public PlanView plan(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @PathParam("plan") String plan) {
        return targets.plan(PathParameters.service(environment, service), plan);
    }

    @POST
    @Path("{service}/plans/{plan}/apply")
    public Response applyPlan(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @PathParam("plan") String plan,
            byte @Nullable [] body) {
        ServiceId id = PathParameters.service(environment, service);
        Set<String> allow =
                RequestBodies.read(body, RequestBodies.ApplyPlan.class).allow();
        return context.accepted(plane.services()
                .applyPlan(
                        id, plan, allow == null ? Set.of() : allow, context.freezeOverride(), context.request(body)));
    }

    @GET
    @Path("{service}/operations")
    public Paging.Items<OperationView> operations(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        return targets.operations(PathParameters.service(environment, service), limit, next);
    }

    @GET
    @Path("{service}/operations/{operation}")
    public OperationView operation(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @PathParam("operation") String operation) {
        return targets.operation(PathParameters.service(environment, service), operation);
    }

    private SpecReader.Result<ServiceSpec> read(byte @Nullable [] body) {
        return specs.service(body == null ? new byte[0] : body, context.contentType());
    }

    private static Accepted warned(Accepted accepted, SpecReader.Result<ServiceSpec> read) {
        List<String> warnings = new ArrayList<>(accepted.warnings());
        read.warnings().forEach(warning -> warnings.add(warning.field() + " " + warning.message()));
        return new Accepted(accepted.location(), warnings);
    }
}
