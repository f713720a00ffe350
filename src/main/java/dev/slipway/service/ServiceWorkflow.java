package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.QueuedOperation;
import dev.slipway.operation.Workflow;
import dev.slipway.problem.Problem;
import dev.slipway.release.Images;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutContext;
import dev.slipway.rollout.RolloutModule;
import dev.slipway.rollout.RolloutReconcileResult;
import dev.slipway.rollout.RolloutWorkflow;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.time.Instant;
import java.util.List;

/**
 * What the operations of a service do. An apply never moves traffic, never reverts a release and never resets the scale: what
 * is live is observed, is committed to the stack before anything else changes, and goes back with every change as it is.
 */
public final class ServiceWorkflow implements Workflow {
    private final Store store;
    private final RolloutWorkflow rollouts;
    private final RolloutQueue queue;
    private final OutOfBandDeployments outOfBand;
    private final RelatedRecords related;
    private final MissingServiceRepair repair;
    private final StackPhases stackPhases;
    private final ReleasePhases releases;
    private final DeletionPhases deletion;
    private final PlanPhase plans;

    public ServiceWorkflow(
            Store store,
            StackReconciler stacks,
            ServiceStack stack,
            RolloutModule rollouts,
            RolloutQueue queue,
            Clients clients,
            IdGenerator ids) {
        RetainedResources remains = new RetainedResources(clients.ecr(), clients.logs(), clients.ecs());
        EcsDeployments deployments = new EcsDeployments(clients.ecs());
        this.store = store;
        this.rollouts = rollouts.workflow();
        this.queue = queue;
        this.outOfBand = new OutOfBandDeployments(store, deployments, ids);
        this.related = new RelatedRecords(store, rollouts.events());
        this.repair = new MissingServiceRepair(stacks, deployments, related);
        this.stackPhases = new StackPhases(stacks, stack, related, repair, clients, remains, ids);
        this.releases = new ReleasePhases(
                store, deployments, new ImageRetention(store, new Images(clients.ecr())), rollouts.events(), ids);
        this.deletion = new DeletionPhases(store, stacks, remains, queue, ids);
        this.plans = new PlanPhase(store, stacks, stack, related, remains, ids);
    }

    @Override
    public ReconcileResult reconcile(Operation operation, Instant now) {
        ServiceId id = (ServiceId) operation.target();
        if (operation.type() == Operation.Type.PLAN) {
            return plans.advance(operation, id, now);
        }
        ServiceContext at = new ServiceContext(
                operation,
                id,
                store.get(ServiceRecord.key(id)).orElseThrow(),
                store.get(EnvironmentRecord.key(id.environmentId())).orElseThrow());
        return switch (operation.phase()) {
            case OBSERVE -> stackPhases.observe(at, now);
            case REPAIR -> repair.advance(at, now);
            case SYNC -> stackPhases.sync(at, now);
            case STACK ->
                operation.type() == Operation.Type.DELETE ? deletion.delete(at, now) : stackPhases.stack(at, now);
            case RESTORE -> releases.restore(at, now);
            case COUNT -> releases.count(at, now);
            case CONTAINER -> releases.container(at, now);
            case PREFLIGHT,
                    REGISTER,
                    TAG_IMAGE,
                    TASK,
                    START,
                    GRANT_ACCESS,
                    CREATE_SERVICE,
                    SCALE,
                    WAIT_FOR_TASKS,
                    MONITOR -> rollout(at, now);
            case CLEANUP -> deletion.cleanup(at, now);
            case DELETE_RELEASES -> deletion.deleteReleases(at, now);
            case SERVICES, DONE -> throw operation.unexpectedPhase();
        };
    }

    @Override
    public DequeueDecision dequeue(QueuedOperation waiting, Instant now) {
        return queue.dequeue(waiting, now);
    }

    @Override
    public List<Write> onDeploymentEvent(Target target, Instant now) {
        return outOfBand.record((ServiceId) target, now);
    }

    private ReconcileResult rollout(ServiceContext at, Instant now) {
        Stored<Rollout> rollout = related.rollout(at.operation()).orElseThrow();
        if (at.operation().phase() == Phase.CREATE_SERVICE
                && at.operation().progress() == null
                && repair.isNeeded(at)) {
            return ReconcileResult.proceed(at.operation().enterPhase(Phase.REPAIR, now));
        }
        if (at.operation().phase() == Phase.GRANT_ACCESS
                && at.operation().progress() == null
                && stackPhases.closesTheLivePort(
                        at, rollout.value().request().container().port())) {
            return ReconcileResult.proceed(at.operation().enterPhase(Phase.SYNC, now));
        }
        ServiceRecord record = at.record().value();
        RolloutReconcileResult step = rollouts.advance(
                new RolloutContext(
                        at.operation(),
                        rollout,
                        record.outputs(),
                        at.environment().value().outputs(),
                        record.declared().count()),
                now);
        return switch (step) {
            case RolloutReconcileResult.Requeue again ->
                new ReconcileResult(again.operation(), again.writes(), again.requeueAfter());
            case RolloutReconcileResult.Ended ended -> releases.ended(at, ended, now);
        };
    }

    @Override
    public List<Write> abandon(Operation operation, Problem why, Instant now) {
        return related.abandon(operation, why, now);
    }
}
