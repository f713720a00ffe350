package dev.slipway.environment;

import dev.slipway.ledger.Entry;
import dev.slipway.operation.Ids;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Phase;
import dev.slipway.operation.Work;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.Stacks;
import dev.slipway.stack.Step;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.target.EnvironmentId;
import dev.slipway.target.ServiceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** What the operations of an environment do: its one stack is planned, applied or deleted. */
public final class EnvironmentWork implements Work {
    private static final Duration LOOK = Duration.ofSeconds(30);

    private final Store store;
    private final Stacks stacks;
    private final EnvironmentStack stack;
    private final Ids ids;
    private final BiFunction<ServiceId, Operation, Operation.State> follow;

    /** @param follow has a service take over what the environment's operation has changed, and tells how that stands */
    public EnvironmentWork(
            Store store,
            Stacks stacks,
            EnvironmentStack stack,
            BiFunction<ServiceId, Operation, Operation.State> follow,
            Ids ids) {
        this.store = store;
        this.stacks = stacks;
        this.stack = stack;
        this.follow = follow;
        this.ids = ids;
    }

    @Override
    public Pass advance(Operation operation, Instant now) {
        EnvironmentId id = (EnvironmentId) operation.target();
        Progress progress = operation.progress() == null ? Progress.start(now) : operation.progress();
        return switch (operation.type()) {
            case APPLY ->
                operation.phase() == Phase.SERVICES
                        ? services(operation, id, now)
                        : apply(operation, id, progress, now);
            case DELETE -> delete(operation, id, progress, now);
            case PLAN -> plan(operation, id, progress, now);
            case ROLLOUT -> throw new IllegalStateException("an environment has no releases");
        };
    }

    private Pass apply(Operation operation, EnvironmentId id, Progress progress, Instant now) {
        Stored<EnvironmentRecord> record = store.get(EnvironmentRecord.key(id)).orElseThrow();
        StackChange change = stack.change(
                id, record.value().declared(), operation.allow(), Plans.digest(store, operation), operation.id());
        Step step = stacks.apply(progress, change, now);
        return switch (step) {
            case Step.Again again -> Pass.again(operation.progressed(again.progress()), again.lookAgain());
            case Step.Done done -> applied(operation, record, done, now);
            case Step.Failed failed ->
                Pass.next(operation.progressed(failed.progress()).failed(failed.cause(), now));
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    private static Pass applied(Operation operation, Stored<EnvironmentRecord> record, Step.Done done, Instant now) {
        Operation ended = operation.progressed(done.progress());
        if (!done.changed()) {
            ended = ended.noting("Nothing to change: the stack is as the spec says.");
        }
        EnvironmentRecord applied = record.value().withOutputs(done.outputs());
        return Pass.next(
                applied.services().isEmpty() ? ended.succeeded(now) : ended.following(Phase.SERVICES, now),
                new Write.Update<>(record, applied));
    }

    /**
     * The services take over what has changed for them, one after the other: should one of them fail, the others stay as
     * they are and serve. The environment itself has been applied, so its operation succeeds and says who is left behind.
     */
    private Pass services(Operation operation, EnvironmentId id, Instant now) {
        Set<String> names = store.get(EnvironmentRecord.key(id))
                .orElseThrow()
                .value()
                .services()
                .keySet();
        List<String> left = new ArrayList<>(names);
        for (String name : names) {
            switch (follow.apply(new ServiceId(id.environment(), name), operation)) {
                case SUCCEEDED -> left.remove(name);
                case RUNNING -> {
                    return Pass.again(operation, LOOK);
                }
                case FAILED -> {
                    return Pass.next(operation
                            .noting(
                                    ("The service %s could not be applied again, see its operation of the same id. Apply"
                                                    + " these by hand: %s")
                                            .formatted(name, String.join(", ", left)))
                            .succeeded(now));
                }
            }
        }
        return Pass.next(operation.succeeded(now));
    }

    private Pass delete(Operation operation, EnvironmentId id, Progress progress, Instant now) {
        Step step = stacks.delete(progress, id.stackName(), operation.id(), false, now);
        return switch (step) {
            case Step.Again again -> Pass.again(operation.progressed(again.progress()), again.lookAgain());
            case Step.Deleted deleted -> deleted(operation, id, now);
            case Step.Failed failed -> notDeleted(operation.progressed(failed.progress()), id, failed.cause(), now);
            case Step.Done done -> throw new IllegalStateException("not an update");
            case Step.Planned planned -> throw new IllegalStateException("not a plan");
        };
    }

    private Pass deleted(Operation operation, EnvironmentId id, Instant now) {
        Stored<EnvironmentRecord> record = store.get(EnvironmentRecord.key(id)).orElseThrow();
        Stored<Fleet> fleet = store.get(Fleet.KEY).orElseThrow();
        String bucket = record.value().outputs().get("AccessLogBucket");
        Operation ended = bucket == null
                ? operation
                : operation.noting("Left: the access logs in the bucket %s, which expire by its own rule. To remove"
                                .formatted(bucket)
                        + " them now: aws s3 rb --force s3://" + bucket);
        return Pass.next(
                ended.succeeded(now),
                Entry.of(ids.next(), id, Entry.What.DELETED, Entry.SLIPWAY, "The environment is gone.", now)
                        .write(),
                new Write.Delete<>(record),
                new Write.Update<>(fleet, fleet.value().without(id)));
    }

    private Pass notDeleted(Operation operation, EnvironmentId id, Problem cause, Instant now) {
        Stored<EnvironmentRecord> record = store.get(EnvironmentRecord.key(id)).orElseThrow();
        return Pass.next(
                operation.failed(cause, now),
                new Write.Update<>(record, record.value().deleting(false)));
    }

    private Pass plan(Operation operation, EnvironmentId id, Progress progress, Instant now) {
        Stored<Plan> plan = Plans.of(store, operation).orElseThrow();
        StackChange change = stack.change(id, stack.spec(plan.value()), operation.allow(), null, operation.id());
        return Plans.pass(operation, plan, stacks.plan(progress, change, now), now);
    }

    @Override
    public List<Write> abandon(Operation operation, Problem why, Instant now) {
        return Plans.abandoned(store, operation, why);
    }
}
