package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.app.ControlPlane;
import dev.slipway.ledger.Entry;
import dev.slipway.operation.Operation;
import dev.slipway.store.Page;
import dev.slipway.target.EnvironmentId;
import dev.slipway.target.ServiceId;
import dev.slipway.target.Target;
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
            Entry.What what,
            @Nullable String rollout,
            @Nullable String state,
            @Nullable Integer release,
            String sentence) {
        static EntryView of(Entry entry) {
            String rollout = entry.rollout();
            return new EntryView(
                    entry.id(),
                    entry.at(),
                    entry.actor(),
                    entry.what(),
                    rollout == null ? null : entry.target().path() + "/rollouts/" + rollout,
                    entry.state(),
                    entry.release(),
                    entry.sentence());
        }
    }

    @GET
    @Path("ledger")
    public Paging.Items<EntryView> ofEnvironment(
            @PathParam("environment") String environment,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        EnvironmentId id = Names.environment(environment);
        return ledger(id, () -> plane.environments().get(id), limit, next);
    }

    @GET
    @Path("services/{service}/ledger")
    public Paging.Items<EntryView> ofService(
            @PathParam("environment") String environment,
            @PathParam("service") String service,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT) String limit,
            @QueryParam("next") @Nullable String next) {
        ServiceId id = Names.service(environment, service);
        return ledger(id, () -> plane.services().get(id), limit, next);
    }

    /** @param exists throws when there is no such thing; asked only when nothing tells that there ever was */
    private Paging.Items<EntryView> ledger(Target target, Runnable exists, String limit, @Nullable String next) {
        int most = Paging.limit(limit);
        return Paging.items(
                from -> {
                    Page<Entry> page =
                            plane.store().list(Operation.partition(target), Entry.SORT, Entry.kind(), true, most, from);
                    if (page.items().isEmpty() && from == null) {
                        exists.run();
                    }
                    return page;
                },
                next,
                EntryView::of);
    }
}
