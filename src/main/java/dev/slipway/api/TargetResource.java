package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.api.RequestContext.Items;
import dev.slipway.cost.CostChange;
import dev.slipway.drift.DriftView;
import dev.slipway.drift.Drifts;
import dev.slipway.firewall.FirewallCost;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerQueries;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.OperationQueries;
import dev.slipway.operation.Operations;
import dev.slipway.plan.Declarations;
import dev.slipway.plan.Declarations.Declared;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.stack.Difference;
import dev.slipway.stack.Risk;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.validation.SpecReader;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What every target has, whatever kind it is: a declared spec, plans, operations and a ledger.
 *
 * @param <T> ids of the targets
 * @param <S> their specs
 * @param <R> what is kept of them
 */
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public abstract class TargetResource<T extends Target, S, R extends Declared<S, R>> {
    final RequestContext context;

    private final Declarations<T, S, R> declarations;
    private final Queries queries;

    TargetResource(Declarations<T, S, R> declarations, Queries queries, RequestContext context) {
        this.declarations = declarations;
        this.queries = queries;
        this.context = context;
    }

    /** Where targets of every kind are looked up. */
    @Singleton
    record Queries(
            Store store, Operations operations, OperationQueries progress, LedgerQueries ledger, Drifts drifts) {}

    /**
     * A decision as the API shows it.
     *
     * @param rollout path of the rollout that it is about
     * @param state that the rollout has since
     */
    @RegisterForReflection
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

    /**
     * A plan as the API shows it.
     *
     * @param apply path to POST to, once it is ready
     * @param changes what would change in the stack; absent while it is being computed
     * @param release what would change in the container, by setting; a change here means a rollout
     * @param settings what else the spec says otherwise than the declared one, by path
     * @param firewallCost of an environment's firewall with this spec; absent where it has none
     * @param cost what it does to the cost of a month
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PlanView(
            String id,
            String self,
            Plan.State state,
            @Nullable String apply,
            @Nullable List<Difference.Resource> changes,
            Map<String, Plan.Change> release,
            Map<String, Plan.Change> settings,
            List<Risk> risks,
            @Nullable FirewallCost firewallCost,
            @Nullable CostChange cost,
            JsonNode spec,
            long revision,
            String createdBy,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Problem failure) {
        static PlanView of(Plan plan, @Nullable FirewallCost firewallCost) {
            String self = plan.target().path() + "/plans/" + plan.id();
            Difference stack = plan.stack();
            return new PlanView(
                    plan.id(),
                    self,
                    plan.state(),
                    plan.state() == Plan.State.READY ? self + "/apply" : null,
                    stack == null ? null : stack.resources(),
                    new TreeMap<>(plan.release()),
                    new TreeMap<>(plan.settings()),
                    plan.risks(),
                    firewallCost,
                    plan.cost(),
                    plan.spec(),
                    plan.revision(),
                    plan.createdBy(),
                    plan.createdAt(),
                    plan.expiresAt(),
                    plan.failure());
        }
    }

    /** The target that the path names. Throws {@link ProblemException} 422 when it cannot be a name. */
    abstract T target();

    /** The spec in a document. Throws {@link ProblemException} when it is none. */
    abstract SpecReader.Result<S> read(byte[] document);

    Drifts drifts() {
        return queries.drifts();
    }

    OperationView.Latest latest(T target) {
        return OperationView.Latest.of(queries.operations(), queries.store(), target);
    }

    /** With the revision as ETag, which changes can be made conditional on. */
    static Response answer(Object view, long revision) {
        return Response.ok(view).tag(new EntityTag(Long.toString(revision))).build();
    }

    @PUT
    public Response apply(byte @Nullable [] body) {
        return apply(body, null);
    }

    Response apply(byte @Nullable [] body, @Nullable ControlOverride override) {
        T target = target();
        SpecReader.Result<S> read = read(document(body));
        Declarations.Order order =
                new Declarations.Order(context.expectedRevision(), context.queryValues("allow"), override);
        return accepted(read, () -> declarations.apply(target, read.spec(), order, context.request(body)));
    }

    @POST
    @Path("plans")
    public Response plan(byte @Nullable [] body) {
        T target = target();
        SpecReader.Result<S> read = read(document(body));
        return accepted(read, () -> declarations.plan(target, read.spec(), context.request(body)));
    }

    private static byte[] document(byte @Nullable [] body) {
        return body == null ? new byte[0] : body;
    }

    /** What is wrong with a spec is named where its author wrote it. */
    private Response accepted(SpecReader.Result<S> read, Supplier<Accepted> request) {
        Accepted accepted;
        try {
            accepted = request.get();
        } catch (ProblemException e) {
            throw e.withFields(read.written());
        }
        List<String> warnings = new ArrayList<>(accepted.warnings());
        read.warnings().forEach(warning -> warnings.add(warning.field() + " " + warning.message()));
        return context.accepted(new Accepted(accepted.location(), warnings));
    }

    @GET
    @Path("plans")
    public Items<PlanView> plans() {
        T target = target();
        return context.page(
                (most, from) -> queries.store().list(target.partition(), Plan.SORT, Plan.ITEM_TYPE, true, most, from),
                this::view);
    }

    @GET
    @Path("plans/{plan}")
    public PlanView plan(@PathParam("plan") String plan) {
        return view(Plans.get(queries.store(), target(), plan));
    }

    private PlanView view(Plan plan) {
        return PlanView.of(plan, firewallCost(plan.spec()));
    }

    /** Of what a plan's spec asks for; null where there is none. */
    @Nullable
    FirewallCost firewallCost(JsonNode spec) {
        return null;
    }

    @POST
    @Path("plans/{plan}/apply")
    public Response applyPlan(@PathParam("plan") String plan, byte @Nullable [] body) {
        return applyPlan(
                plan, RequestBodies.read(body, RequestBodies.ApplyPlan.class).allow(), null, body);
    }

    Response applyPlan(
            String plan, @Nullable Set<String> allow, @Nullable ControlOverride override, byte @Nullable [] body) {
        T target = target();
        return context.accepted(declarations.applyPlan(
                target, plan, allow == null ? Set.of() : allow, override, context.request(body)));
    }

    /** Begins to compare the target with what was deployed; the answer is at the same path. */
    @POST
    @Path("drift")
    public Response detectDrift() {
        return context.accepted(queries.drifts().detect(target(), context.request(null)));
    }

    /** How it compares, as of the last detection. */
    @GET
    @Path("drift")
    public DriftView drift() {
        return queries.drifts().get(target());
    }

    /** Has put back what was found; a path of its own, so that who may compare may not mend. */
    @POST
    @Path("drift/mend")
    public Response mendDrift(byte @Nullable [] body) {
        return mendDrift(RequestBodies.read(body, RequestBodies.Mend.class).checkedAt(), null, body);
    }

    Response mendDrift(@Nullable String checkedAt, @Nullable ControlOverride override, byte @Nullable [] body) {
        return context.accepted(
                queries.drifts().mend(target(), RequestBodies.checkedAt(checkedAt), override, context.request(body)));
    }

    @GET
    @Path("operations")
    public Items<OperationView> operations() {
        T target = target();
        return context.page((most, from) -> queries.operations().list(target, most, from), OperationView::of);
    }

    @GET
    @Path("operations/{operation}")
    public OperationView operation(@PathParam("operation") String operation) {
        T target = target();
        return OperationView.of(queries.progress()
                .find(target, operation)
                .orElseThrow(() -> new ProblemException(
                        404,
                        "operation-not-found",
                        "%s has no operation %s.".formatted(target.key(), operation),
                        "Look at those there are: GET " + target.path() + "/operations")));
    }

    /** What was decided, newest first, as one document or a line for each entry; it outlives what it tells of. */
    @GET
    @Path("ledger")
    public Response ledger() {
        T target = target();
        LedgerQueries.Filter filter = context.ledgerFilter();
        Items<EntryView> found = context.page(
                (most, from) -> {
                    Page<LedgerEntry> page = queries.ledger().page(target, filter, most, from);
                    if (page.items().isEmpty() && from == null) {
                        requireLedger(target);
                    }
                    return page;
                },
                EntryView::of);
        return context.isJsonLines()
                ? context.lines(found)
                : Response.ok(found, MediaType.APPLICATION_JSON_TYPE).build();
    }

    /** Throws {@link ProblemException} 404 when there never was such a target. */
    private void requireLedger(T target) {
        if (queries.ledger()
                .page(target, LedgerQueries.Filter.ALL, 1, null)
                .items()
                .isEmpty()) {
            declarations.get(target);
        }
    }
}
