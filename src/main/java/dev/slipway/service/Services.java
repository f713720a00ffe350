package dev.slipway.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.Environments;
import dev.slipway.freeze.Freeze;
import dev.slipway.freeze.FreezeOverride;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
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
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Release;
import dev.slipway.routing.RouteClaim;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Accepts what callers want of services. Every refusal is a {@link ProblemException}, after which nothing has changed. */
public final class Services {
    private final Store store;
    private final Operations operations;
    private final Environments environments;
    private final RolloutQueue queue;
    private final IdGenerator ids;
    private final InstantSource clock;
    private final ObjectMapper json;

    public Services(
            Store store,
            Operations operations,
            Environments environments,
            RolloutQueue queue,
            IdGenerator ids,
            InstantSource clock,
            ObjectMapper json) {
        this.store = store;
        this.operations = operations;
        this.environments = environments;
        this.queue = queue;
        this.ids = ids;
        this.clock = clock;
        this.json = json;
    }

    public Optional<ServiceRecord> find(ServiceId id) {
        return store.get(ServiceRecord.key(id)).map(Stored::value);
    }

    /** Throws {@link ProblemException} 404 when there is none. */
    public ServiceRecord get(ServiceId id) {
        return stored(id).value();
    }

    Stored<ServiceRecord> stored(ServiceId id) {
        return store.get(ServiceRecord.key(id))
                .orElseThrow(() -> new ProblemException(
                        404,
                        Problem.user(
                                "service-not-found",
                                "There is no service %s in %s.".formatted(id.service(), id.environment()),
                                "Create it: PUT " + id.path())));
    }

    /** Services of an environment, by name. */
    public Page<ServiceRecord> list(EnvironmentId id, int limit, @Nullable String next) {
        environments.get(id);
        return store.list(
                ServiceRecord.partition(id), ServiceRecord.SORT, ServiceRecord.itemType(), false, limit, next);
    }

    /**
     * Creates the service or changes it.
     *
     * @param expected the revision that the caller has seen; 0 when there must be none yet; null when any will do
     * @param allow logical ids of what may be replaced or deleted although it holds data or traffic
     */
    public Accepted apply(ServiceId id, ServiceSpec spec, @Nullable Long expected, Set<String> allow, Request request) {
        return apply(id, spec, expected, allow, null, request);
    }

    /**
     * Creates the service or changes it.
     *
     * @param override of freeze windows, for the rollout that a change of the container's settings is
     */
    public Accepted apply(
            ServiceId id,
            ServiceSpec spec,
            @Nullable Long expected,
            Set<String> allow,
            @Nullable FreezeOverride override,
            Request request) {
        return accept(id, spec, expected, allow, null, override, request);
    }

    /** Computes what {@link #apply} would change. */
    public Accepted plan(ServiceId id, ServiceSpec spec, Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        EnvironmentRecord environment = ready(id).value();
        RouteAllocation.of(id, spec, environment);
        Optional<ServiceRecord> record = find(id);
        Instant now = clock.instant();
        Plan plan = Plan.computing(
                ids.next(),
                id,
                json.valueToTree(spec),
                record.map(ServiceRecord::revision).orElse(0L),
                EnvironmentDigest.digest(environment),
                record.map(found -> difference(found, spec.container())).orElse(Map.of()),
                request.actor(),
                now);
        String location = Plans.accept(operations, plan, ids.next(), ServiceWorkflow.STACK, request, now);
        return new Accepted(
                location,
                ServiceRules.warnings(spec, environment.declared()).stream()
                        .map(warning -> warning.field() + " " + warning.message())
                        .toList());
    }

    private Map<String, Plan.Change> difference(ServiceRecord record, ContainerSettings wanted) {
        Integer live = record.live();
        return live == null
                ? Map.of()
                : ContainerDifference.between(
                        store.get(Release.key(record.id(), live))
                                .orElseThrow()
                                .value()
                                .container(),
                        wanted,
                        json);
    }

    /** Runs a plan, if it still holds. */
    public Accepted applyPlan(ServiceId id, String planId, Set<String> allow, Request request) {
        return applyPlan(id, planId, allow, null, request);
    }

