package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.RouteClaim;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Computes a plan, in one phase. */
final class PlanPhase {
    private final Store store;
    private final StackReconciler stacks;
    private final ServiceStack stack;
    private final RelatedRecords related;
    private final RetainedResources retained;
    private final IdGenerator ids;

    PlanPhase(
            Store store,
            StackReconciler stacks,
            ServiceStack stack,
            RelatedRecords belongings,
            RetainedResources remains,
            IdGenerator ids) {
        this.store = store;
        this.stacks = stacks;
        this.stack = stack;
        this.related = belongings;
        this.retained = remains;
        this.ids = ids;
    }

    ReconcileResult advance(Operation operation, ServiceId id, Instant now) {
        Stored<Plan> plan = Plans.of(store, operation).orElseThrow();
        Optional<EnvironmentRecord> environment =
                store.get(EnvironmentRecord.key(id.environmentId())).map(Stored::value);
        if (environment.isEmpty()) {
            return failed(
                    operation,
                    plan,
                    Problem.user(
                            "environment-not-found",
                            "The environment %s was deleted meanwhile.".formatted(id.environment()),
                            null),
                    now);
        }
        ServiceSpec spec = stack.spec(plan.value());
        RouteClaim claim;
        try {
            claim = RouteAllocation.of(id, spec, environment.get());
        } catch (ProblemException e) { // it fitted when the plan was asked for; another service has been applied since
            return failed(operation, plan, e.problem(), now);
        }
        Optional<ServiceRecord> record = store.get(ServiceRecord.key(id)).map(Stored::value);
        StackChange change = stack.change(
                id,
                spec,
                environment.get(),
                claim,
                LiveTraffic.initial(spec.container().port()),
                ids.secret(32),
                record.map(related::liveContainers).orElse(List.of()),
                operation.allow(),
                null,
                operation.id());
        StackChange shown = record.flatMap(found -> stacks.observe(id.stackName()))
                .filter(known -> known.phase().holdsResources())
                .map(known -> ServiceStack.asIfSynced(change, known))
                .orElse(change);
        Progress progress = operation.progress() == null ? Progress.start(now) : operation.progress();
        return Plans.toReconcileResult(
                operation, plan, stacks.plan(progress, shown, () -> retained.find(id), now), now);
    }

    private static ReconcileResult failed(Operation operation, Stored<Plan> plan, Problem why, Instant now) {
        return ReconcileResult.proceed(
                operation.failed(why, now),
                new Write.Update<>(plan, plan.value().failed(why)));
    }
}
