package dev.slipway.api;

import dev.slipway.environment.Environments;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.target.EnvironmentId;
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
    private final Pipelines pipelines;
    private final Call call;

    ListingResource(Environments environments, Pipelines pipelines, Call call) {
        this.environments = environments;
        this.pipelines = pipelines;
        this.call = call;
    }

    record EnvironmentName(String name, String self) {}

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
    public Items<EnvironmentName> environments() {
        int most = call.limit();
        String next = call.next();
        if (next != null && !next.matches(EnvironmentId.PATTERN)) {
            throw Call.invalidNext();
        }
        List<String> names = environments.names().stream()
                .filter(name -> next == null || name.compareTo(next) > 0)
                .toList();
        List<EnvironmentName> page = names.stream()
                .limit(most)
                .map(name -> new EnvironmentName(name, new EnvironmentId(name).path()))
                .toList();
        return new Items<>(page, names.size() > most ? page.getLast().name() : null);
    }

    @GET
    @Path("pipelines")
    public Items<PipelineSummary> pipelines() {
        return call.page((most, from) -> pipelines.declared().list(most, from), PipelineSummary::of);
    }
}
