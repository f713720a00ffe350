package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.RouteClaim;
import dev.slipway.operation.Ids;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Work.Pass;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.Stacks;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.target.ServiceId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Computes a plan, in one phase. */
final class PlanPhase {
    private final Store store;
    private final Stacks stacks;
    private final ServiceStack stack;
    private final Belongings belongings;
    private final Remains remains;
    private final Ids ids;

    PlanPhase(Store store, Stacks stacks, ServiceStack stack, Belongings belongings, Remains remains, Ids ids) {
        this.store = store;
        this.stacks = stacks;
        this.stack = stack;
        this.belongings = belongings;
        this.remains = remains;
        this.ids = ids;
    }

    Pass advance(Operation operation, ServiceId id, Instant now) {
        Stored<Plan> plan = Plans.of(store, operation).orElseThrow();
        Stored<EnvironmentRecord> environment =
                store.get(EnvironmentRecord.key(id.environmentId())).orElseThrow();
        ServiceSpec spec = stack.spec(plan.value());
        Optional<ServiceRecord> record = store.get(ServiceRecord.key(id)).map(Stored::value);
        RouteClaim claim = Claims.of(id, spec, environment.value());
        StackChange change = stack.change(
                id,
                spec,
                environment.value(),
                claim,
                LiveTraffic.initial(spec.container().port()),
                ids.secret(32),
                record.map(belongings::released).orElse(List.of()),
                operation.allow(),
                null,
                operation.id());
        StackChange shown = record.flatMap(found -> stacks.observe(id.stackName()))
                .filter(known -> known.phase().holdsResources())
                .map(known -> ServiceStack.asIfSynced(change, known))
                .orElse(change);
        Progress progress = operation.progress() == null ? Progress.start(now) : operation.progress();
        return Plans.pass(operation, plan, stacks.plan(progress, shown, () -> remains.retained(id), now), now);
    }
}
