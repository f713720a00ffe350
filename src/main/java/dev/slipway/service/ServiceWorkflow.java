package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.diagnosis.DiagnosisPolicy;
import dev.slipway.diagnosis.Evidence;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.QueuedOperation;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.UnsettledOperation;
import dev.slipway.operation.Workflow;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.release.Images;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutContext;
import dev.slipway.rollout.RolloutEventRecorder;
import dev.slipway.rollout.RolloutModule;
import dev.slipway.rollout.RolloutReconcileResult;
import dev.slipway.rollout.RolloutWorkflow;
import dev.slipway.scaling.ScalableTargets;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of a service do, one phase after another. An apply never moves traffic, never reverts a release and never
 * resets the scale: what is live is observed, is committed to the stack before anything else changes, and goes back with every
 * change as it is.
 *
 * <p>Who acts on AWS: {@link StackPhases} by CloudFormation in {@code repair}, {@code sync} and {@code stack} (and in the one
 * phase of a plan); {@link ReleasePhases} on ECS in {@code count}, and on the registry when a rollout has ended; {@link
 * RolloutWorkflow} in the phases of a rollout; {@link DeletionPhases} in those of a deletion. The other phases only look, or
 * write down what comes next.
 */
public final class ServiceWorkflow implements Workflow {
    private final Store store;
    private final RolloutWorkflow rollouts;
    private final RolloutEventRecorder events;
    private final RolloutQueue queue;
    private final OutOfBandDeployments outOfBand;
    private final LiveRecord liveRecord;
    private final StackPhases stackPhases;
    private final ReleasePhases releases;
    private final DeletionPhases deletion;

    public ServiceWorkflow(
            Store store,
            StackReconciler stacks,
            ServiceStack stack,
            RolloutModule rollouts,
            RolloutQueue queue,
            Clients clients,
            IdGenerator ids) {
        RetainedResources retained = new RetainedResources(clients.ecr(), clients.logs(), clients.ecs());
        EcsDeployments deployments = new EcsDeployments(clients.ecs());
        this.store = store;
        this.rollouts = rollouts.workflow();
        this.events = rollouts.events();
        this.queue = queue;
        this.outOfBand = new OutOfBandDeployments(store, deployments, ids);
        this.liveRecord = new LiveRecord(store, deployments, stacks, ids);
        this.stackPhases = new StackPhases(store, stacks, stack, clients, retained, ids);
        this.releases = new ReleasePhases(
                store,
                deployments,
                new ScalableTargets(clients.scaling()),
                new ImageRetention(store, new Images(clients.ecr())),
                events,
                rollouts.automaticRollback(),
                queue.freezeGuard(),
                ids);
        this.deletion = new DeletionPhases(store, stacks, retained, queue, ids);
    }

    @Override
    public ReconcileResult reconcile(Operation operation, Instant now) {
        ServiceId id = (ServiceId) operation.target();
        if (operation.type() == Operation.Type.PLAN) {
            return stackPhases.plan(operation, id, now);
        }
        ServiceContext at = new ServiceContext(
                operation,
                store.get(ServiceRecord.key(id)).orElseThrow(),
                store.get(EnvironmentRecord.key(id.environmentId())).orElseThrow(),
                now);
        return switch (operation.phase()) {
            case OBSERVE ->
                operation.type() == Operation.Type.MEND ? stackPhases.observeForMend(at) : stackPhases.observe(at);
            case REPAIR -> withRolloutEnded(stackPhases.repair(at), now);
            case SYNC -> withRolloutEnded(stackPhases.sync(at), now);
            case STACK ->
                switch (operation.type()) {
                    case DELETE -> deletion.delete(at);
                    case MEND -> stackPhases.mend(at);
                    case APPLY, PLAN, ROLLOUT -> stackPhases.stack(at);
                };
            case RESTORE -> releases.restore(at);
            case COUNT -> releases.count(at);
            case CONTAINER -> releases.container(at);
            case CLEANUP -> deletion.cleanup(at);
            case DELETE_RELEASES -> deletion.deleteReleases(at);
            case PREFLIGHT,
                    REGISTER,
                    TAG_IMAGE,
                    TASK,
                    START,
                    APPROVAL,
                    GRANT_ACCESS,
                    CREATE_SERVICE,
                    SCALE,
                    WAIT_FOR_TASKS,
                    MONITOR,
                    STABILIZE -> rollout(at);
            case MOVE_OUT, SERVICES, DONE -> throw operation.unexpectedPhase();
        };
    }

    /** A repair or a sync may be for a rollout, which ends when it fails. */
    private ReconcileResult withRolloutEnded(ReconcileResult result, Instant now) {
        Operation operation = result.operation();
        Problem failure = operation.failure();
        return failure == null
                ? result
                : new ReconcileResult(
                        operation, result.also().and(rolloutEnded(operation, failure, now)), result.requeueAfter());
    }

    @Override
    public DequeueDecision dequeue(QueuedOperation waiting, Instant now) {
        return queue.dequeue(waiting, now);
    }

    @Override
    public Transaction onDeploymentEvent(Target target, Instant now) {
        return outOfBand.record((ServiceId) target, now);
    }

