package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Workflow.ReconcileResult;
import dev.slipway.routing.RouteClaim;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackResult;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.Objects;

/** A pass at a service: the operation that it is for, the service and its environment as the pass found them, and the time. */
record ServiceContext(
        Operation operation, Stored<ServiceRecord> record, Stored<EnvironmentRecord> environment, Instant now) {
    ServiceId id() {
        return service().id();
    }

    ServiceRecord service() {
        return record.value();
    }

    /** What the service has of the listener. */
    RouteClaim claim() {
        return Objects.requireNonNull(environment.value().services().get(id().service()), "a service without a claim");
    }

    Progress progress() {
        return operation.progressAt(now);
    }

    /** The same at another phase, reached in the same pass. */
    ServiceContext in(Phase phase) {
        return new ServiceContext(operation.enterPhase(phase, now), record, environment, now);
    }

    /** The phase is over. */
    ReconcileResult next(Phase phase) {
        return ReconcileResult.proceed(operation.enterPhase(phase, now));
    }

    /** A stack change goes on. */
    ReconcileResult requeue(StackResult.InProgress again) {
        return ReconcileResult.requeue(operation, again);
    }

    /** A stack change has failed, and the operation with it. */
    ReconcileResult failed(StackResult.Failed failed) {
        return ReconcileResult.failed(operation, failed, now);
    }
}
