package dev.slipway.api;

import dev.slipway.app.ControlPlane;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.id.EnvironmentId;
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
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Environments: networks with a load balancer and a cluster for services. */
@Path("/v1/environments")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class EnvironmentResource {
    private final ControlPlane plane;
    private final SpecReader specs;
    private final AwsLocation awsLocation;
    private final TargetResource targets;
    private final RequestContext context;

    EnvironmentResource(
            ControlPlane plane, SpecReader specs, AwsLocation home, TargetResource targets, RequestContext call) {
        this.plane = plane;
        this.specs = specs;
        this.awsLocation = home;
        this.targets = targets;
        this.context = call;
    }

    /** One environment in the listing. */
    record Summary(String name, String self) {}

    /** The names lie in one item, so pages are cut here; {@code next} is the last name of the page before. */
    @GET
    public Paging.Items<Summary> list(
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        int most = Paging.limit(limit);
        if (next != null && !next.matches(EnvironmentId.PATTERN)) {
            throw Paging.invalidNext();
        }
        List<String> names = plane.environments().names().stream()
                .filter(name -> next == null || name.compareTo(next) > 0)
                .toList();
        List<Summary> page = names.stream()
                .limit(most)
                .map(name -> new Summary(name, new EnvironmentId(name).path()))
                .toList();
        return new Paging.Items<>(page, names.size() > most ? page.getLast().name() : null);
    }

    @PUT
    @Path("{environment}")
    public Response apply(@PathParam("environment") String environment, byte @Nullable [] body) {
        EnvironmentId id = PathParameters.environment(environment);
        EnvironmentSpec spec = read(body);
        return context.accepted(plane.environments()
                .apply(
                        id,
                        spec,
                        context.expectedRevision(),
                        context.queryValues("allow", null),
                        context.request(body)));
    }

    @GET
    @Path("{environment}")
    public Response get(@PathParam("environment") String environment) {
        EnvironmentId id = PathParameters.environment(environment);
        EnvironmentRecord record = plane.environments().get(id);
        return Response.ok(EnvironmentView.of(record, LatestOperations.of(plane.operations(), id)))
                .tag(new EntityTag(Long.toString(record.revision())))
                .build();
    }

    @DELETE
    @Path("{environment}")
    public Response delete(@PathParam("environment") String environment) {
        EnvironmentId id = PathParameters.environment(environment);
        return context.accepted(plane.environments().delete(id, context.expectedRevision(), context.request(null)));
    }

    @POST
    @Path("{environment}/plans")
    public Response plan(@PathParam("environment") String environment, byte @Nullable [] body) {
        EnvironmentId id = PathParameters.environment(environment);
        return context.accepted(plane.environments().plan(id, read(body), context.request(body)));
    }

    @GET
    @Path("{environment}/plans")
    public Paging.Items<PlanView> plans(
            @PathParam("environment") String environment,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        return targets.plans(PathParameters.environment(environment), limit, next);
    }

    @GET
    @Path("{environment}/plans/{plan}")
    public PlanView plan(@PathParam("environment") String environment, @PathParam("plan") String plan) {
        return targets.plan(PathParameters.environment(environment), plan);
    }

    @POST
    @Path("{environment}/plans/{plan}/apply")
    public Response applyPlan(
            @PathParam("environment") String environment, @PathParam("plan") String plan, byte @Nullable [] body) {
        EnvironmentId id = PathParameters.environment(environment);
        var allow = RequestBodies.read(body, RequestBodies.ApplyPlan.class).allow();
        return context.accepted(plane.environments()
                .applyPlan(id, plan, allow == null ? new TreeSet<>() : allow, context.request(body)));
    }

    @GET
    @Path("{environment}/operations")
    public Paging.Items<OperationView> operations(
            @PathParam("environment") String environment,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        return targets.operations(PathParameters.environment(environment), limit, next);
    }

    @GET
    @Path("{environment}/operations/{operation}")
    public OperationView operation(
            @PathParam("environment") String environment, @PathParam("operation") String operation) {
        return targets.operation(PathParameters.environment(environment), operation);
    }

    private EnvironmentSpec read(byte @Nullable [] body) {
        return specs.environment(body == null ? new byte[0] : body, context.contentType(), awsLocation)
                .spec();
    }
}
