package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.api.RequestContext.Items;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.pipeline.PipelineModule;
import dev.slipway.pipeline.PipelineRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.status.HealthState;
import dev.slipway.status.StatusListing;
import dev.slipway.status.StatusRecord;
import dev.slipway.validation.SpecReader;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which environments, services and pipelines there are. The list of all services is below no environment's path: who may see it sees
 * names and states of all, and a policy that allows one environment does not reach it.
 */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class ListingResource {
    private final Environments environments;
    private final Operations operations;
    private final PipelineModule pipelines;
    private final SpecReader specs;
    private final StatusListing services;
    private final RequestContext context;

    ListingResource(
            Environments environments,
            Operations operations,
            PipelineModule pipelines,
            SpecReader specs,
            StatusListing services,
            RequestContext context) {
        this.environments = environments;
        this.operations = operations;
        this.pipelines = pipelines;
        this.specs = specs;
        this.services = services;
        this.context = context;
    }

    /** @param underWay what changes the environment itself now */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EnvironmentSummary(
            String name, String self, @Nullable UnderWayView underWay) {}

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

    /**
     * The names lie in one item, so pages are cut here, and each is asked what changes it; {@code next} is the last name of the page
     * before.
     */
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
                .map(EnvironmentId::new)
                .map(id -> new EnvironmentSummary(
                        id.key(),
                        id.path(),
                        operations
                                .findChanging(id)
                                .map(UnderWayView::ofOperation)
                                .orElse(null)))
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

    /**
     * A service in the list of all.
     *
     * @param since when it was first seen so; absent before the first look
     * @param checkedAt when it was looked at last and AWS told all of it; absent before the first look
     * @param release that is live as far as is recorded
     * @param reason the most serious, in a sentence
     * @param underWay what changes it or waits for its turn now
     * @param changes of its state, the newest first
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record ListedService(
            String service,
            String environment,
            String self,
            HealthState state,
            @Nullable Instant since,
            @Nullable Instant checkedAt,
            @Nullable Integer release,
            @Nullable String reason,
            @Nullable UnderWayView underWay,
            List<StatusRecord.Change> changes) {
        static ListedService of(StatusListing.Listed listed) {
            StatusRecord status = listed.status();
            return new ListedService(
                    listed.service().id().service(),
                    listed.service().id().environment(),
                    listed.service().id().path() + "/status",
                    listed.state(),
                    status == null ? null : status.since(),
                    listed.checkedAt(),
                    listed.service().live(),
                    status == null ? null : status.reason(),
                    UnderWayView.of(listed.underWay()),
                    status == null ? List.of() : status.changes());
        }
    }

    /**
     * What changes a service, or waits for its turn.
     *
     * @param type of the operation; a rollout where it waits
     * @param self path of the rollout, or of the operation where it is none
     * @param release number of the rollout's release, once it is known
     * @param tag of the rollout's image
     * @param percent of the production traffic that the rollout's release has, once it has some
     * @param waitsFor what it waits for, in a sentence
     * @param approval whether a person has to approve it
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record UnderWayView(
            Operation.Type type,
            String self,
            @Nullable Integer release,
            @Nullable String tag,
            @Nullable Double percent,
            @Nullable String waitsFor,
            boolean approval) {
        static UnderWayView ofOperation(Operation operation) {
            return new UnderWayView(operation.type(), operation.path(), null, null, null, null, false);
        }

        static @Nullable UnderWayView of(StatusListing.@Nullable UnderWay underWay) {
            if (underWay == null) {
                return null;
            }
            Operation operation = underWay.operation();
            Rollout rollout = underWay.rollout();
            if (rollout == null) {
                return operation == null ? null : ofOperation(operation);
            }
            RolloutResource.RolloutView view =
                    RolloutResource.RolloutView.of(rollout, Optional.ofNullable(underWay.gate()), Optional.empty());
            return new UnderWayView(
                    operation == null ? Operation.Type.ROLLOUT : operation.type(),
                    view.self(),
                    view.release(),
                    view.tag(),
                    view.stage() == null ? null : view.stage().percent(),
                    view.waitsFor(),
                    view.approval() != null);
        }
    }

    @GET
    @Path("services")
    public Items<ListedService> allServices() {
        String state = context.queryValue("state");
        try {
            StatusListing.Listing listing = services.list(
                    state == null ? null : HealthState.valueOf(state.toUpperCase(Locale.ROOT)),
                    context.limit(),
                    context.next());
            return new Items<>(listing.items().stream().map(ListedService::of).toList(), listing.next());
        } catch (IllegalArgumentException e) {
            throw RequestContext.invalidNext();
        }
    }

    @GET
    @Path("pipelines")
    public Items<PipelineSummary> pipelines() {
        return context.page((most, from) -> pipelines.pipelines().list(most, from), PipelineSummary::of);
    }
}
