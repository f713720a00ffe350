package dev.slipway.api;

import dev.slipway.environment.Environments;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Accepted;
import dev.slipway.plan.Declarations;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.service.Services;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A service: containers with a name in an environment. */
@Path("/v1/environments/{environment}/services/{service}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class ServiceResource extends TargetResource<ServiceId> {
    private static final Set<String> KEEP = new TreeSet<>(Set.of("registry", "logs"));

    private final Services services;
    private final ServiceQueries live;
    private final Environments environments;
    private final PipelineModule pipelines;
    private final SpecReader specs;
    private final InstantSource clock;

    ServiceResource(
            Services services,
            ServiceQueries live,
            Environments environments,
            PipelineModule pipelines,
            SpecReader specs,
            InstantSource clock,
            Queries queries,
            RequestContext context) {
        super(queries, context);
        this.services = services;
        this.live = live;
        this.environments = environments;
        this.pipelines = pipelines;
        this.specs = specs;
        this.clock = clock;
    }

    @PUT
    public Response apply(byte @Nullable [] body) {
        ServiceId id = target();
        SpecReader.Result<ServiceSpec> read = read(body);
        Accepted accepted = services.apply(
                        id,
                        read.spec(),
                        new Declarations.Order(
                                context.expectedRevision(),
                                context.queryValues("allow", null),
                                context.freezeOverride()),
                        context.request(body));
        return context.accepted(warned(accepted, read));
    }

    @GET
    public Response get() {
        ServiceId id = target();
        ServiceRecord record = services.get(id);
        Optional<ServiceQueries.Live> running = live.live(record);
        ServiceView view = ServiceView.of(
                record,
                environments.get(id.environmentId()),
                running.orElse(null),
                live.drift(record, running).orElse(null),
                latest(id),
                PipelineView.ServiceSummary.of(id, pipelines, clock.instant()));
        return Response.ok(view)
                .tag(new EntityTag(Long.toString(record.revision())))
                .build();
    }

    @DELETE
    public Response delete() {
        return context.accepted(services.delete(
                target(), context.expectedRevision(), context.queryValues("keep", KEEP), context.request(null)));
    }

    @Override
    ServiceId target() {
        return context.service();
    }

    @Override
    void require(ServiceId target) {
        services.get(target);
    }

    @Override
    Accepted plan(ServiceId target, byte @Nullable [] body) {
        SpecReader.Result<ServiceSpec> read = read(body);
        return warned(services.plan(target, read.spec(), context.request(body)), read);
    }

    @Override
    Accepted applyPlan(ServiceId target, String plan, Set<String> allow, byte @Nullable [] body) {
        return services.applyPlan(target, plan, allow, context.freezeOverride(), context.request(body));
    }

    private SpecReader.Result<ServiceSpec> read(byte @Nullable [] body) {
        return specs.service(body == null ? new byte[0] : body, context.contentType());
    }

    private static Accepted warned(Accepted accepted, SpecReader.Result<ServiceSpec> read) {
        List<String> warnings = new ArrayList<>(accepted.warnings());
        read.warnings().forEach(warning -> warnings.add(warning.field() + " " + warning.message()));
        return new Accepted(accepted.location(), warnings);
    }
}
