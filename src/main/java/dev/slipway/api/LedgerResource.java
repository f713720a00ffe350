package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.app.ControlPlane;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Operation;
import dev.slipway.store.Page;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What was decided, newest first; it outlives what it tells of. */
@Path("/v1/environments/{environment}")
@Produces(MediaType.APPLICATION_JSON)
public class LedgerResource {
    private final ControlPlane plane;

    LedgerResource(ControlPlane plane) {
        this.plane = plane;
    }

    /**
     * A decision as the API shows it.
     *
     * @param rollout path of the rollout that it is about
     * @param state that the rollout has since
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EntryView(
            String id,
            Instant at,
            String actor,
            LedgerEntry.EventType type,
            @Nullable String rollout,
            @Nullable String state,
            @Nullable Integer release,
            String message) {
        static EntryView of(LedgerEntry entry) {
            String rollout = entry.rollout();
            return new EntryView(
                    entry.id(),
                    entry.at(),
                    entry.actor(),
                    entry.type(),
                    rollout == null ? null : entry.target().path() + "/rollouts/" + rollout,
                    entry.state(),
                    entry.release(),
                    entry.message());
        }
    }

    @GET
    @Path("ledger")
    public Paging.Items<EntryView> ofEnvironment(
            @PathParam("environment") String environment,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        EnvironmentId id = PathParameters.environment(environment);
        int most = Paging.limit(limit);
        return Paging.items(
                from -> {
                    Page<LedgerEntry> page = plane.store()
                            .list(Operation.partition(id), LedgerEntry.SORT, LedgerEntry.itemType(), true, most, from);
                    if (page.items().isEmpty() && from == null) {
                        plane.environments().get(id); // there never was one
                    }
                    return page;
                },
                next,
                EntryView::of);
    }

    @GET
    @Path("services/{service}/ledger")
    public Paging.Items<EntryView> ofService(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        ServiceId id = PathParameters.service(environment, service);
        int most = Paging.limit(limit);
        return Paging.items(from -> plane.rollouts().ledger(id, most, from), next, EntryView::of);
    }
}
