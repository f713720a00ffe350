package dev.slipway.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.id.Target;
import dev.slipway.notification.Notifications;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.store.WriteConflictException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Accepts operations and tells of them. */
public final class Operations {
    private final Store store;
    private final WorkQueue queue;

    public Operations(Store store, WorkQueue queue) {
        this.store = store;
        this.queue = queue;
    }

    /**
     * Accepts an operation together with what else is written for it. The write comes first: should the message be
     * lost, the resync finds the operation.
     *
     * @throws ProblemException with 409 when another operation is under way at the target
     * @throws WriteConflictException when one of {@code writes} finds something else than it expects
     */
    public Operation accept(Operation operation, List<? extends Write> writes) {
        requireUnlocked(operation.target());
        List<Write> all = new ArrayList<>(writes);
        all.addAll(startWrites(operation));
        store.write(all);
        enqueue(operation.target());
        Notifications.messages(all).forEach(message -> queue.send(message, Duration.ZERO));
        return operation;
    }

    /** The writes with which an operation begins. They are refused when another one is under way. */
    static List<Write> startWrites(Operation operation) {
        return List.of(
                new Write.Create<>(Operation.key(operation.target(), operation.id()), operation),
                new Write.Create<>(OperationLock.key(operation.target()), OperationLock.ofOperation(operation)));
    }

    /** Writes what is no operation by itself; has its notices sent, and the worker look at the target. */
    public void commit(Target target, List<? extends Write> writes) {
        store.write(writes);
        enqueue(target);
        Notifications.messages(writes).forEach(message -> queue.send(message, Duration.ZERO));
    }

    /** What waits at a target. */
    public Optional<Stored<QueuedOperation>> findQueued(Target target) {
        return store.get(QueuedOperation.key(target));
    }

    /** Has the worker look at a target soon. */
    public void enqueue(Target target) {
        queue.send(reconcileMessage(target), Duration.ZERO);
    }

    /** Throws {@link ProblemException} with 409 that names the operation under way at the target, if there is one. */
    public void requireUnlocked(Target target) {
        findRunning(target).ifPresent(operation -> {
            throw new ProblemException(
                    409,
                    Problem.user(
                            "operation-in-progress",
                            "%s is being changed by operation %s (%s, since %s, by %s)."
                                    .formatted(
                                            target.key(),
                                            operation.id(),
                                            operation.type().name().toLowerCase(java.util.Locale.ROOT),
                                            operation.acceptedAt(),
                                            operation.actor()),
                            "Wait until it has ended: GET %s/operations/%s".formatted(target.path(), operation.id())));
        });
    }

    /** The operation under way at a target. */
    public Optional<Operation> findRunning(Target target) {
        return store.get(OperationLock.key(target))
                .flatMap(busy -> find(target, busy.value().operation()));
    }

    public Optional<Operation> find(Target target, String id) {
        return store.get(Operation.key(target, id)).map(Stored::value);
    }

    /** Operations of a target, newest first. */
    public Page<Operation> list(Target target, int limit, @Nullable String next) {
        return store.list(Operation.partition(target), "operation#", Operation.itemType(), true, limit, next);
    }

    /** The message to the worker that has a target looked at. */
    public static String reconcileMessage(Target target) {
        return JsonNodeFactory.instance.objectNode().put("target", target.key()).toString();
    }
}