    private ReconcileResult rollout(ServiceContext at) {
        Operation operation = at.operation();
        Stored<Rollout> rollout = rollout(operation).orElseThrow();
        if (operation.phase() == Phase.CREATE_SERVICE && operation.progress() == null && stackPhases.needsRepair(at)) {
            return at.next(Phase.REPAIR);
        }
        if (operation.phase() == Phase.GRANT_ACCESS
                && operation.progress() == null
                && stackPhases.closesTheLivePort(
                        at, rollout.value().request().container().port())) {
            return at.next(Phase.SYNC);
        }
        RolloutReconcileResult step = rollouts.advance(
                new RolloutContext(
                        operation,
                        rollout,
                        at.service().outputs(),
                        at.environment().value().outputs(),
                        at.service().declared().startCount(at.now()),
                        at.service().declared().mostTasks(),
                        at.service().declared().routing().drainingSeconds(),
                        ServiceDiagnosis.healthCheck(at.service().declared())),
                at.now());
        return switch (step) {
            case RolloutReconcileResult.Requeue(ReconcileResult result) -> result;
            case RolloutReconcileResult.RollBack back -> releases.rollBack(at, back);
            case RolloutReconcileResult.Ended ended -> releases.ended(at, ended);
        };
    }

    private Optional<Stored<Rollout>> rollout(Operation operation) {
        @Nullable String id = operation.rollout();
        return id == null ? Optional.empty() : store.get(Rollout.key((ServiceId) operation.target(), id));
    }

    @Override
    public boolean isUrgent(Operation operation) {
        return rollout(operation)
                .map(Stored::value)
                .filter(rollout -> rollout.request().reason() == Rollout.Reason.ROLLBACK || rollout.stop() != null)
                .isPresent();
    }

    /**
     * ECS may have been told in these phases, and has been after the first two: the new release may have production traffic,
     * which nobody else watches.
     */
    private static boolean isTold(Operation operation) {
        return switch (operation.phase()) {
            case START, CREATE_SERVICE, SCALE, WAIT_FOR_TASKS, MONITOR, STABILIZE -> operation.rollout() != null;
            default -> false;
        };
    }

    /**
     * Beginning has the rollout's own limit; from then on AWS is waited for without end. A rollout that goes back from another by
     * itself has no limit at all: what it is to take away has the traffic.
     */
    @Override
    public @Nullable Duration patience(Operation operation) {
        Optional<Rollout> rollout = rollout(operation).map(Stored::value);
        if (rollout.filter(Rollout::isAutomaticRollback).isPresent()) {
            return null;
        }
        return !isTold(operation)
                ? Duration.ZERO
                : operation.phase() == Phase.START || operation.phase() == Phase.CREATE_SERVICE
                        ? rollout.map(found ->
                                        Duration.ofSeconds(found.settings().timeLimitSeconds()))
                                .orElse(Duration.ZERO)
                        : null;
    }

    @Override
    public Transaction abandon(Operation operation, Problem why, Instant now) {
        Transaction ended = rolloutEnded(operation, why, now);
        if (isTold(operation)) {
            return ended.and(UnsettledOperation.leave(store, operation, now));
        }
        return operation.type() == Operation.Type.APPLY && operation.phase() == Phase.STACK
                ? store.get(ServiceRecord.key((ServiceId) operation.target()))
                        .map(record ->
                                ended.updateIfChanged(record, record.value().withoutFallback()))
                        .orElse(ended)
                : ended;
    }

    /** The record tells which release is live; what ECS runs, once it is at rest, is so. */
    @Override
    public Optional<Transaction> settle(Target target, Instant now) {
        return liveRecord.repair((ServiceId) target, now);
    }

    private Transaction rolloutEnded(Operation operation, Problem why, Instant now) {
        Transaction plan = Plans.onAbandoned(store, operation, why);
        return rollout(operation)
                .filter(found -> found.value().isRunning())
                .map(found -> plan.and(abandoned(found, why, now))
                        .and(reverted(found.value())
                                .map(before -> abandoned(before, why, now))
                                .orElseGet(Transaction::new)))
                .orElse(plan);
    }

    /** The rollout that one goes back from, which ends with it. */
    private Optional<Stored<Rollout>> reverted(Rollout rollback) {
        return Optional.ofNullable(rollback.request().revertOf())
                .flatMap(before -> store.get(Rollout.key(rollback.service(), before)))
                .filter(before -> before.value().isRunning());
    }

    private Transaction abandoned(Stored<Rollout> found, Problem why, Instant now) {
        Evidence told = Evidence.ofFailure(
                found.value().service().key(), found.value().service().path(), why.code(), why.detail(), now);
        Diagnosis diagnosis = DiagnosisPolicy.diagnose(told, now);
        Rollout abandoned = found.value().abandoned(now, why, diagnosis.reason().isPresent() ? diagnosis : null);
        return events.record(
                        abandoned,
                        LedgerEntry.EventType.ROLLOUT_ENDED,
                        LedgerEntry.SLIPWAY,
                        abandoned.requireOutcome().detail(),
                        now)
                .update(found, abandoned);
    }
}
