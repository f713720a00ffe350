package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.operation.Ids;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Waiting;
import dev.slipway.operation.Work;
import dev.slipway.problem.Problem;
import dev.slipway.release.Images;
import dev.slipway.rollout.RolloutContext;
import dev.slipway.rollout.EcsDeployments;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutModule;
import dev.slipway.rollout.RolloutWorkflow;
import dev.slipway.rollout.RolloutReconcileResult;
import dev.slipway.stack.Stacks;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.target.ServiceId;
import dev.slipway.target.Target;
import java.time.Instant;
import java.util.List;

/**
 * What the operations of a service do. An apply goes through
 *
 * <pre>
 * observe → [sync →] stack → count → container → [the phases of a rollout →] done
 *    └→ repair → observe   └→ restore → the phases of a rollout
 * </pre>
 *
 * <p>so that it never moves traffic, never reverts a release and never resets the scale: what is live is observed, is
 * committed to the stack before anything else changes, and goes back with every change as it is.
 */
public final class ServiceWorkflow implements Work {
    /** The first phase of an apply. */
    public static final String OBSERVE = "observe";

    static final String STACK = "stack";
    static final String SYNC = "sync";
    static final String REPAIR = "repair";
    static final String RESTORE = "restore";
    static final String COUNT = "count";
    static final String CONTAINER = "container";
    static final String CLEANUP = "cleanup";
    static final String DELETE_RELEASES = "delete-releases";
    /** A rollout's phase in which the stack makes the ECS service. */
    private static final String CREATE_SERVICE = "create-service";

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
            Stacks stacks,
            ServiceStack stack,
            RolloutModule rollouts,
            RolloutQueue queue,
            Clients clients,
            Ids ids) {
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
    public Pass advance(Operation operation, Instant now) {
        ServiceId id = (ServiceId) operation.target();
        if (operation.type() == Operation.Type.PLAN) {
            return plans.advance(operation, id, now);
        }
        ServiceContext at = new ServiceContext(
                operation,
                id,
                store.get(ServiceRecord.key(id)).orElseThrow(),
                store.get(EnvironmentRecord.key(id.environmentId())).orElseThrow());
        if (RolloutWorkflow.isAt(operation)) {
            return rollout(at, now);
        }
        return switch (operation.phase()) {
            case OBSERVE -> stackPhases.observe(at, now);
            case REPAIR -> repair.advance(at, now);
            case SYNC -> stackPhases.sync(at, now);
            case STACK ->
                operation.type() == Operation.Type.DELETE ? deletion.delete(at, now) : stackPhases.stack(at, now);
            case RESTORE -> releases.restore(at, now);
            case COUNT -> releases.count(at, now);
            case CONTAINER -> releases.container(at, now);
            case CLEANUP -> deletion.cleanup(at, now);
            case DELETE_RELEASES -> deletion.deleteReleases(at, now);
            default -> throw new IllegalStateException(operation.phase());
        };
    }

    @Override
    public Turn turn(Waiting waiting, Instant now) {
        return queue.dequeue(waiting, now);
    }

    @Override
    public List<Write> noticed(Target target, Instant now) {
        return outOfBand.record((ServiceId) target, now);
    }

    private Pass rollout(ServiceContext at, Instant now) {
        Stored<Rollout> rollout = related.rollout(at.operation()).orElseThrow();
        if (at.operation().phase().equals(CREATE_SERVICE) && at.operation().progress() == null && repair.isNeeded(at)) {
            return Pass.next(at.operation().in(REPAIR, now));
        }
        if (at.operation().phase().equals(RolloutWorkflow.GRANT_ACCESS)
                && at.operation().progress() == null
                && stackPhases.closesTheLivePort(at, rollout.value().request().container().port())) {
            return Pass.next(at.operation().in(SYNC, now));
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
            case RolloutReconcileResult.Requeue again -> new Pass(again.operation(), again.writes(), again.requeueAfter());
            case RolloutReconcileResult.Ended ended -> releases.ended(at, ended, now);
        };
    }

    @Override
    public List<Write> abandon(Operation operation, Problem why, Instant now) {
        return related.abandon(operation, why, now);
    }
}
