package dev.slipway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.api.RequestContext.Items;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.validation.SpecReader;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;

/** Which environments and pipelines there are. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class ListingResource {
    private final Environments environments;
    private final PipelineModule pipelines;
    private final SpecReader specs;
    private final RequestContext context;

    ListingResource(Environments environments, PipelineModule pipelines, SpecReader specs, RequestContext context) {
        this.environments = environments;
        this.pipelines = pipelines;
        this.specs = specs;
        this.context = context;
    }

    @RegisterForReflection
    record EnvironmentSummary(String name, String self) {}

    @RegisterForReflection
    record PipelineSummary(
            String name, String self, long revision, List<String> environments, Instant createdAt, Instant updatedAt) {
        static PipelineSummary of(PipelineRecord record) {
            return new PipelineSummary(
                    record.id().service(),
                    record.id().path(),
                    record.revision(),
                    record.declared().environments(),
                    record.createdAt(),
                    record.updatedAt());
        }
    }

    /** The names lie in one item, so pages are cut here; {@code next} is the last name of the page before. */
    @GET
    @Path("environments")
    public Items<EnvironmentSummary> environments() {
        int most = context.limit();
        String next = context.next();
        if (next != null && !next.matches(EnvironmentId.PATTERN)) {
            throw RequestContext.invalidNext();
        }
        List<String> names = environments.names().stream()
                .filter(name -> next == null || name.compareTo(next) > 0)
                .toList();
        List<EnvironmentSummary> page = names.stream()
                .limit(most)
                .map(name -> new EnvironmentSummary(name, new EnvironmentId(name).path()))
                .toList();
        return new Items<>(page, names.size() > most ? page.getLast().name() : null);
    }

    /** A set of defaults that a spec of an environment can name. */
    @RegisterForReflection
    record PresetView(String name, JsonNode spec) {}

    @GET
    @Path("presets")
    public Items<PresetView> presets() {
        return new Items<>(
                specs.presets().properties().stream()
                        .map(preset -> new PresetView(preset.getKey(), preset.getValue()))
                        .toList(),
                null);
    }

    @GET
    @Path("pipelines")
    public Items<PipelineSummary> pipelines() {
        return context.page((most, from) -> pipelines.pipelines().list(most, from), PipelineSummary::of);
    }
}
