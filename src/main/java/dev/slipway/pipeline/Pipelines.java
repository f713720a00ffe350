package dev.slipway.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Accepted;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Request;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.RolloutSettings;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Accepts what callers want of pipelines. Every refusal is a {@link ProblemException}, after which nothing has changed. */
public final class Pipelines {
    private final Store store;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final Grants grants;
    private final IdGenerator ids;
    private final InstantSource clock;
    private final AwsLocation home;
    private final ObjectMapper json;

    Pipelines(
            Store store,
            Operations operations,
            Environments environments,
            Services services,
            Grants grants,
            IdGenerator ids,
            InstantSource clock,
            AwsLocation home,
            ObjectMapper json) {
        this.store = store;
        this.operations = operations;
        this.environments = environments;
        this.services = services;
        this.grants = grants;
        this.ids = ids;
        this.clock = clock;
        this.home = home;
        this.json = json;
    }

    public Optional<PipelineRecord> find(PipelineId id) {
        return store.get(PipelineRecord.key(id)).map(Stored::value);
    }

    /** Pipelines by name. */
    public Page<PipelineRecord> list(int limit, @Nullable String next) {
        return store.list(PipelineRecord.PARTITION, "", PipelineRecord.ITEM_TYPE, false, limit, next);
    }

    /**
     * Creates the pipeline or changes it.
     *
     * @param expected the revision that the caller has seen; 0 when there must be none yet; null when any will do
     * @param allow logical ids of what may be replaced or deleted although it holds data
     */
    public Accepted apply(
            PipelineId id, PipelineSpec spec, @Nullable Long expected, Set<String> allow, Request request) {
        return request.previousLocation(store)
                .map(before -> new Accepted(before, List.of()))
                .orElseGet(() -> accept(id, spec, expected, allow, null, request));
    }

    /** Runs a plan, if it still holds. */
    public Accepted applyPlan(PipelineId id, String planId, Set<String> allow, Request request) {
        return request.previousLocation(store)
                .map(before -> new Accepted(before, List.of()))
                .orElseGet(() -> {
                    Plan plan = Plans.requireRunnable(store, id, planId, revision(find(id)));
                    PipelineSpec spec = json.convertValue(plan.spec(), PipelineSpec.class);
                    return accept(id, spec, plan.revision(), allow, planId, request);
                });
    }

    private Accepted accept(
            PipelineId id,
            PipelineSpec spec,
            @Nullable Long expected,
            Set<String> allow,
            @Nullable String plan,
            Request request) {
        operations.requireUnlocked(id);
        Optional<Stored<PipelineRecord>> found = store.get(PipelineRecord.key(id));
        long revision = revision(found.map(Stored::value));
        Plans.requireRevision(revision, expected);
        check(id, spec);
        Instant now = clock.instant();
        Operation operation = Operation.accepted(
                        ids.next(), id, Operation.Type.APPLY, PipelineWorkflow.STACK, request.actor(), now)
                .withAllow(allow);
        String location = id.path() + "/operations/" + operation.id();
        List<Write> writes = new ArrayList<>(request.recordIdempotency(location, now));
        writes.add(found.<Write>map(at -> new Write.Update<>(at, at.value().withSpec(spec, now)))
                .orElseGet(() -> new Write.Create<>(PipelineRecord.key(id), PipelineRecord.created(id, spec, now))));
        writes.add(entry(
                id,
                LedgerEntry.EventType.SPEC_ACCEPTED,
                request,
                "declared revision %d of the spec.".formatted(revision + 1),
                now));
        operations.accept(plan == null ? operation : operation.withPlan(plan), writes);
        return new Accepted(location, List.of());
    }

    /** Computes what {@link #apply} would change. */
    public Accepted plan(PipelineId id, PipelineSpec spec, Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        check(id, spec);
        Instant now = clock.instant();
        Plan plan = Plan.computing(
                ids.next(), id, json.valueToTree(spec), revision(find(id)), null, Map.of(), request.actor(), now);
        String location = Plans.accept(operations, plan, ids.next(), PipelineWorkflow.STACK, request, now);
        return new Accepted(location, List.of());
    }

    /** Deletes the pipeline. What its executions have started goes on. */
    public Accepted delete(PipelineId id, @Nullable Long expected, Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        operations.requireUnlocked(id);
        Stored<PipelineRecord> found = store.get(PipelineRecord.key(id)).orElseThrow(() -> missing(id));
        Plans.requireRevision(found.value().revision(), expected);
        Instant now = clock.instant();
        Operation operation =
                Operation.accepted(ids.next(), id, Operation.Type.DELETE, PipelineWorkflow.STACK, request.actor(), now);
        String location = id.path() + "/operations/" + operation.id();
        List<Write> writes = new ArrayList<>(request.recordIdempotency(location, now));
        writes.add(new Write.Update<>(found, found.value().withDeleting(true)));
        writes.add(entry(
                id, LedgerEntry.EventType.DELETION_ACCEPTED, request, "asked for the deletion of the pipeline.", now));
        operations.accept(operation, writes);
        return new Accepted(location, List.of());
    }

    /** What was decided, newest first. */
    public Page<LedgerEntry> ledger(PipelineId id, int limit, @Nullable String next) {
        return store.list(Operation.partition(id), LedgerEntry.SORT, LedgerEntry.itemType(), true, limit, next);
    }

    public static ProblemException missing(PipelineId id) {
        return new ProblemException(
                404,
                Problem.user(
                        "pipeline-not-found",
                        "There is no pipeline %s.".formatted(id.service()),
                        "Create it: PUT " + id.path()));
    }

    private void check(PipelineId id, PipelineSpec spec) {
        List<String> declared = environments.names();
        Map<String, PipelineRules.StageSnapshot> facts = new HashMap<>();
        for (String name : spec.environments()) {
            if (declared.contains(name)) {
                services.find(id.serviceIn(name)).ifPresent(service -> facts.put(name, facts(id, name, service)));
            }
        }
        List<Problem.FieldError> errors =
                PipelineRules.check(id, spec, facts, Set.copyOf(declared), home.account(), home.region());
        if (!errors.isEmpty()) {
            throw new ProblemException(
                    422, Problem.invalid("invalid-spec", "The pipeline's spec does not fit its environments.", errors));
        }
    }

    private PipelineRules.StageSnapshot facts(PipelineId id, String environment, ServiceRecord service) {
        return new PipelineRules.StageSnapshot(
                waits(service.declared().rollout()),
                service.declared().container().architecture(),
                grants.find(new EnvironmentId(environment), id).isPresent(),
                PipelineStack.hasRegistry(service));
    }

    /** How long a rollout by these settings may wait at most. */
    static PipelineRules.RolloutDurations waits(RolloutSettings settings) {
        Duration before = settings.before() == null
                ? Duration.ZERO
                : Duration.ofSeconds(settings.before().timeoutSeconds());
        return new PipelineRules.RolloutDurations(
                settings.maxDuration()
                        .minus(settings.totalBakeTime())
                        .minus(settings.totalApprovalTimeout())
                        .plus(before),
                settings.totalApprovalTimeout(),
                settings.totalBakeTime());
    }

    private Write entry(PipelineId id, LedgerEntry.EventType what, Request request, String did, Instant now) {
        return LedgerEntry.of(ids.next(), id, what, request.actor(), request.actor() + " " + did, now)
                .write();
    }

    private static long revision(Optional<PipelineRecord> record) {
        return record.map(PipelineRecord::revision).orElse(0L);
    }
}
