package dev.slipway.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow;
import dev.slipway.plan.Declarations.Declared;
import dev.slipway.problem.Problem;
import dev.slipway.stack.ApplyResult;
import dev.slipway.stack.DeleteResult;
import dev.slipway.stack.Difference;
import dev.slipway.stack.PlanResult;
import dev.slipway.stack.Progress;
import dev.slipway.stack.Risk;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of a kind of target do that is one stack: it is planned, applied or deleted, one pass at a time. A kind
 * says what a spec wants of the stack, and what is recorded at the end.
 *
 * @param <T> ids of the targets
 * @param <S> their specs
 * @param <R> what is kept of them
 */
public abstract class StackWorkflow<T extends Target, S, R extends Declared<S, R>> implements Workflow {
    protected final Store store;
    protected final StackReconciler stacks;
    private final ObjectMapper json;
    private final Class<S> specs;

    /** What a spec wants of the stack. */
    protected sealed interface Desired {
        /** That it is so. */
        record Stack(StackChange change) implements Desired {}

        /** That there is none; {@code risks} say what that means where there is one. */
        record None(List<Risk> risks) implements Desired {}

        /** Nothing any more: what it needs has gone since it was accepted. */
        record Impossible(Problem why) implements Desired {}
    }

    protected StackWorkflow(Store store, StackReconciler stacks, ObjectMapper json, Class<S> specs) {
        this.store = store;
        this.stacks = stacks;
        this.json = json;
        this.specs = specs;
    }

    /** Where a record lies. */
    protected abstract Key<R> key(T id);

    /** @param expected the digest of the only difference that may be executed, or null for any */
    protected abstract Desired desired(T id, S spec, Operation operation, @Nullable String expected);

    /** The stack is as the spec says. Without one, there are no outputs. */
    protected abstract ReconcileResult applied(
            Operation operation, Stored<R> record, Map<String, String> outputs, Instant now);

    /** The stack is gone. */
    protected abstract ReconcileResult deleted(Operation operation, Stored<R> record, Instant now);

    /** The record of a target that is not deleted after all. */
    protected abstract R notDeleted(R record);

    @Override
    public ReconcileResult reconcile(Operation operation, Instant now) {
        return switch (operation.type()) {
            case APPLY -> apply(operation, now);
            case DELETE -> delete(operation, now);
            case PLAN -> plan(operation, now);
            case MEND -> Mends.reconcile(stacks, operation, now);
            case ROLLOUT -> throw new IllegalStateException(operation.target().key() + " has no releases");
        };
    }

    private ReconcileResult apply(Operation operation, Instant now) {
        Stored<R> record = record(operation);
        return switch (desired(id(operation), record.value().declared(), operation, Plans.digest(store, operation))) {
            case Desired.Impossible impossible -> refused(operation.failed(impossible.why(), now), record, now);
            case Desired.None _ ->
                switch (removed(operation, now)) {
                    case DeleteResult.InProgress again -> ReconcileResult.requeue(operation, again);
                    case DeleteResult.Deleted _ -> applied(operation, record, Map.of(), now);
                    case DeleteResult.Failed failed ->
                        refused(operation.withProgress(failed.progress()).failed(failed.cause(), now), record, now);
                };
            case Desired.Stack desired ->
                switch (stacks.apply(operation.progressAt(now), desired.change(), now)) {
                    case ApplyResult.InProgress again -> ReconcileResult.requeue(operation, again);
                    case ApplyResult.Succeeded done -> {
                        Operation ended = new Operations(store)
                                .withLeftovers(operation, done, stacks)
                                .withProgress(done.progress());
                        yield applied(
                                done.changed()
                                        ? ended
                                        : ended.withNote("Nothing to change: the stack is as the spec says."),
                                record,
                                done.outputs(),
                                now);
                    }
                    case ApplyResult.Failed failed ->
                        refused(operation.withProgress(failed.progress()).failed(failed.cause(), now), record, now);
                };
        };
    }

    /** What was refused, or has been rolled back, is not what is declared. */
    protected ReconcileResult refused(Operation failed, Stored<R> record, Instant now) {
        return record.value()
                .reverted(now)
                .map(before -> ReconcileResult.proceed(
                        failed, record.value().reversion(failed, before).update(record, before)))
                .orElseGet(() -> ReconcileResult.proceed(failed));
    }

    private ReconcileResult delete(Operation operation, Instant now) {
        Stored<R> record = record(operation);
        return switch (removed(operation, now)) {
            case DeleteResult.InProgress again -> ReconcileResult.requeue(operation, again);
            case DeleteResult.Deleted _ -> deleted(operation, record, now);
            case DeleteResult.Failed failed ->
                ReconcileResult.proceed(
                        operation.withProgress(failed.progress()).failed(failed.cause(), now),
                        new Transaction().update(record, notDeleted(record.value())));
        };
    }

    private ReconcileResult plan(Operation operation, Instant now) {
        Stored<Plan> plan = Plans.of(store, operation).orElseThrow();
        S spec = json.convertValue(plan.value().spec(), specs);
        Progress progress = operation.progressAt(now);
        PlanResult result = switch (desired(id(operation), spec, operation, null)) {
            case Desired.Impossible impossible -> new PlanResult.Failed(progress, impossible.why());
            case Desired.None none -> new PlanResult.Planned(new Difference(List.of(), "none"), none.risks());
            case Desired.Stack desired -> stacks.plan(progress, desired.change(), now);
        };
        return Plans.toReconcileResult(operation, plan, result, now);
    }

    @Override
    public Transaction abandon(Operation operation, Problem why, Instant now) {
        Transaction plan = Plans.onAbandoned(store, operation, why);
        Optional<Stored<R>> found = store.get(key(id(operation)));
        return found.map(record -> switch (operation.type()) {
                    case DELETE -> plan.update(record, notDeleted(record.value()));
                    case APPLY -> plan.updateIfChanged(record, record.value().withoutFallback());
                    case PLAN, ROLLOUT, MEND -> plan;
                })
                .orElse(plan);
    }

    private DeleteResult removed(Operation operation, Instant now) {
        return stacks.delete(operation.progressAt(now), operation.target().stackName(), operation.id(), false, now);
    }

    private Stored<R> record(Operation operation) {
        return store.get(key(id(operation))).orElseThrow();
    }

    @SuppressWarnings("unchecked") // the reconciler hands each kind its own targets
    private T id(Operation operation) {
        return (T) operation.target();
    }
}
