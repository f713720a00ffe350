package dev.slipway.api;

import dev.slipway.api.RequestBodies.OverridingApplyEnvironmentPlan;
import dev.slipway.operation.ControlOverride;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A spec of an environment that declares controls weaker, by a path of its own as for services: see {@link OverrideResource}. */
@Path("/v1/environments/{environment}/override")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class EnvironmentOverrideResource {
    private final EnvironmentResource environments;
    private final RequestContext context;

    EnvironmentOverrideResource(EnvironmentResource environments, RequestContext context) {
        this.environments = environments;
        this.context = context;
    }

    @PUT
    public Response apply(byte @Nullable [] body) {
        return environments.apply(body, context.override());
    }

    @POST
    @Path("plans/{plan}/apply")
    public Response applyPlan(@PathParam("plan") String plan, byte @Nullable [] body) {
        OverridingApplyEnvironmentPlan asked = RequestBodies.read(body, OverridingApplyEnvironmentPlan.class);
        ControlOverride override = RequestBodies.override(List.of(), asked.reason());
        return environments.applyPlan(plan, asked.allow(), override, body);
    }
}
