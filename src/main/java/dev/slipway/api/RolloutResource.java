package dev.slipway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.app.ControlPlane;
import dev.slipway.id.ServiceId;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutSettings;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.ServiceSpec;
import dev.slipway.validation.SpecReader;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** Rollouts: making a release of a service the live one. */
@Path("/v1/environments/{environment}/services/{service}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class RolloutResource {
    private final ControlPlane plane;
    private final SpecReader specs;
    private final RequestContext context;

    RolloutResource(ControlPlane plane, SpecReader specs, RequestContext call) {
        this.plane = plane;
        this.specs = specs;
        this.context = call;
    }

    @POST
    @Path("rollouts")
    public Response rollOut(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("dryRun") @DefaultValue("false") boolean dryRun,
            byte @Nullable [] body) {
        ServiceId id = PathParameters.service(environment, service);
        RequestBodies.RollOut asked = RequestBodies.read(body, RequestBodies.RollOut.class);
        String image = asked.image();
        if (image == null || image.isBlank()) {
            throw RequestBodies.invalid(
                    "/image",
                    null,
                    "is missing: a tag, a digest, both as tag@digest (the digest counts), or the registry's URI with one of them");
        }
        RolloutRequest wanted = new RolloutRequest(
                image,
                asked.commit(),
                settings(id, asked.rollout(), false),
                RequestBodies.concurrencyPolicy(asked.concurrencyPolicy()),
                RequestBodies.override(asked.override()));
        if (dryRun) {
            return Response.ok(plane.dryRun().rollOut(id, image, wanted.settings()))
                    .build();
        }
        return context.accepted(plane.rollouts().rollOut(id, wanted, context.request(body)));
    }

    /** The settings for one rollout; null when the caller names none, and those of the spec are meant. */
    private @Nullable RolloutSettings settings(ServiceId id, @Nullable JsonNode instead, boolean back) {
        if (instead == null || instead.isNull()) {
            return null;
        }
        ServiceSpec declared = plane.services().get(id).declared();
        return specs.rollout(back ? declared.withRollout(declared.rollout().forRollback()) : declared, instead);
    }

    @GET
    @Path("rollouts")
    public Paging.Items<RolloutView> rollouts(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        ServiceId id = PathParameters.service(environment, service);
        int most = Paging.limit(limit);
        return Paging.items(from -> plane.rollouts().rollouts(id, most, from), next, RolloutView::of);
    }

    @GET
    @Path("rollouts/{rollout}")
    public RolloutView rollout(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @PathParam("rollout") String rollout) {
        Rollout found = plane.rollouts().rollout(PathParameters.service(environment, service), rollout);
        return RolloutView.of(found, plane.rollouts().gate(found));
    }

    @POST
    @Path("rollouts/{rollout}/cancel")
    public Response cancel(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @PathParam("rollout") String rollout) {
        return context.accepted(
                plane.rollouts().cancel(PathParameters.service(environment, service), rollout, context.request(null)));
    }

    @POST
    @Path("rollouts/{rollout}/approve")
    public Response approve(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @PathParam("rollout") String rollout,
            byte @Nullable [] body) {
        return answer(PathParameters.service(environment, service), rollout, true, body);
    }

    @POST
    @Path("rollouts/{rollout}/reject")
    public Response reject(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @PathParam("rollout") String rollout,
            byte @Nullable [] body) {
        return answer(PathParameters.service(environment, service), rollout, false, body);
    }

    private Response answer(ServiceId id, String rollout, boolean approved, byte @Nullable [] body) {
        String reason =
                RequestBodies.read(body, RequestBodies.ApprovalDecision.class).reason();
        return context.accepted(plane.rollouts().answer(id, rollout, approved, reason, context.request(body)));
    }

    @POST
    @Path("rollback")
    public Response rollBack(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            byte @Nullable [] body) {
        ServiceId id = PathParameters.service(environment, service);
        RequestBodies.RollBack asked = RequestBodies.read(body, RequestBodies.RollBack.class);
        RolloutSettings settings = settings(id, asked.rollout(), true);
        return context.accepted(plane.rollouts().rollBack(id, asked.release(), settings, context.request(body)));
    }

    @GET
    @Path("releases")
    public Paging.Items<ReleaseView> releases(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        ServiceId id = PathParameters.service(environment, service);
        int most = Paging.limit(limit);
        return Paging.items(from -> plane.rollouts().releases(id, most, from), next, ReleaseView::of);
    }
}
