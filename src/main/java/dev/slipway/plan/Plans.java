package dev.slipway.plan;

import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.stack.Difference;
import dev.slipway.stack.PlanResult;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds plans; tells what a pass at one means, and whether one can be run. */
public final class Plans {
    private Plans() {}

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
            Operation operation, Stored<Plan> plan, PlanResult result, Instant now) {
        return switch (result) {
            case PlanResult.InProgress again -> Workflow.ReconcileResult.requeue(operation, again);
            case PlanResult.Planned planned ->
                Workflow.ReconcileResult.proceed(
                        operation.succeeded(now),
                        new Transaction().update(plan, plan.value().ready(planned.difference(), planned.risks())));
            case PlanResult.Failed failed ->
                Workflow.ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now),
                        new Transaction().update(plan, plan.value().failed(failed.cause())));
        };
    }

    /** What to record when an operation is given up: its plan is not computed any more. */
    public static Transaction onAbandoned(Store store, Operation operation, Problem why) {
        return of(store, operation)
                .filter(found -> found.value().state() == Plan.State.COMPUTING)
                .map(found -> new Transaction().update(found, found.value().failed(why)))
                .orElseGet(Transaction::new);
    }

    /** Throws {@link ProblemException} 404 when there is no such plan, or no longer. */
    public static Plan get(Store store, Target target, String id) {
        return store.get(Plan.key(target, id))
                .map(Stored::value)
                .orElseThrow(() -> new ProblemException(
                        404,
                        "plan-not-found",
                        "%s has no plan %s.".formatted(target.key(), id),
                        "Plans are kept for %d days; make a new one: POST %s/plans"
                                .formatted(Plan.TTL.toDays(), target.path())));
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
                    "plan-not-ready",
                    "The plan %s is %s.".formatted(id, plan.state().name().toLowerCase(Locale.ROOT)),
                    plan.state() == Plan.State.COMPUTING ? "Wait until it is ready." : "Make a new plan.");
        }
        if (plan.revision() != revision) {
            throw new ProblemException(
                    409,
                    "plan-stale",
                    "The plan was made for revision %d of %s; it is at revision %d now."
                            .formatted(plan.revision(), target.key(), revision),
                    "Make a new plan and look at it.");
        }
        return plan;
    }
}
