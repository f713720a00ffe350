package dev.slipway.service;

import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.operation.Ids;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Waiting;
import dev.slipway.operation.Work;
import dev.slipway.problem.Problem;
import dev.slipway.release.Images;
import dev.slipway.rollout.Course;
import dev.slipway.rollout.EcsDeployments;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutParts;
import dev.slipway.rollout.RolloutRunner;
import dev.slipway.rollout.RolloutStep;
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
 *    └→ detach → observe   └→ restore → the phases of a rollout
 * </pre>
 *
 * <p>so that it never moves traffic, never reverts a release and never resets the scale: what is live is observed, is
 * committed to the stack before anything else changes, and goes back with every change as it is.
 */
public final class ServiceWork implements Work {
    /** The first phase of an apply. */
    public static final String OBSERVE = "observe";

    static final String STACK = "stack";
    static final String SYNC = "sync";
    static final String DETACH = "detach";
    static final String RESTORE = "restore";
    static final String COUNT = "count";
    static final String CONTAINER = "container";
    static final String CLEANUP = "cleanup";
    static final String FORGET = "forget";
    /** A rollout's phase in which the stack makes the ECS service. */
    private static final String FIRST = "first";

    private final Store store;
    private final RolloutRunner rollouts;
    private final RolloutQueue queue;
    private final DeploymentsPastUs pastUs;
    private final Belongings belongings;
    private final Detachment detachment;
    private final StackPhases stackPhases;
    private final ReleasePhases releases;
    private final DeletionPhases deletion;
    private final PlanPhase plans;

    public ServiceWork(
            Store store,
            Stacks stacks,
            ServiceStack stack,
            RolloutParts rollouts,
            RolloutQueue queue,
            Clients clients,
            Ids ids) {
        Remains remains = new Remains(clients.ecr(), clients.logs(), clients.ecs());
        EcsDeployments deployments = new EcsDeployments(clients.ecs());
        this.store = store;
        this.rollouts = rollouts.runner();
        this.queue = queue;
        this.pastUs = new DeploymentsPastUs(store, deployments, ids);
        this.belongings = new Belongings(store, rollouts.chronicle());
        this.detachment = new Detachment(stacks, deployments, belongings);
        this.stackPhases = new StackPhases(stacks, stack, belongings, detachment, clients, remains, ids);
        this.releases = new ReleasePhases(
                store, deployments, new KeptImages(store, new Images(clients.ecr())), rollouts.chronicle(), ids);
        this.deletion = new DeletionPhases(store, stacks, remains, queue, ids);
        this.plans = new PlanPhase(store, stacks, stack, belongings, remains, ids);
    }

    @Override
    public Pass advance(Operation operation, Instant now) {
        ServiceId id = (ServiceId) operation.target();
        if (operation.type() == Operation.Type.PLAN) {
            return plans.advance(operation, id, now);
        }
        Visit at = new Visit(
                operation,
                id,
                store.get(ServiceRecord.key(id)).orElseThrow(),
                store.get(EnvironmentRecord.key(id.environmentId())).orElseThrow());
        if (RolloutRunner.isAt(operation)) {
            return rollout(at, now);
        }
        return switch (operation.phase()) {
            case OBSERVE -> stackPhases.observe(at, now);
            case DETACH -> detachment.advance(at, now);
            case SYNC -> stackPhases.sync(at, now);
            case STACK ->
                operation.type() == Operation.Type.DELETE ? deletion.delete(at, now) : stackPhases.stack(at, now);
            case RESTORE -> releases.restore(at, now);
            case COUNT -> releases.count(at, now);
            case CONTAINER -> releases.container(at, now);
            case CLEANUP -> deletion.cleanup(at, now);
            case FORGET -> deletion.forget(at, now);
            default -> throw new IllegalStateException(operation.phase());
        };
    }

    @Override
    public Turn turn(Waiting waiting, Instant now) {
        return queue.turn(waiting, now);
    }

    @Override
    public List<Write> noticed(Target target, Instant now) {
        return pastUs.record((ServiceId) target, now);
    }

    private Pass rollout(Visit at, Instant now) {
        Stored<Rollout> rollout = belongings.rollout(at.operation()).orElseThrow();
        if (at.operation().phase().equals(FIRST) && at.operation().progress() == null && detachment.isNeeded(at)) {
            return Pass.next(at.operation().in(DETACH, now));
        }
        if (at.operation().phase().equals(RolloutRunner.OPEN)
                && at.operation().progress() == null
                && stackPhases.closesTheLivePort(at, rollout.value().container().port())) {
            return Pass.next(at.operation().in(SYNC, now));
        }
        ServiceRecord record = at.record().value();
        RolloutStep step = rollouts.advance(
                new Course(
                        at.operation(),
                        rollout,
                        record.outputs(),
                        at.environment().value().outputs(),
                        record.declared().count()),
                now);
        return switch (step) {
            case RolloutStep.Again again -> new Pass(again.operation(), again.writes(), again.lookAgain());
            case RolloutStep.Ended ended -> releases.ended(at, ended, now);
        };
    }

    @Override
    public List<Write> abandon(Operation operation, Problem why, Instant now) {
        return belongings.abandon(operation, why, now);
    }
}
