package dev.slipway.api;

import dev.slipway.app.ControlPlane;
import dev.slipway.target.EnvironmentId;
import dev.slipway.target.ServiceId;
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
    private final Call call;

    PromotionResource(ControlPlane plane, Call call) {
        this.plane = plane;
        this.call = call;
    }

    @POST
    public Response promote(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("dryRun") @DefaultValue("false") boolean dryRun,
            byte @Nullable [] body) {
        ServiceId id = Names.service(environment, service);
        Bodies.Promote asked = Bodies.read(body, Bodies.Promote.class);
        String from = asked.from();
        if (from == null) {
            throw Bodies.wrong("/from", null, "is missing: the environment whose live release is meant");
        }
        String reason = asked.reason();
        if (reason != null && (reason.isBlank() || reason.length() > Bodies.LONGEST_REASON)) {
            throw Bodies.wrong("/reason", null, "must have 1 to " + Bodies.LONGEST_REASON + " characters");
        }
        EnvironmentId source = Names.environment(from);
        return dryRun
                ? Response.ok(plane.promotions().candidate(id, source)).build()
                : call.accepted(plane.promotions().promote(id, source, reason, call.request(body)));
    }
}
