package dev.slipway.api;

import dev.slipway.api.RequestContext.Items;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.Grants;
import dev.slipway.pipeline.Grants.Grant;
import dev.slipway.pipeline.PipelineModule;
import io.quarkus.runtime.annotations.RegisterForReflection;
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
    private final RequestContext context;

    GrantResource(PipelineModule pipelines, RequestContext context) {
        this.grants = pipelines.grants();
        this.context = context;
    }

    /**
     * A grant as the API shows it.
     *
     * @param grantedBy ARN of the caller who gave it
     */
    @RegisterForReflection
    record GrantView(String environment, String pipeline, String self, String grantedBy, Instant grantedAt) {
        static GrantView of(Grant grant) {
            return new GrantView(
                    grant.environment().key(),
                    grant.pipeline().service(),
                    grant.environment().path() + "/grants/" + grant.pipeline().service(),
                    grant.grantedBy(),
                    grant.grantedAt());
        }
    }

    @GET
    public Items<GrantView> list() {
        EnvironmentId id = context.environment();
        return context.page((most, from) -> grants.list(id, most, from), GrantView::of);
    }

    @PUT
    @Path("{pipeline}")
    public GrantView grant() {
        PipelineId id = context.pipeline();
        return GrantView.of(grants.grant(context.environment(), id, context.request(null)));
    }

    @GET
    @Path("{pipeline}")
    public GrantView get() {
        PipelineId id = context.pipeline();
        return GrantView.of(grants.get(context.environment(), id));
    }

    @DELETE
    @Path("{pipeline}")
    public GrantView revoke() {
        PipelineId id = context.pipeline();
        return GrantView.of(grants.revoke(context.environment(), id, context.request(null)));
    }
}
