package dev.slipway.drift;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Attempt;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.IdGenerator;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells how targets compare with what was deployed, and begins detections. */
public final class Drifts {
    static final String MESSAGE = "drift";
    /** By then a mend has ended, as a rule; one that has not is waited for. */
    private static final Duration AFTER_MEND = Duration.ofMinutes(2);

    private final Store store;
    private final WorkQueue queue;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final Pipelines pipelines;
    private final Acceptance acceptance;
    private final IdGenerator ids;
    private final InstantSource clock;
    private final ObjectMapper json;

    public Drifts(
            Store store,
            WorkQueue queue,
            Operations operations,
            Environments environments,
            Services services,
            Pipelines pipelines,
            Acceptance acceptance,
            IdGenerator ids,
            InstantSource clock,
            ObjectMapper json) {
        this.store = store;
        this.queue = queue;
        this.operations = operations;
        this.environments = environments;
        this.services = services;
        this.pipelines = pipelines;
        this.acceptance = acceptance;
        this.ids = ids;
        this.clock = clock;
        this.json = json;
    }

    /** Without a call to AWS. Throws {@link ProblemException} 404 when there is no such target. */
    public DriftView get(Target target) {
        Instant created = createdAt(target);
        Optional<DriftDetection> detection =
                store.get(DriftDetection.key(target)).map(Stored::value);
        Optional<DriftReport> report = report(target, created).map(Stored::value);
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

    /**
     * Has put back what the last detection has found of the stack's: all of it, since CloudFormation takes no part of it. Afterwards
     * the target is compared again.
     *
     * @param seen when that detection was made: another one may have found more
     * @param override of freeze windows, when somebody ordered one
     * @throws ProblemException 404 when there is no such target, and 409 while an operation is under way there, when nothing was found
     *     that can be put back, when it was compared since, and while a freeze window is open for the service
     */
    public Accepted mend(Target target, Instant seen, @Nullable ControlOverride override, Request request) {
        Accepted accepted = acceptance.accept(request, () -> {
            Instant created = createdAt(target);
            operations.requireUnlocked(target);
            Stored<DriftReport> report = report(target, created)
                    .filter(found -> found.value().checkedAt().equals(seen))
                    .orElseThrow(() -> new ProblemException(
                            409,
                            "drift-changed",
                            "%s was not compared at %s, or has been compared since.".formatted(target.key(), seen),
                            "Look at what differs now, and send its checkedAt: GET %s/drift".formatted(target.path())));
            List<DriftDifference> found = report.value().differences().stream()
                    .filter(DriftDifference::isOfStack)
                    .toList();
            List<DriftDifference> mended =
                    found.stream().filter(DriftDifference::isDrift).toList();
            if (mended.isEmpty()) {
                throw new ProblemException(
                        409,
                        "nothing-to-mend",
                        "Nothing of the stack of %s differs from what was deployed.".formatted(target.key()),
                        "What differs otherwise says itself how it is mended: GET %s/drift".formatted(target.path()));
            }
            Instant now = clock.instant();
            Operation operation = Operation.accepted(ids.next(), target, Operation.Type.MEND, request.actor(), now)
                    .withMends(found.stream().map(DriftDifference::resource).collect(Collectors.toSet()));
            Transaction also = new Transaction()
                    .check(report)
                    .entry(LedgerEntry.of(
                            ids.next(),
                            target,
                            EventType.MEND_ACCEPTED,
                            request.actor(),
                            "%s asked to put back what was changed outside Slipway: %s."
                                    .formatted(
                                            request.actor(),
                                            mended.stream()
                                                    .map(DriftDifference::name)
                                                    .distinct()
                                                    .collect(Collectors.joining(", "))),
                            now));
            if (target instanceof ServiceId id) {
                also = also.and(services.enforceFreezes(id, override, request.actor()));
            }
            if (store.get(DriftDetection.key(target)).isEmpty()) {
                also = also.and(begun(target, AFTER_MEND));
            }
            return operations.accept(operation, also, List.of());
        });
        send(target, AFTER_MEND);
        return accepted;
    }

    /**
     * The service's spec as it has to be for what differs to stay, where a field stands for it.
     *
     * @throws ProblemException 404 when there is no such service, and 409 when no field stands for anything that differs
     */
    public JsonNode adoptedSpec(ServiceId id) {
        ObjectNode spec = json.valueToTree(services.get(id).declared());
        List<SpecField> fields = get(id).differences().stream()
                .filter(DriftDifference::isDrift)
                .flatMap(difference -> Stream.ofNullable(difference.spec()))
                .toList();
        if (fields.isEmpty()) {
            throw new ProblemException(
                    409,
                    "nothing-to-adopt",
                    "Nothing that differs of %s has a field in the spec.".formatted(id.key()),
                    "Look at what differs, and how it is mended: GET %s/drift".formatted(id.path()));
        }
        fields.forEach(field -> field.putInto(spec));
        return spec;
    }

    /** What was found last; empty when that is about another target, which had the name before. */
    private Optional<Stored<DriftReport>> report(Target target, Instant created) {
        return store.get(DriftReport.key(target)).filter(found -> found.value().isSince(created));
    }

    private Transaction begun(Target target, Duration delay) {
        Instant now = clock.instant();
        return new Transaction()
                .create(DriftDetection.key(target), new DriftDetection(target, now, null, null, null, now.plus(delay)));
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

    Instant createdAt(Target target) {
        return switch (target) {
            case EnvironmentId id -> environments.get(id).createdAt();
            case ServiceId id -> services.get(id).createdAt();
            case PipelineId id -> pipelines.get(id).createdAt();
        };
    }

    boolean exists(Target target) {
        return switch (target) {
            case EnvironmentId id -> environments.find(id).isPresent();
            case ServiceId id -> services.find(id).isPresent();
            case PipelineId id -> pipelines.find(id).isPresent();
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
