package dev.slipway.plan;

import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Request;
import dev.slipway.operation.Workflow;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.stack.Difference;
import dev.slipway.stack.Step;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Computes plans; tells whether one can be run, and whether a caller has seen what is declared now. */
public final class Plans {
    private Plans() {}

    /**
     * Accepts the computation of a plan.
     *
     * @return the path of the plan
     */
    public static String accept(Operations operations, Plan plan, String operation, Request request, Instant now) {
        Target target = plan.target();
        String location = target.path() + "/plans/" + plan.id();
        List<Write> writes = new ArrayList<>(request.recordIdempotency(location, now));
        writes.add(new Write.Create<>(Plan.key(target, plan.id()), plan, plan.expiresAt()));
        operations.accept(
                Operation.accepted(operation, target, Operation.Type.PLAN, request.actor(), now)
                        .withPlan(plan.id()),
                writes);
        return location;
    }

    /** The plan that an operation computes or runs. */
    public static Optional<Stored<Plan>> of(Store store, Operation operation) {
        String id = operation.plan();
        return id == null ? Optional.empty() : store.get(Plan.key(operation.target(), id));
    }

    /** The digest of the only difference that an operation may execute; null when it runs no plan. */
    public static @Nullable String digest(Store store, Operation operation) {
        return of(store, operation)
                .map(found -> found.value().stack())
                .map(Difference::digest)
                .orElse(null);
    }

    /** What a look at the change set of a plan means for it and for the operation that computes it. */
    public static Workflow.ReconcileResult toReconcileResult(
            Operation operation, Stored<Plan> plan, Step step, Instant now) {
        return switch (step) {
            case Step.Requeue again ->
                Workflow.ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case Step.Planned planned ->
                Workflow.ReconcileResult.proceed(
                        operation.succeeded(now),
                        new Write.Update<>(plan, plan.value().ready(planned.difference(), planned.risks())));
            case Step.Failed failed ->
                Workflow.ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now),
                        new Write.Update<>(plan, plan.value().failed(failed.cause())));
            case Step.Done _ -> throw new IllegalStateException("not an update");
            case Step.Deleted _ -> throw new IllegalStateException("not a deletion");
        };
    }

    /** What to record when an operation is given up: its plan is not computed any more. */
    public static List<Write> onAbandoned(Store store, Operation operation, Problem why) {
        return of(store, operation)
                .filter(found -> found.value().state() == Plan.State.COMPUTING)
                .map(found ->
                        List.<Write>of(new Write.Update<>(found, found.value().failed(why))))
                .orElse(List.of());
    }

    /** Throws {@link ProblemException} 404 when there is no such plan, or no longer. */
    public static Plan get(Store store, Target target, String id) {
        return store.get(Plan.key(target, id))
                .map(Stored::value)
                .orElseThrow(() -> new ProblemException(
                        404,
                        Problem.user(
                                "plan-not-found",
                                "%s has no plan %s.".formatted(target.key(), id),
                                "Plans are kept for %d days; make a new one: POST %s/plans"
                                        .formatted(Plan.TTL.toDays(), target.path()))));
    }

    /**
     * A plan that can be run.
     *
     * @param revision of the declared spec now
     * @throws ProblemException 409 when it is not ready, or another spec was declared since
     */
    public static Plan requireRunnable(Store store, Target target, String id, long revision) {
        Plan plan = get(store, target, id);
        if (plan.state() != Plan.State.READY) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "plan-not-ready",
                            "The plan %s is %s."
                                    .formatted(id, plan.state().name().toLowerCase(java.util.Locale.ROOT)),
                            plan.state() == Plan.State.COMPUTING ? "Wait until it is ready." : "Make a new plan."));
        }
        if (plan.revision() != revision) {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "plan-stale",
                            "The plan was made for revision %d of %s; it is at revision %d now."
                                    .formatted(plan.revision(), target.key(), revision),
                            "Make a new plan and look at it."));
        }
        return plan;
    }

    /**
     * @param revision of the declared spec now, 0 when there is none
     * @param expected what the caller has seen, or null when any will do
     * @throws ProblemException 412 when they differ
     */
    public static void requireRevision(long revision, @Nullable Long expected) {
        if (expected != null && expected != revision) {
            throw new ProblemException(
                    412,
                    Problem.user(
                            "revision-mismatch",
                            "You expect revision %d; it is at revision %d now.".formatted(expected, revision),
                            "Read it again, look at what changed, and send your change with the new ETag."));
        }
    }
}