    /** Runs a plan, if it still holds, in spite of freeze windows. */
    public Accepted applyPlan(
            ServiceId id, String planId, Set<String> allow, @Nullable FreezeOverride override, Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        Optional<ServiceRecord> record = find(id);
        Plan plan = Plans.requireRunnable(
                store, id, planId, record.map(ServiceRecord::revision).orElse(0L));
        ServiceSpec spec = json.convertValue(plan.spec(), ServiceSpec.class);
        Map<String, Plan.Change> now =
                record.map(found -> difference(found, spec.container())).orElse(Map.of());
        if (!now.equals(plan.release())) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "plan-stale",
                            "Another release has gone live since the plan was made, and it would change otherwise now.",
                            "Make a new plan and look at it."));
        }
        if (plan.environmentDigest() != null
                && !plan.environmentDigest().equals(EnvironmentDigest.digest(environments.get(id.environmentId())))) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "plan-stale",
                            "What the service has of its environment has changed since the plan was made.",
                            "Make a new plan and look at it."));
        }
        return accept(id, spec, plan.revision(), allow, planId, override, request);
    }

    private Accepted accept(
            ServiceId id,
            ServiceSpec spec,
            @Nullable Long expected,
            Set<String> allow,
            @Nullable String plan,
            @Nullable FreezeOverride override,
            Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        operations.requireUnlocked(id);
        Stored<EnvironmentRecord> environment = ready(id);
        Optional<Stored<ServiceRecord>> found = store.get(ServiceRecord.key(id));
        Plans.requireRevision(found.map(at -> at.value().revision()).orElse(0L), expected);
        RouteClaim claim = RouteAllocation.of(id, spec, environment.value());
        Instant now = clock.instant();
        Operation operation = Operation.accepted(
                        ids.next(), id, Operation.Type.APPLY, ServiceWorkflow.OBSERVE, request.actor(), now)
                .withAllow(allow)
                .withOverride(override);
        String location = id.path() + "/operations/" + operation.id();
        List<Write> writes = new ArrayList<>(request.recordIdempotency(location, now));
        found.map(Stored::value)
                .filter(record -> rollsOut(record, spec))
                .flatMap(record -> overridden(record, override, request, now))
                .ifPresent(writes::add);
        writes.add(entry(
                id,
                LedgerEntry.EventType.SPEC_ACCEPTED,
                request,
                "revision %d of the spec"
                        .formatted(found.map(at -> at.value().revision()).orElse(0L) + 1),
                now));
        writes.add(found.<Write>map(at -> new Write.Update<>(at, at.value().declaring(spec, now)))
                .orElseGet(() -> new Write.Create<>(ServiceRecord.key(id), ServiceRecord.created(id, spec, now))));
        writes.add(
                claim.equals(environment.value().services().get(id.service()))
                        ? new Write.Check<>(environment)
                        : new Write.Update<>(environment, environment.value().withRoute(id.service(), claim)));
        operations.accept(plan == null ? operation : operation.withPlan(plan), writes);
        return new Accepted(
                location,
                ServiceRules.warnings(spec, environment.value().declared()).stream()
                        .map(warning -> warning.field() + " " + warning.message())
                        .toList());
    }

    /** Whether applying a spec would start a rollout: see {@link ServiceWorkflow}. */
    private boolean rollsOut(ServiceRecord record, ServiceSpec spec) {
        Integer live = record.live();
        return live != null
                && !spec.container().equals(record.attempted())
                && !store.get(Release.key(record.id(), live))
                        .map(release -> release.value().container().equals(spec.container()))
                        .orElse(false);
    }

    private Optional<Write> overridden(
            ServiceRecord record, @Nullable FreezeOverride override, Request request, Instant now) {
        List<Freeze.Open> open = queue.freezeGuard().open(record, now);
        queue.freezeGuard().enforce(record.id(), open, override, true);
        return queue.freezeGuard().overridden(record.id(), null, open, override, request.actor(), now);
    }

    private Write entry(ServiceId id, LedgerEntry.EventType what, Request request, String of, Instant now) {
        String verb = what == LedgerEntry.EventType.DELETION_ACCEPTED ? " asked for the deletion of " : " declared ";
        return LedgerEntry.of(ids.next(), id, what, request.actor(), request.actor() + verb + of + ".", now)
                .write();
    }

    /** The environment, once it can have services. */
    private Stored<EnvironmentRecord> ready(ServiceId id) {
        environments.get(id.environmentId());
        Stored<EnvironmentRecord> found =
                store.get(EnvironmentRecord.key(id.environmentId())).orElseThrow();
        if (found.value().deleting()) {
            throw new ProblemException(
                    409, Problem.user("environment-deleting", id.environment() + " is being deleted.", null));
        }
        if (found.value().outputs().isEmpty()) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "environment-not-ready",
                            "%s has not been created yet.".formatted(id.environment()),
                            "Wait until its first apply has succeeded: GET "
                                    + id.environmentId().path()));
        }
        return found;
    }

    /**
     * Has a service follow its environment, which has been applied: its declared spec is applied again, once for the
     * environment's operation, if it has anything of the environment that has changed.
     *
     * @return SUCCEEDED when there is nothing (more) to do, RUNNING while it is under way or has to wait for another
     *     operation, FAILED when it could not be applied
     */
    public Operation.State reapply(ServiceId id, Operation because) {
        Optional<Operation> own = operations.find(id, because.id());
        if (own.isPresent()) {
            return own.get().state();
        }
        Optional<Stored<ServiceRecord>> found = store.get(ServiceRecord.key(id));
        if (found.isEmpty()
                || !EnvironmentDigest.isOutdated(found.get().value(), environments.get(id.environmentId()))) {
            return Operation.State.SUCCEEDED;
        }
        if (operations.findRunning(id).isPresent()) {
            return Operation.State.RUNNING;
        }
        Operation operation = Operation.accepted(
                        because.id(),
                        id,
                        Operation.Type.APPLY,
                        ServiceWorkflow.OBSERVE,
                        because.actor(),
                        clock.instant())
                .withAllow(because.allow())
                .withNote("Applied again because the environment has changed.");
        operations.accept(operation, List.of(new Write.Check<>(found.get())));
        return Operation.State.RUNNING;
    }

    /** Deletes the service. {@code keep} may name {@code registry} and {@code logs}. */
    public Accepted delete(ServiceId id, @Nullable Long expected, Set<String> keep, Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        operations.requireUnlocked(id);
        Stored<ServiceRecord> found = stored(id);
        Plans.requireRevision(found.value().revision(), expected);
        Instant now = clock.instant();
        Operation operation = Operation.accepted(
                        ids.next(), id, Operation.Type.DELETE, ServiceWorkflow.STACK, request.actor(), now)
                .withKeep(keep);
        String location = id.path() + "/operations/" + operation.id();
        List<Write> writes = new ArrayList<>(request.recordIdempotency(location, now));
        writes.add(new Write.Check<>(found));
        writes.addAll(queue.cancelQueued(id, request.actor(), now));
        writes.add(entry(id, LedgerEntry.EventType.DELETION_ACCEPTED, request, "the service", now));
        operations.accept(operation, writes);
        return new Accepted(location, List.of());
    }
}
