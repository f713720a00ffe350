package dev.slipway.api;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.EnvironmentSpec;
import dev.slipway.environment.Environments;
import dev.slipway.environment.Home;
import dev.slipway.operation.Accepted;
import dev.slipway.service.Services;
import dev.slipway.spec.SpecReader;
import dev.slipway.target.EnvironmentId;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An environment: a network with a load balancer and a cluster for services. */
@Path("/v1/environments/{environment}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class EnvironmentResource extends TargetResource<EnvironmentId> {
    private final Environments environments;
    private final Services services;
    private final SpecReader specs;
    private final Home home;

    EnvironmentResource(
            Environments environments, Services services, SpecReader specs, Home home, Queries queries, Call call) {
        super(queries, call);
        this.environments = environments;
        this.services = services;
        this.specs = specs;
        this.home = home;
    }

    @PUT
    public Response apply(byte @Nullable [] body) {
        EnvironmentId id = target();
        EnvironmentSpec spec = read(body);
        return call.accepted(
                environments.apply(id, spec, call.expected(), call.values("allow", null), call.request(body)));
    }

    @GET
    public Response get() {
        EnvironmentRecord record = environments.get(target());
        return Response.ok(EnvironmentView.of(record, latest(record.id())))
                .tag(new EntityTag(Long.toString(record.revision())))
                .build();
    }

    @DELETE
    public Response delete() {
        return call.accepted(environments.delete(target(), call.expected(), call.request(null)));
    }

    @GET
    @Path("services")
    public Items<ServiceView.Summary> services() {
        EnvironmentId id = target();
        return call.page((most, from) -> services.list(id, most, from), ServiceView.Summary::of);
    }

    @Override
    EnvironmentId target() {
        return call.environment();
    }

    @Override
    void require(EnvironmentId target) {
        environments.get(target);
    }

    @Override
    Accepted plan(EnvironmentId target, byte @Nullable [] body) {
        return environments.plan(target, read(body), call.request(body));
    }

    @Override
    Accepted applyPlan(EnvironmentId target, String plan, Set<String> allow, byte @Nullable [] body) {
        return environments.applyPlan(target, plan, allow, call.request(body));
    }

    private EnvironmentSpec read(byte @Nullable [] body) {
        return specs.environment(body == null ? new byte[0] : body, call.contentType(), home)
                .spec();
    }
}
