package dev.slipway.api;

import dev.slipway.api.RequestBodies.OverridingApplyPlan;
import dev.slipway.api.RequestBodies.OverridingMend;
import dev.slipway.api.RequestBodies.OverridingPromote;
import dev.slipway.api.RequestBodies.OverridingRestart;
import dev.slipway.api.RequestBodies.OverridingRollBack;
import dev.slipway.api.RequestBodies.OverridingRollOut;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/**
 * What may be asked of a service in spite of its declared controls. IAM sees only the path, so that it is a path of its own, and
 * not below the service's: no policy that allows {@code …/services/*} reaches here.
 */
@Path("/v1/environments/{environment}/override/services/{service}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class OverrideResource {
    private final RolloutResource rollouts;
    private final ServiceResource services;
    private final RequestContext context;

    OverrideResource(RolloutResource rollouts, ServiceResource services, RequestContext context) {
        this.rollouts = rollouts;
        this.services = services;
        this.context = context;
    }

    @PUT
    public Response apply(byte @Nullable [] body) {
        return services.apply(body, context.override());
    }

    @POST
    @Path("plans/{plan}/apply")
    public Response applyPlan(@PathParam("plan") String plan, byte @Nullable [] body) {
        OverridingApplyPlan asked = RequestBodies.read(body, OverridingApplyPlan.class);
        return services.applyPlan(plan, asked.allow(), RequestBodies.override(asked.freezes(), asked.reason()), body);
    }

    @POST
    @Path("drift/mend")
    public Response mendDrift(byte @Nullable [] body) {
        OverridingMend asked = RequestBodies.read(body, OverridingMend.class);
        return services.mendDrift(asked.checkedAt(), RequestBodies.override(asked.freezes(), asked.reason()), body);
    }

    @POST
    @Path("rollouts")
    public Response rollOut(@QueryParam("dryRun") boolean dryRun, byte @Nullable [] body) {
        OverridingRollOut asked = RequestBodies.read(body, OverridingRollOut.class);
        return rollouts.rollOut(
                new RequestBodies.RollOut(asked.image(), asked.commit(), asked.rollout(), asked.concurrencyPolicy()),
                RequestBodies.override(asked.freezes(), asked.reason()),
                dryRun,
                body);
    }

    @POST
    @Path("rollback")
    public Response rollBack(byte @Nullable [] body) {
        OverridingRollBack asked = RequestBodies.read(body, OverridingRollBack.class);
        return rollouts.rollBack(
                new RequestBodies.RollBack(asked.release(), asked.rollout()),
                RequestBodies.override(null, asked.reason()),
                body);
    }

    @POST
    @Path("restart")
    public Response overrideRestart(byte @Nullable [] body) {
        OverridingRestart asked = RequestBodies.read(body, OverridingRestart.class);
        return rollouts.restart(RequestBodies.override(asked.freezes(), asked.reason()), body);
    }

    @POST
    @Path("promotions")
    public Response promote(@QueryParam("dryRun") boolean dryRun, byte @Nullable [] body) {
        OverridingPromote asked = RequestBodies.read(body, OverridingPromote.class);
        return rollouts.promote(
                new RequestBodies.Promote(asked.from(), asked.reason(), asked.rollout(), asked.concurrencyPolicy()),
                RequestBodies.override(asked.freezes(), asked.reason()),
                dryRun,
                body);
    }
}
