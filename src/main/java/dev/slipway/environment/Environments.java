package dev.slipway.environment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.EnvironmentId;
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
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Accepts what callers want of environments. Every refusal is a {@link ProblemException}, after which nothing has changed. */
public final class Environments {
    private final Store store;
    private final Operations operations;
    private final IdGenerator ids;
    private final InstantSource clock;
    private final AwsLocation awsLocation;
    private final ObjectMapper json;

    public Environments(
            Store store,
            Operations operations,
            IdGenerator ids,
            InstantSource clock,
            AwsLocation home,
            ObjectMapper json) {
        this.store = store;
        this.operations = operations;
        this.ids = ids;
        this.clock = clock;
        this.awsLocation = home;
        this.json = json;
    }

    public Optional<EnvironmentRecord> find(EnvironmentId id) {
        return store.get(EnvironmentRecord.key(id)).map(Stored::value);
    }

    /** Throws {@link ProblemException} 404 when there is none. */
    public EnvironmentRecord get(EnvironmentId id) {
        return find(id).orElseThrow(() -> missing(id));
    }

    /** The names of all environments, in alphabetical order. */
    public List<String> names() {
        return store.get(EnvironmentIndex.KEY)
                .map(found -> List.copyOf(found.value().networks().keySet()))
                .orElse(List.of());
    }

    /**
     * Creates the environment or changes it.
     *
     * @param expected the revision that the caller has seen; 0 when there must be none yet; null when any will do
     * @param allow logical ids of what may be replaced or deleted although it holds data or traffic
     */
    public Accepted apply(
            EnvironmentId id, EnvironmentSpec spec, @Nullable Long expected, Set<String> allow, Request request) {
        return accept(id, spec, expected, allow, null, request);
    }

    /** Computes what {@link #apply} would change. */
    public Accepted plan(EnvironmentId id, EnvironmentSpec spec, Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        Optional<EnvironmentRecord> record = find(id);
        check(id, spec, record, index());
        Instant now = clock.instant();
        Plan plan = Plan.computing(
                ids.next(),
                id,
                json.valueToTree(spec),
                record.map(EnvironmentRecord::revision).orElse(0L),
                null,
                Map.of(),
                request.actor(),
                now);
        String location = Plans.accept(operations, plan, ids.next(), EnvironmentWorkflow.STACK, request, now);
        return new Accepted(location, List.of());
    }

    /** Runs a plan, if it still holds. */
    public Accepted applyPlan(EnvironmentId id, String planId, Set<String> allow, Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        Plan plan = Plans.requireRunnable(
                store, id, planId, find(id).map(EnvironmentRecord::revision).orElse(0L));
        EnvironmentSpec spec = json.convertValue(plan.spec(), EnvironmentSpec.class);
        return accept(id, spec, plan.revision(), allow, planId, request);
    }

    private Accepted accept(
            EnvironmentId id,
            EnvironmentSpec spec,
            @Nullable Long expected,
            Set<String> allow,
            @Nullable String plan,
            Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        operations.requireUnlocked(id);
        Optional<Stored<EnvironmentRecord>> found = store.get(EnvironmentRecord.key(id));
        Plans.requireRevision(found.map(at -> at.value().revision()).orElse(0L), expected);
        Optional<Stored<EnvironmentIndex>> fleet = store.get(EnvironmentIndex.KEY);
        check(id, spec, found.map(Stored::value), fleet.map(Stored::value).orElse(new EnvironmentIndex(Map.of())));
        Instant now = clock.instant();
        Operation operation = Operation.accepted(
                        ids.next(), id, Operation.Type.APPLY, EnvironmentWorkflow.STACK, request.actor(), now)
                .withAllow(allow);
        String location = id.path() + "/operations/" + operation.id();
        List<Write> writes = new ArrayList<>(request.recordIdempotency(location, now));
        long revision = found.map(at -> at.value().revision()).orElse(0L) + 1;
        writes.add(entry(
                id,
                LedgerEntry.EventType.SPEC_ACCEPTED,
                request,
                "declared revision %d of the spec.".formatted(revision),
                now));
        if (found.isPresent()) {
            writes.add(new Write.Update<>(found.get(), found.get().value().withSpec(spec, now)));
        } else {
            writes.add(new Write.Create<>(
                    EnvironmentRecord.key(id),
                    new EnvironmentRecord(id, spec, 1, Map.of(), Map.of(), false, now, now)));
            writes.add(joinIndex(fleet, id, spec));
        }
        operations.accept(plan == null ? operation : operation.withPlan(plan), writes);
        return new Accepted(location, List.of());
    }

