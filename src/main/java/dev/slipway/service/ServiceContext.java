package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.RouteClaim;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.stack.Progress;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.Objects;

/** A service with its environment, as a pass finds them, and the operation that it is for. */
record ServiceContext(
        Operation operation, ServiceId id, Stored<ServiceRecord> record, Stored<EnvironmentRecord> environment) {
    /** What the service has of the listener. */
    RouteClaim claim() {
        return Objects.requireNonNull(environment.value().services().get(id.service()), "a service without a claim");
    }

    Progress progress(Instant now) {
        Progress progress = operation.progress();
        return progress == null ? Progress.start(now) : progress;
    }

    /** The same at another phase, reached in the same pass. */
    ServiceContext in(Phase phase, Instant now) {
        return new ServiceContext(operation.enterPhase(phase, now), id, record, environment);
    }
}
