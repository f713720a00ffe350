package dev.slipway.api;

import dev.slipway.environment.AwsLocation;
import dev.slipway.id.PipelineId;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.validation.SpecReader;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.InstantSource;

/** A pipeline: from a push to a service's environments. */
@Path("/v1/pipelines/{pipeline}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class PipelineResource extends TargetResource<PipelineId, PipelineSpec, PipelineRecord> {
    private final PipelineModule pipelines;
    private final Pipelines declared;
    private final SpecReader specs;
    private final AwsLocation awsLocation;
    private final InstantSource clock;

    PipelineResource(
            PipelineModule pipelines,
            SpecReader specs,
            AwsLocation awsLocation,
            InstantSource clock,
            Queries queries,
            RequestContext context) {
        super(pipelines.pipelines(), queries, context);
        this.pipelines = pipelines;
        this.declared = pipelines.pipelines();
        this.specs = specs;
        this.awsLocation = awsLocation;
        this.clock = clock;
    }

    @GET
    public Response get() {
        PipelineId id = target();
        PipelineRecord record = declared.find(id).orElse(null);
        PipelineView status = PipelineView.of(id, record, latest(id), pipelines, awsLocation.region(), clock.instant());
        if (record == null
                && status.executions().isEmpty()
                && status.deployments().isEmpty()) {
            throw declared.missing(id);
        }
        return record == null ? Response.ok(status).build() : answer(status, record.revision());
    }

    @DELETE
    public Response delete() {
        return context.accepted(declared.delete(target(), context.expectedRevision(), context.request(null)));
    }

    @Override
    PipelineId target() {
        return context.pipeline();
    }

    @Override
    SpecReader.Result<PipelineSpec> read(byte[] document) {
        return specs.pipeline(document, context.contentType());
    }
}
