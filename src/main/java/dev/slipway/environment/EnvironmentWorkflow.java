package dev.slipway.environment;

import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.problem.Problem;
import dev.slipway.stack.ApplyResult;
import dev.slipway.stack.DeleteResult;
import dev.slipway.stack.Progress;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** What the operations of an environment do: its one stack is planned, applied or deleted. */
public final class EnvironmentWorkflow implements Workflow {
    private static final String SERVICES = "services";
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(30);

    private final Store store;
    private final StackReconciler stacks;
    private final EnvironmentStack stack;
    private final IdGenerator ids;
    private final BiFunction<ServiceId, Operation, Operation.State> reapply;

    /** @param follow has a service take over what the environment's operation has changed, and tells how that stands */
    public EnvironmentWorkflow(
            Store store,
            StackReconciler stacks,
            EnvironmentStack stack,
            BiFunction<ServiceId, Operation, Operation.State> follow,
            IdGenerator ids) {
        this.store = store;
        this.stacks = stacks;
        this.stack = stack;
        this.reapply = follow;
        this.ids = ids;
    }

    @Override
    public ReconcileResult reconcile(Operation operation, Instant now) {
        EnvironmentId id = (EnvironmentId) operation.target();
        Progress progress = operation.progress() == null ? Progress.start(now) : operation.progress();
        return switch (operation.type()) {
            case APPLY ->
                operation.phase().equals(SERVICES)
                        ? reapplyServices(operation, id, now)
                        : apply(operation, id, progress, now);
            case DELETE -> delete(operation, id, progress, now);
            case PLAN -> plan(operation, id, progress, now);
            case ROLLOUT -> throw new IllegalStateException("an environment has no releases");
        };
    }

    private ReconcileResult apply(Operation operation, EnvironmentId id, Progress progress, Instant now) {
        Stored<EnvironmentRecord> record = store.get(EnvironmentRecord.key(id)).orElseThrow();
        StackChange change = stack.change(
                id, record.value().declared(), operation, Plans.digest(store, operation));
        ApplyResult result = stacks.apply(progress, change, now);
        return switch (result) {
            case ApplyResult.InProgress again ->
                ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case ApplyResult.Succeeded done -> applied(operation, record, done, now);
            case ApplyResult.Failed failed ->
                ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now));
        };
    }

    private static ReconcileResult applied(
            Operation operation, Stored<EnvironmentRecord> record, ApplyResult.Succeeded done, Instant now) {
        Operation ended = operation.withProgress(done.progress());
        if (!done.changed()) {
            ended = ended.withNote("Nothing to change: the stack is as the spec says.");
        }
        EnvironmentRecord applied = record.value().withOutputs(done.outputs());
        return ReconcileResult.proceed(
                applied.services().isEmpty() ? ended.succeeded(now) : ended.enterPhaseKeepingProgress(SERVICES, now),
                new Transaction().update(record, applied));
    }

    /**
     * The services take over what has changed for them, one after the other: should one of them fail, the others stay as
     * they are and serve. The environment itself has been applied, so its operation succeeds and says who is left behind.
     */
    private ReconcileResult reapplyServices(Operation operation, EnvironmentId id, Instant now) {
        Set<String> names = store.get(EnvironmentRecord.key(id))
                .orElseThrow()
                .value()
                .services()
                .keySet();
        List<String> left = new ArrayList<>(names);
        for (String name : names) {
            switch (reapply.apply(new ServiceId(id.environment(), name), operation)) {
                case SUCCEEDED -> left.remove(name);
                case RUNNING -> {
                    return ReconcileResult.requeue(operation, POLL_INTERVAL);
                }
                case FAILED -> {
                    return ReconcileResult.proceed(operation
                            .withNote(
                                    ("The service %s could not be applied again, see its operation of the same id. Apply"
                                                    + " these by hand: %s")
                                            .formatted(name, String.join(", ", left)))
                            .succeeded(now));
                }
            }
        }
        return ReconcileResult.proceed(operation.succeeded(now));
    }

    private ReconcileResult delete(Operation operation, EnvironmentId id, Progress progress, Instant now) {
        DeleteResult result = stacks.delete(progress, id.stackName(), operation.id(), false, now);
        return switch (result) {
            case DeleteResult.InProgress again ->
                ReconcileResult.requeue(operation.withProgress(again.progress()), again.requeueAfter());
            case DeleteResult.Deleted _ -> deleted(operation, id, now);
            case DeleteResult.Failed failed -> notDeleted(operation.withProgress(failed.progress()), id, failed.cause(), now);
        };
    }

    private ReconcileResult deleted(Operation operation, EnvironmentId id, Instant now) {
        Stored<EnvironmentRecord> record = store.get(EnvironmentRecord.key(id)).orElseThrow();
        Stored<EnvironmentIndex> fleet = store.get(EnvironmentIndex.KEY).orElseThrow();
        String bucket = record.value().outputs().get("AccessLogBucket");
        Operation ended = bucket == null
                ? operation
                : operation.withNote("Left: the access logs in the bucket %s, which expire by its own rule. To remove"
                                .formatted(bucket)
                        + " them now: aws s3 rb --force s3://" + bucket);
        return ReconcileResult.proceed(
                ended.succeeded(now),
                new Transaction()
                        .entry(LedgerEntry.of(
                                ids.next(),
                                id,
                                LedgerEntry.EventType.DELETED,
                                LedgerEntry.SLIPWAY,
                                "The environment is gone.",
                                now))
                        .delete(record)
                        .update(fleet, fleet.value().without(id)));
    }

    private ReconcileResult notDeleted(Operation operation, EnvironmentId id, Problem cause, Instant now) {
        Stored<EnvironmentRecord> record = store.get(EnvironmentRecord.key(id)).orElseThrow();
        return ReconcileResult.proceed(
                operation.failed(cause, now),
                new Transaction().update(record, record.value().withDeleting(false)));
    }

    private ReconcileResult plan(Operation operation, EnvironmentId id, Progress progress, Instant now) {
        Stored<Plan> plan = Plans.of(store, operation).orElseThrow();
        StackChange change = stack.change(id, stack.spec(plan.value()), operation, null);
        return Plans.toReconcileResult(operation, plan, stacks.plan(progress, change, now), now);
    }

    @Override
    public Transaction abandon(Operation operation, Problem why, Instant now) {
        return Plans.onAbandoned(store, operation, why);
    }
}