    private Write entry(EnvironmentId id, LedgerEntry.EventType what, Request request, String did, Instant now) {
        return LedgerEntry.of(ids.next(), id, what, request.actor(), request.actor() + " " + did, now)
                .write();
    }

    private static Write joinIndex(Optional<Stored<EnvironmentIndex>> fleet, EnvironmentId id, EnvironmentSpec spec) {
        return fleet.<Write>map(at -> new Write.Update<>(
                        at, at.value().with(id, spec.network().cidr())))
                .orElseGet(() -> new Write.Create<>(
                        EnvironmentIndex.KEY,
                        new EnvironmentIndex(Map.of(id.key(), spec.network().cidr()))));
    }

    /** Deletes the environment, which must have no services and no termination protection. */
    public Accepted delete(EnvironmentId id, @Nullable Long expected, Request request) {
        Optional<String> before = request.previousLocation(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        operations.requireUnlocked(id);
        Stored<EnvironmentRecord> found = store.get(EnvironmentRecord.key(id)).orElseThrow(() -> missing(id));
        EnvironmentRecord record = found.value();
        Plans.requireRevision(record.revision(), expected);
        if (!record.services().isEmpty()) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "environment-has-services",
                            "%s still has services: %s."
                                    .formatted(
                                            id.key(),
                                            String.join(", ", record.services().keySet())),
                            "Delete them first: DELETE " + id.path() + "/services/{service}"));
        }
        if (record.declared().terminationProtection()) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "termination-protected",
                            "%s is protected against deletion.".formatted(id.key()),
                            "Apply its spec with terminationProtection: false first."));
        }
        Instant now = clock.instant();
        Operation operation = Operation.accepted(
                ids.next(), id, Operation.Type.DELETE, EnvironmentWorkflow.STACK, request.actor(), now);
        String location = id.path() + "/operations/" + operation.id();
        List<Write> writes = new ArrayList<>(request.recordIdempotency(location, now));
        writes.add(new Write.Update<>(found, record.withDeleting(true)));
        writes.add(entry(
                id,
                LedgerEntry.EventType.DELETION_ACCEPTED,
                request,
                "asked for the deletion of the environment.",
                now));
        operations.accept(operation, writes);
        return new Accepted(location, List.of());
    }

    private void check(
            EnvironmentId id, EnvironmentSpec spec, Optional<EnvironmentRecord> record, EnvironmentIndex fleet) {
        if (id.key().equals(EnvironmentId.RESERVED) && record.isEmpty()) {
            rejectIf(
                    "invalid-name",
                    "No environment can be called %s.".formatted(id.key()),
                    List.of(new Problem.FieldError(
                            "{environment} in the path",
                            "\"" + id.key() + "\"",
                            "is taken: the stacks of pipelines are called slipway-%s-{name}".formatted(id.key()))));
        }
        Map<String, Cidr> others = new HashMap<>(fleet.networks());
        others.remove(id.key());
        rejectIf(
                "invalid-spec",
                "The environment's spec does not fit here.",
                EnvironmentRules.check(spec, awsLocation, others));
        record.ifPresent(existing -> rejectIf(
                "immutable",
                "This cannot be changed in an environment that exists.",
                EnvironmentRules.checkChange(existing.declared(), spec)));
    }

    private EnvironmentIndex index() {
        return store.get(EnvironmentIndex.KEY).map(Stored::value).orElse(new EnvironmentIndex(Map.of()));
    }

    private static void rejectIf(String code, String detail, List<Problem.FieldError> errors) {
        if (!errors.isEmpty()) {
            throw new ProblemException(422, Problem.invalid(code, detail, errors));
        }
    }

    private static ProblemException missing(EnvironmentId id) {
        return new ProblemException(
                404,
                Problem.user(
                        "environment-not-found",
                        "There is no environment %s.".formatted(id.key()),
                        "Create it: PUT " + id.path()));
    }
}
