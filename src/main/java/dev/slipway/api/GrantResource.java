package dev.slipway.api;

import dev.slipway.pipeline.Grant;
import dev.slipway.pipeline.Grants;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.target.EnvironmentId;
import dev.slipway.target.PipelineId;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;

/** Grants: which pipelines may deploy to an environment. IAM says by the path who may give them. */
@Path("/v1/environments/{environment}/grants")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class GrantResource {
    private final Grants grants;
    private final Call call;

    GrantResource(Pipelines pipelines, Call call) {
        this.grants = pipelines.grants();
        this.call = call;
    }

    /**
     * A grant as the API shows it.
     *
     * @param grantedBy ARN of the caller who gave it
     */
    record GrantView(String environment, String pipeline, String self, String grantedBy, Instant grantedAt) {
        static GrantView of(Grant grant) {
            return new GrantView(
                    grant.environment().key(),
                    grant.pipeline().service(),
                    grant.environment().path() + "/grants/" + grant.pipeline().service(),
                    grant.by(),
                    grant.at());
        }
    }

    @GET
    public Items<GrantView> list() {
        EnvironmentId id = call.environment();
        return call.page((most, from) -> grants.list(id, most, from), GrantView::of);
    }

    @PUT
    @Path("{pipeline}")
    public GrantView give() {
        PipelineId id = call.pipeline();
        return GrantView.of(
                grants.give(call.environment(), id, call.request(null).actor()));
    }

    @GET
    @Path("{pipeline}")
    public GrantView get() {
        PipelineId id = call.pipeline();
        return GrantView.of(grants.get(call.environment(), id));
    }

    @DELETE
    @Path("{pipeline}")
    public GrantView take() {
        PipelineId id = call.pipeline();
        return GrantView.of(
                grants.take(call.environment(), id, call.request(null).actor()));
    }
}
