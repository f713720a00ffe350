package dev.slipway.api;

import dev.slipway.environment.AwsLocation;
import dev.slipway.id.PipelineId;
import dev.slipway.operation.Accepted;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.validation.SpecReader;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A pipeline: from a push to a service's environments. */
@Path("/v1/pipelines/{pipeline}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class PipelineResource extends TargetResource<PipelineId> {
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
        super(queries, context);
        this.pipelines = pipelines;
        this.declared = pipelines.pipelines();
        this.specs = specs;
        this.awsLocation = awsLocation;
        this.clock = clock;
    }

    @PUT
    public Response apply(byte @Nullable [] body) {
        PipelineId id = target();
        return context.accepted(declared.apply(
                id, read(body), context.expectedRevision(), context.queryValues("allow", null), context.request(body)));
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
        Response.ResponseBuilder answer = Response.ok(status);
        return record == null
                ? answer.build()
                : answer.tag(new EntityTag(Long.toString(record.revision()))).build();
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
    void require(PipelineId target) {
        declared.find(target).orElseThrow(() -> declared.missing(target));
    }

    @Override
    Accepted plan(PipelineId target, byte @Nullable [] body) {
        return declared.plan(target, read(body), context.request(body));
    }

    @Override
    Accepted applyPlan(PipelineId target, String plan, Set<String> allow, byte @Nullable [] body) {
        return declared.applyPlan(target, plan, allow, context.request(body));
    }

    private PipelineSpec read(byte @Nullable [] body) {
        return specs.pipeline(body == null ? new byte[0] : body, context.contentType())
                .spec();
    }
}
