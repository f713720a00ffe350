package dev.slipway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutSettings;
import dev.slipway.service.DryRun;
import dev.slipway.service.Promotions;
import dev.slipway.service.RolloutRequest;
import dev.slipway.service.Rollouts;
import dev.slipway.service.ServiceSpec;
import dev.slipway.service.Services;
import dev.slipway.spec.SpecReader;
import dev.slipway.target.EnvironmentId;
import dev.slipway.target.ServiceId;
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

/** Rollouts: making a release of a service the live one, be it a new one, an old one, or what is live elsewhere. */
@Path("/v1/environments/{environment}/services/{service}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class RolloutResource {
    private final Rollouts rollouts;
    private final Promotions promotions;
    private final DryRun preview;
    private final Services services;
    private final SpecReader specs;
    private final Call call;

    RolloutResource(
            Rollouts rollouts, Promotions promotions, DryRun preview, Services services, SpecReader specs, Call call) {
        this.rollouts = rollouts;
        this.promotions = promotions;
        this.preview = preview;
        this.services = services;
        this.specs = specs;
        this.call = call;
    }

    @POST
    @Path("rollouts")
    public Response rollOut(@QueryParam("dryRun") @DefaultValue("false") boolean dryRun, byte @Nullable [] body) {
        ServiceId id = call.service();
        Bodies.RollOut asked = Bodies.read(body, Bodies.RollOut.class);
        String image = asked.image();
        if (image == null || image.isBlank()) {
            throw Bodies.wrong(
                    "/image",
                    null,
                    "is missing: a tag, a digest, both as tag@digest (the digest counts), or the registry's URI with one of them");
        }
        RolloutRequest wanted = new RolloutRequest(
                image,
                asked.commit(),
                settings(id, asked.rollout(), false),
                Bodies.whenBusy(asked.whenBusy()),
                Bodies.override(asked.override()));
        return dryRun
                ? Response.ok(preview.rollOut(id, image, wanted.settings())).build()
                : call.accepted(rollouts.rollOut(id, wanted, call.request(body)));
    }

    /** The settings for one rollout; null when the caller names none, and those of the spec are meant. */
    private @Nullable RolloutSettings settings(ServiceId id, @Nullable JsonNode instead, boolean back) {
        if (instead == null || instead.isNull()) {
            return null;
        }
        ServiceSpec declared = services.get(id).declared();
        return specs.rollout(back ? declared.with(declared.rollout().forRollback()) : declared, instead);
    }

    @GET
    @Path("rollouts")
    public Items<RolloutView> rollouts() {
        ServiceId id = call.service();
        return call.page((most, from) -> rollouts.rollouts(id, most, from), RolloutView::of);
    }

    @GET
    @Path("rollouts/{rollout}")
    public RolloutView rollout(@PathParam("rollout") String rollout) {
        Rollout found = rollouts.rollout(call.service(), rollout);
        return RolloutView.of(found, rollouts.gate(found));
    }

    @POST
    @Path("rollouts/{rollout}/cancel")
    public Response cancel(@PathParam("rollout") String rollout) {
        return call.accepted(rollouts.cancel(call.service(), rollout, call.request(null)));
    }

    @POST
    @Path("rollouts/{rollout}/approve")
    public Response approve(@PathParam("rollout") String rollout, byte @Nullable [] body) {
        return answer(rollout, true, body);
    }

    @POST
    @Path("rollouts/{rollout}/reject")
    public Response reject(@PathParam("rollout") String rollout, byte @Nullable [] body) {
        return answer(rollout, false, body);
    }

    private Response answer(String rollout, boolean approved, byte @Nullable [] body) {
        ServiceId id = call.service();
        String reason = Bodies.read(body, Bodies.Answer.class).reason();
        return call.accepted(rollouts.answer(id, rollout, approved, reason, call.request(body)));
    }

    @POST
    @Path("rollback")
    public Response rollBack(byte @Nullable [] body) {
        ServiceId id = call.service();
        Bodies.RollBack asked = Bodies.read(body, Bodies.RollBack.class);
        RolloutSettings settings = settings(id, asked.rollout(), true);
        return call.accepted(rollouts.rollBack(id, asked.release(), settings, call.request(body)));
    }

    /** What is live in another environment goes live here. */
    @POST
    @Path("promotions")
    public Response promote(@QueryParam("dryRun") @DefaultValue("false") boolean dryRun, byte @Nullable [] body) {
        ServiceId id = call.service();
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
                ? Response.ok(promotions.candidate(id, source)).build()
                : call.accepted(promotions.promote(id, source, reason, call.request(body)));
    }

    @GET
    @Path("releases")
    public Items<ReleaseView> releases() {
        ServiceId id = call.service();
        return call.page((most, from) -> rollouts.releases(id, most, from), ReleaseView::of);
    }
}
