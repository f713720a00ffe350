package dev.slipway.api;

import dev.slipway.environment.Environments;
import dev.slipway.freeze.FreezeOverride;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.service.ServiceQueries;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.ServiceSpec;
import dev.slipway.service.Services;
import dev.slipway.validation.SpecReader;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A service: containers with a name in an environment. */
@Path("/v1/environments/{environment}/services/{service}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class ServiceResource extends TargetResource<ServiceId, ServiceSpec, ServiceRecord> {
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
        super(services, queries, context);
        this.services = services;
        this.live = live;
        this.environments = environments;
        this.pipelines = pipelines;
        this.specs = specs;
        this.clock = clock;
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
        return answer(view, record.revision());
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
    SpecReader.Result<ServiceSpec> read(byte[] document) {
        return specs.service(document, context.contentType());
    }

    @Override
    @Nullable
    FreezeOverride override() {
        return context.freezeOverride();
    }
}
