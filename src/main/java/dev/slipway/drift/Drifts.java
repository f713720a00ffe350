package dev.slipway.drift;

import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Attempt;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.WorkQueue;
import dev.slipway.pipeline.Pipelines;
import dev.slipway.problem.ProblemException;
import dev.slipway.service.Services;
import dev.slipway.store.Store;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Tells how targets compare with what was deployed, and begins detections. */
public final class Drifts {
    static final String MESSAGE = "drift";

    private final Store store;
    private final WorkQueue queue;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final Pipelines pipelines;
    private final Acceptance acceptance;
    private final InstantSource clock;

    public Drifts(
            Store store,
            WorkQueue queue,
            Operations operations,
            Environments environments,
            Services services,
            Pipelines pipelines,
            Acceptance acceptance,
            InstantSource clock) {
        this.store = store;
        this.queue = queue;
        this.operations = operations;
        this.environments = environments;
        this.services = services;
        this.pipelines = pipelines;
        this.acceptance = acceptance;
        this.clock = clock;
    }

    /** Without a call to AWS. Throws {@link ProblemException} 404 when there is no such target. */
    public DriftView get(Target target) {
        Instant created = createdAt(target);
        Optional<DriftDetection> detection =
                store.get(DriftDetection.key(target)).map(Stored::value);
        Optional<DriftReport> report = store.get(DriftReport.key(target))
                .map(Stored::value)
                .filter(found -> !found.checkedAt().isBefore(created)); // one of that name may have been there before
        return new DriftView(
                target.path(),
                detection.isPresent()
                        ? DriftState.DETECTING
                        : report.map(DriftReport::state).orElse(DriftState.UNKNOWN),
                report.map(DriftReport::checkedAt).orElse(null),
                detection.map(DriftDetection::requestedAt).orElse(null),
                report.map(DriftReport::detail)
                        .orElse(
                                report.isPresent() || detection.isPresent()
                                        ? null
                                        : "It has not been compared yet, which is done once a day: POST %s/drift does it now."
                                                .formatted(target.path())),
                report.map(DriftReport::differences).orElse(List.of()),
                report.map(DriftReport::omitted).orElse(0));
    }

    /**
     * Begins a detection, or leaves the one under way alone. It locks nothing: should an operation begin meanwhile, the detection is
     * repeated after it.
     *
     * @throws ProblemException 404 when there is no such target, and 409 while an operation changes it
     */
    public Accepted detect(Target target, Request request) {
        Accepted accepted = acceptance.accept(request, () -> {
            createdAt(target);
            Optional<Operation> changing = operations.findChanging(target);
            if (changing.isPresent()) {
                throw new ProblemException(409, Operations.inProgress(changing.get()));
            }
            boolean underWay = store.get(DriftDetection.key(target)).isPresent();
            return new Attempt<>(
                    underWay ? new Transaction() : begun(target, Duration.ZERO),
                    new Accepted(target.path() + "/drift", List.of()));
        });
        send(target, Duration.ZERO);
        return accepted;
    }

    private Transaction begun(Target target, Duration delay) {
        Instant now = clock.instant();
        return new Transaction()
                .create(DriftDetection.key(target), new DriftDetection(target, now, null, null, now.plus(delay)));
    }

    /** Begins one in a while, unless one is under way. */
    void request(Target target, Duration delay) {
        try {
            store.write(begun(target, delay).writes());
        } catch (WriteConflictException e) {
            return; // under way; the resync sends its message again when that was lost
        }
        send(target, delay);
    }

    void send(Target target, Duration delay) {
        queue.send(WorkQueue.message(MESSAGE, target.key()), delay);
    }

    private Instant createdAt(Target target) {
        return switch (target) {
            case EnvironmentId id -> environments.get(id).createdAt();
            case ServiceId id -> services.get(id).createdAt();
            case PipelineId id -> pipelines.get(id).createdAt();
        };
    }

    /** Whether the target is there and has been deployed. */
    boolean isDeployed(Target target) {
        return switch (target) {
            case EnvironmentId id ->
                environments
                        .find(id)
                        .filter(record -> !record.outputs().isEmpty())
                        .isPresent();
            case ServiceId id ->
                services.find(id).filter(record -> !record.outputs().isEmpty()).isPresent();
            case PipelineId id ->
                pipelines.find(id).filter(record -> !record.outputs().isEmpty()).isPresent();
        };
    }
}
