package dev.slipway.api;

import dev.slipway.app.ControlPlane;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.Grants;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** Grants: which pipelines may deploy to an environment. IAM says by the path who may give them. */
@Path("/v1/environments/{environment}/grants")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class GrantResource {
    private final Grants grants;
    private final RequestContext context;

    GrantResource(ControlPlane plane, RequestContext call) {
        this.grants = plane.pipelines().grants();
        this.context = call;
    }

    @GET
    public Paging.Items<GrantView> list(
            @PathParam("environment") String environment,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        EnvironmentId id = PathParameters.environment(environment);
        int most = Paging.limit(limit);
        return Paging.items(from -> grants.list(id, most, from), next, GrantView::of);
    }

    @PUT
    @Path("{pipeline}")
    public GrantView grant(@PathParam("environment") String environment, @PathParam("pipeline") String pipeline) {
        PipelineId id = PathParameters.pipeline(pipeline);
        return GrantView.of(grants.grant(
                PathParameters.environment(environment),
                id,
                context.request(null).actor()));
    }

    @GET
    @Path("{pipeline}")
    public GrantView get(@PathParam("environment") String environment, @PathParam("pipeline") String pipeline) {
        PipelineId id = PathParameters.pipeline(pipeline);
        return GrantView.of(grants.get(PathParameters.environment(environment), id));
    }

    @DELETE
    @Path("{pipeline}")
    public GrantView revoke(@PathParam("environment") String environment, @PathParam("pipeline") String pipeline) {
        PipelineId id = PathParameters.pipeline(pipeline);
        return GrantView.of(grants.revoke(
                PathParameters.environment(environment),
                id,
                context.request(null).actor()));
    }
}
