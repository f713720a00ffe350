package dev.slipway.api;

import dev.slipway.app.ControlPlane;
import dev.slipway.environment.AwsLocation;
import dev.slipway.id.PipelineId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.pipeline.PipelineSpec;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.store.Page;
import dev.slipway.validation.SpecReader;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pipelines: from a push to a service's environments. */
@Path("/v1/pipelines")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class PipelineResource {
    private final ControlPlane plane;
    private final Pipelines declared;
    private final SpecReader specs;
    private final AwsLocation awsLocation;
    private final TargetResource targets;
    private final RequestContext context;

    PipelineResource(
            ControlPlane plane, SpecReader specs, AwsLocation home, TargetResource targets, RequestContext call) {
        this.plane = plane;
        this.declared = plane.pipelines().pipelines();
        this.specs = specs;
        this.awsLocation = home;
        this.targets = targets;
        this.context = call;
    }

    /** A pipeline in the listing. */
    record Summary(
            String name, String self, long revision, List<String> environments, Instant createdAt, Instant updatedAt) {
        static Summary of(PipelineRecord record) {
            return new Summary(
                    record.id().service(),
                    record.id().path(),
                    record.revision(),
                    record.declared().environments(),
                    record.createdAt(),
                    record.updatedAt());
        }
    }

    @GET
    public Paging.Items<Summary> list(
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        int most = Paging.limit(limit);
        return Paging.items(from -> declared.list(most, from), next, Summary::of);
    }

    @PUT
    @Path("{pipeline}")
    public Response apply(@PathParam("pipeline") String pipeline, byte @Nullable [] body) {
        PipelineId id = PathParameters.pipeline(pipeline);
        return context.accepted(declared.apply(
                id, read(body), context.expectedRevision(), context.queryValues("allow", null), context.request(body)));
    }

    @GET
    @Path("{pipeline}")
    public Response get(@PathParam("pipeline") String pipeline) {
        PipelineId id = PathParameters.pipeline(pipeline);
        PipelineRecord record = declared.find(id).orElse(null);
        PipelineView status = PipelineView.of(
                id,
                record,
                LatestOperations.of(plane.operations(), id),
                plane.pipelines(),
                awsLocation.region(),
                plane.clock().instant());
        if (record == null
                && status.executions().isEmpty()
                && status.deployments().isEmpty()) {
            throw Pipelines.missing(id);
        }
        Response.ResponseBuilder answer = Response.ok(status);
        return record == null
                ? answer.build()
                : answer.tag(new EntityTag(Long.toString(record.revision()))).build();
    }

    @DELETE
    @Path("{pipeline}")
    public Response delete(@PathParam("pipeline") String pipeline) {
        return context.accepted(
                declared.delete(PathParameters.pipeline(pipeline), context.expectedRevision(), context.request(null)));
    }

    @POST
    @Path("{pipeline}/plans")
    public Response plan(@PathParam("pipeline") String pipeline, byte @Nullable [] body) {
        return context.accepted(declared.plan(PathParameters.pipeline(pipeline), read(body), context.request(body)));
    }

    @GET
    @Path("{pipeline}/plans")
    public Paging.Items<PlanView> plans(
            @PathParam("pipeline") String pipeline,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        return targets.plans(PathParameters.pipeline(pipeline), limit, next);
    }

    @GET
    @Path("{pipeline}/plans/{plan}")
    public PlanView plan(@PathParam("pipeline") String pipeline, @PathParam("plan") String plan) {
        return targets.plan(PathParameters.pipeline(pipeline), plan);
    }

    @POST
    @Path("{pipeline}/plans/{plan}/apply")
    public Response applyPlan(
            @PathParam("pipeline") String pipeline, @PathParam("plan") String plan, byte @Nullable [] body) {
        PipelineId id = PathParameters.pipeline(pipeline);
        Set<String> allow =
                RequestBodies.read(body, RequestBodies.ApplyPlan.class).allow();
        return context.accepted(declared.applyPlan(id, plan, allow == null ? Set.of() : allow, context.request(body)));
    }

    @GET
    @Path("{pipeline}/operations")
    public Paging.Items<OperationView> operations(
            @PathParam("pipeline") String pipeline,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        return targets.operations(PathParameters.pipeline(pipeline), limit, next);
    }

    @GET
    @Path("{pipeline}/operations/{operation}")
    public OperationView operation(@PathParam("pipeline") String pipeline, @PathParam("operation") String operation) {
        return targets.operation(PathParameters.pipeline(pipeline), operation);
    }

    @GET
    @Path("{pipeline}/ledger")
    public Paging.Items<LedgerResource.EntryView> ledger(
            @PathParam("pipeline") String pipeline,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        PipelineId id = PathParameters.pipeline(pipeline);
        int most = Paging.limit(limit);
        return Paging.items(
                from -> {
                    Page<LedgerEntry> page = declared.ledger(id, most, from);
                    if (page.items().isEmpty()
                            && from == null
                            && declared.find(id).isEmpty()) {
                        throw Pipelines.missing(id); // there never was one
                    }
                    return page;
                },
                next,
                LedgerResource.EntryView::of);
    }

    private PipelineSpec read(byte @Nullable [] body) {
        return specs.pipeline(body == null ? new byte[0] : body, context.contentType())
                .spec();
    }
}
