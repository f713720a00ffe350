package dev.slipway.api;

import dev.slipway.environment.Environments;
import dev.slipway.operation.Accepted;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.service.Services;
import dev.slipway.spec.SpecReader;
import dev.slipway.target.ServiceId;
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
    private final Pipelines pipelines;
    private final SpecReader specs;
    private final InstantSource clock;

    ServiceResource(
            Services services,
            ServiceQueries live,
            Environments environments,
            Pipelines pipelines,
            SpecReader specs,
            InstantSource clock,
            Queries queries,
            Call call) {
        super(queries, call);
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
        SpecReader.Read<ServiceSpec> read = read(body);
        Accepted accepted = services.apply(
                id, read.spec(), call.expected(), call.values("allow", null), call.override(), call.request(body));
        return call.accepted(warned(accepted, read));
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
                PipelineStatus.OfService.of(id, pipelines, clock.instant()));
        return Response.ok(view)
                .tag(new EntityTag(Long.toString(record.revision())))
                .build();
    }

    @DELETE
    public Response delete() {
        return call.accepted(services.delete(target(), call.expected(), call.values("keep", KEEP), call.request(null)));
    }

    @Override
    ServiceId target() {
        return call.service();
    }

    @Override
    void require(ServiceId target) {
        services.get(target);
    }

    @Override
    Accepted plan(ServiceId target, byte @Nullable [] body) {
        SpecReader.Read<ServiceSpec> read = read(body);
        return warned(services.plan(target, read.spec(), call.request(body)), read);
    }

    @Override
    Accepted applyPlan(ServiceId target, String plan, Set<String> allow, byte @Nullable [] body) {
        return services.applyPlan(target, plan, allow, call.override(), call.request(body));
    }

    private SpecReader.Read<ServiceSpec> read(byte @Nullable [] body) {
        return specs.service(body == null ? new byte[0] : body, call.contentType());
    }

    private static Accepted warned(Accepted accepted, SpecReader.Read<ServiceSpec> read) {
        List<String> warnings = new ArrayList<>(accepted.warnings());
        read.warnings().forEach(warning -> warnings.add(warning.field() + " " + warning.message()));
        return new Accepted(accepted.location(), warnings);
    }
}
