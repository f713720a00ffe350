package dev.slipway.api;

import dev.slipway.app.ControlPlane;
import dev.slipway.environment.Home;
import dev.slipway.pipeline.PipelineId;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** Pipelines: from a push to a service's environments. */
@Path("/v1/pipelines")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class PipelineResource {
    private final ControlPlane plane;
    private final Home home;

    PipelineResource(ControlPlane plane, Home home) {
        this.plane = plane;
        this.home = home;
    }

    @GET
    @Path("{pipeline}")
    public PipelineStatus get(@PathParam("pipeline") String pipeline) {
        PipelineId id = new PipelineId(Names.pipeline(pipeline));
        return PipelineStatus.of(id, plane.pipelines(), home, plane.clock().instant());
    }
}
