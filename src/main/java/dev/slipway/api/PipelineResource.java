package dev.slipway.api;

import dev.slipway.environment.Home;
import dev.slipway.operation.Accepted;
import dev.slipway.pipeline.DeclaredPipelines;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.spec.SpecReader;
import dev.slipway.target.PipelineId;
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
    private final Pipelines pipelines;
    private final DeclaredPipelines declared;
    private final SpecReader specs;
    private final Home home;
    private final InstantSource clock;

    PipelineResource(
            Pipelines pipelines, SpecReader specs, Home home, InstantSource clock, Queries queries, Call call) {
        super(queries, call);
        this.pipelines = pipelines;
        this.declared = pipelines.declared();
        this.specs = specs;
        this.home = home;
        this.clock = clock;
    }

    @PUT
    public Response apply(byte @Nullable [] body) {
        PipelineId id = target();
        return call.accepted(
                declared.apply(id, read(body), call.expected(), call.values("allow", null), call.request(body)));
    }

    @GET
    public Response get() {
        PipelineId id = target();
        PipelineRecord record = declared.find(id).orElse(null);
        PipelineStatus status = PipelineStatus.of(id, record, latest(id), pipelines, home.region(), clock.instant());
        if (record == null
                && status.executions().isEmpty()
                && status.deployments().isEmpty()) {
            throw DeclaredPipelines.missing(id);
        }
        Response.ResponseBuilder answer = Response.ok(status);
        return record == null
                ? answer.build()
                : answer.tag(new EntityTag(Long.toString(record.revision()))).build();
    }

    @DELETE
    public Response delete() {
        return call.accepted(declared.delete(target(), call.expected(), call.request(null)));
    }

    @Override
    PipelineId target() {
        return call.pipeline();
    }

    @Override
    void require(PipelineId target) {
        declared.find(target).orElseThrow(() -> DeclaredPipelines.missing(target));
    }

    @Override
    Accepted plan(PipelineId target, byte @Nullable [] body) {
        return declared.plan(target, read(body), call.request(body));
    }

    @Override
    Accepted applyPlan(PipelineId target, String plan, Set<String> allow, byte @Nullable [] body) {
        return declared.applyPlan(target, plan, allow, call.request(body));
    }

    private PipelineSpec read(byte @Nullable [] body) {
        return specs.pipeline(body == null ? new byte[0] : body, call.contentType())
                .spec();
    }
}
