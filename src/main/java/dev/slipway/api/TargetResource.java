package dev.slipway.api;

import dev.slipway.app.ControlPlane;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** What every target has: plans and operations. */
@Singleton
class TargetResource {
    private final ControlPlane plane;

    TargetResource(ControlPlane plane) {
        this.plane = plane;
    }

    Paging.Items<PlanView> plans(Target target, String limit, @Nullable String next) {
        int most = Paging.limit(limit);
        return Paging.items(
                from -> plane.store().list(Operation.partition(target), Plan.SORT, Plan.itemType(), true, most, from),
                next,
                PlanView::of);
    }

    PlanView plan(Target target, String id) {
        return PlanView.of(Plans.get(plane.store(), target, id));
    }

    Paging.Items<OperationView> operations(Target target, String limit, @Nullable String next) {
        int most = Paging.limit(limit);
        return Paging.items(from -> plane.operations().list(target, most, from), next, OperationView::of);
    }

    /** Throws {@link ProblemException} 404 when there is no such operation. */
    OperationView operation(Target target, String id) {
        return OperationView.of(plane.operation(target, id)
                .orElseThrow(() -> new ProblemException(
                        404,
                        Problem.user(
                                "operation-not-found",
                                "%s has no operation %s.".formatted(target.key(), id),
                                "Look at those there are: GET " + target.path() + "/operations"))));
    }
}
