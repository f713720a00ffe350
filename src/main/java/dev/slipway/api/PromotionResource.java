package dev.slipway.api;

import dev.slipway.app.ControlPlane;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** Promotions: what is live in one environment goes live in another. */
@Path("/v1/environments/{environment}/services/{service}/promotions")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class PromotionResource {
    private final ControlPlane plane;
    private final RequestContext context;

    PromotionResource(ControlPlane plane, RequestContext call) {
        this.plane = plane;
        this.context = call;
    }

    @POST
    public Response promote(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("dryRun") @DefaultValue("false") boolean dryRun,
            byte @Nullable [] body) {
        ServiceId id = PathParameters.service(environment, service);
        RequestBodies.Promote asked = RequestBodies.read(body, RequestBodies.Promote.class);
        String from = asked.from();
        if (from == null) {
            throw RequestBodies.invalid("/from", null, "is missing: the environment whose live release is meant");
        }
        String reason = asked.reason();
        if (reason != null && (reason.isBlank() || reason.length() > RequestBodies.MAX_REASON_LENGTH)) {
            throw RequestBodies.invalid(
                    "/reason", null, "must have 1 to " + RequestBodies.MAX_REASON_LENGTH + " characters");
        }
        EnvironmentId source = PathParameters.environment(from);
        return dryRun
                ? Response.ok(plane.promotions().candidate(id, source)).build()
                : context.accepted(plane.promotions().promote(id, source, reason, context.request(body)));
    }
}
