package dev.slipway.environment;

import dev.slipway.ledger.Entry;
import dev.slipway.operation.Ids;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Work;
import dev.slipway.plan.Plan;
import dev.slipway.problem.Problem;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.Stacks;
import dev.slipway.stack.Step;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.target.EnvironmentId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the operations of an environment do: its one stack is planned, applied or deleted. */
public final class EnvironmentWork implements Work {
    static final String STACK = "stack";

    private final Store store;
    private final Stacks stacks;
    private final EnvironmentStack stack;
    private final Ids ids;

    public EnvironmentWork(Store store, Stacks stacks, EnvironmentStack stack, Ids ids) {
        this.store = store;
        this.stacks = stacks;
        this.stack = stack;
        this.ids = ids;
    }

    @Override
    public Pass advance(Operation operation, Instant now) {
        EnvironmentId id = (EnvironmentId) operation.target();
        Progress progress = operation.progress() == null ? Progress.start(now) : operation.progress();
        return switch (operation.type()) {
            case APPLY -> apply(operation, id, progress, now);
            case DELETE -> delete(operation, id, progress, now);
            case PLAN -> plan(operation, id, progress, now);
            case ROLLOUT -> throw new IllegalStateException("an environment has no releases");
        };
    }

    private Pass apply(Operation operation, EnvironmentId id, Progress progress, Instant now) {
        Stored<EnvironmentRecord> record = store.get(EnvironmentRecord.key(id)).orElseThrow();
        Optional<Plan> plan = plan(operation).map(Stored::value);
        StackChange change = stack.change(
                id,
                record.value().declared(),
                operation.allow(),
                plan.map(Plan::stack)
                        .map(found -> found == null ? null : found.digest())
                        .orElse(null),
                operation.id());
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
        boolean moved = !record.value().outputs().isEmpty()
                && !record.value().outputs().equals(done.outputs())
                && !record.value().services().isEmpty();
        if (!done.changed()) {
            ended = ended.noting("Nothing to change: the stack is as the spec says.");
        }
        if (moved) {
            ended = ended.noting("What services get from the environment has changed. Apply these again: "
                    + String.join(", ", record.value().services().keySet()));
        }
        return Pass.next(
                ended.succeeded(now), new Write.Update<>(record, record.value().withOutputs(done.outputs())));
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
        Stored<Plan> plan = plan(operation).orElseThrow();
        StackChange change = stack.change(id, stack.spec(plan.value()), operation.allow(), null, operation.id());
        Step step = stacks.plan(progress, change, now);
        return switch (step) {
            case Step.Again again -> Pass.again(operation.progressed(again.progress()), again.lookAgain());
            case Step.Planned planned ->
                Pass.next(
                        operation.succeeded(now),
                        new Write.Update<>(plan, plan.value().ready(planned.difference(), planned.risks())));
            case Step.Failed failed ->
                Pass.next(
                        operation.progressed(failed.progress()).failed(failed.cause(), now),
                        new Write.Update<>(plan, plan.value().failed(failed.cause())));
            case Step.Done done -> throw new IllegalStateException("not an update");
            case Step.Deleted deleted -> throw new IllegalStateException("not a deletion");
        };
    }

    private Optional<Stored<Plan>> plan(Operation operation) {
        @Nullable String id = operation.plan();
        return id == null ? Optional.empty() : store.get(Plan.key(operation.target(), id));
    }

    @Override
    public List<Write> abandon(Operation operation, Problem why, Instant now) {
        return plan(operation)
                .filter(found -> found.value().state() == Plan.State.COMPUTING)
                .map(found ->
                        List.<Write>of(new Write.Update<>(found, found.value().failed(why))))
                .orElse(List.of());
    }
}
