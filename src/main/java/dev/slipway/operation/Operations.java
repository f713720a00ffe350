package dev.slipway.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.Target;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.stack.ApplyResult;
import dev.slipway.stack.Leftover;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Accepts operations and tells of them. */
public final class Operations {
    /** By then CloudFormation shows what an operation has done; docs/assumptions.md. */
    private static final Duration SHOWN_WITHIN = Duration.ofMinutes(2);

    /** Ten reads of the store. */
    private static final int MOST_LOCKED = 1000;
    /** The one that is under way and those before it. */
    private static final int LATEST = 3;

    private static final int MOST_LOOKED_AT = 50;

    private final Store store;

    public Operations(Store store) {
        this.store = store;
    }

    /**
     * Begins an operation, and has the worker look at it.
     *
     * @param also what else is written for it
     * @throws ProblemException with 409 when another operation is under way at the target
     */
    public Transaction startWrites(Operation operation, Transaction also) {
        requireUnlocked(operation.target());
        return also.and(startWrites(operation)).wake(operation.target());
    }

    /** The writes with which an operation begins. They are refused as a conflict when another one is under way. */
    static Transaction startWrites(Operation operation) {
        return new Transaction()
                .create(Operation.key(operation.target(), operation.id()), operation)
                .create(OperationLock.key(operation.target()), OperationLock.ofOperation(operation));
    }

    /** Begins an operation as what was asked for: it is what the caller is to watch. */
    public Acceptance.Attempt<Accepted> accept(Operation operation, Transaction also, List<String> warnings) {
        return new Acceptance.Attempt<>(startWrites(operation, also), new Accepted(operation.path(), warnings));
    }

    /** What waits at a target. */
    public Optional<Stored<QueuedOperation>> findQueued(Target target) {
        return store.get(QueuedOperation.key(target));
    }

    /** Throws {@link ProblemException} with 409 that names the operation under way at the target, if there is one. */
    public void requireUnlocked(Target target) {
        findRunning(target).ifPresent(operation -> {
            throw new ProblemException(409, inProgress(operation));
        });
    }

    /** The refusal of what an operation that is under way keeps from beginning. */
    public static Problem inProgress(Operation operation) {
        return Problem.user(
                "operation-in-progress",
                "%s is being changed by operation %s (%s, since %s, by %s)."
                        .formatted(
                                operation.target().key(),
                                operation.id(),
                                operation.type().name().toLowerCase(Locale.ROOT),
                                operation.acceptedAt(),
                                operation.actor()),
                "Wait until it has ended: GET " + operation.path());
    }

    /** The operation under way at a target. */
    public Optional<Operation> findRunning(Target target) {
        return store.get(OperationLock.key(target))
                .flatMap(lock -> find(target, lock.value().operation()));
    }

    /** What holds up the operation under way at a target, in a sentence: the limit of starts, or AWS. Empty when nothing does. */
    public Optional<String> holdUp(Target target, String operation, Instant now) {
        return store.get(OperationLock.key(target))
                .map(Stored::value)
                .filter(lock -> lock.operation().equals(operation))
                .map(lock -> {
                    Instant startsAt = lock.startsAt();
                    if (startsAt != null && startsAt.isAfter(now)) {
                        return "Its start, at %s or before: so many operations began at once that AWS would refuse calls."
                                .formatted(startsAt);
                    }
                    return lock.fault() == null
                            ? null
                            : "The end of this, which is tried again and again%s: %s"
                                    .formatted(
                                            lock.heldUpSince() == null ? "" : " since " + lock.heldUpSince(),
                                            lock.fault());
                });
    }

    public Optional<Operation> find(Target target, String id) {
        return store.get(Operation.key(target, id)).map(Stored::value);
    }

    /** Operations of a target, newest first. */
    public Page<Operation> list(Target target, int limit, @Nullable String next) {
        return store.list(target.partition(), "operation#", Operation.ITEM_TYPE, true, limit, next);
    }

    /**
     * Whether an operation that has ended in the last two minutes may have changed a stack: CloudFormation promises nowhere that
     * its answers show that at once.
     */
    public boolean mayHaveChanged(String stackName, Instant now) {
        return Worker.EventTargets.ofStack(stackName).stream()
                .flatMap(target -> list(target, LATEST, null).items().stream())
                .map(Stored::value)
                .anyMatch(operation -> operation.endedAt() != null
                        && operation.type() != Operation.Type.PLAN
                        && now.isBefore(operation.endedAt().plus(SHOWN_WITHIN)));
    }

    /** The same, all of them, read as they are come to. */
    public Stream<Operation> stream(Target target) {
        return store.stream(target.partition(), "operation#", Operation.ITEM_TYPE, true)
                .map(Stored::value);
    }

    /** The operation under way at a target that changes it; a plan does not. */
    public Optional<Operation> findChanging(Target target) {
        return findRunning(target).filter(operation -> operation.type() != Operation.Type.PLAN);
    }

    /** The operation that ended last at a target; plans do not count. */
    public Optional<Operation> lastEnded(Target target) {
        return lastEnded(target, Set.of());
    }

    /** @param passedOver ids of rollouts whose operations do not count either */
    public Optional<Operation> lastEnded(Target target, Set<String> passedOver) {
        return stream(target)
                .filter(operation -> !operation.isRunning() && operation.type() != Operation.Type.PLAN)
                .filter(operation -> operation.rollout() == null || !passedOver.contains(operation.rollout()))
                .findFirst();
    }

    /**
     * The latest operation that has applied a spec or left something behind, of the latest fifty, if it has: an apply has again what
     * was left before it, see {@link #withLeftovers}.
     */
    public Optional<Operation> lastWithLeftovers(Target target) {
        return stream(target)
                .limit(MOST_LOOKED_AT)
                .filter(operation -> !operation.isRunning())
                .filter(operation ->
                        operation.type() == Operation.Type.APPLY && operation.state() == Operation.State.SUCCEEDED
                                || !operation.leftovers().isEmpty())
                .findFirst()
                .filter(operation -> !operation.leftovers().isEmpty());
    }

    /**
     * An apply with what it has left behind, and what those before it have that is still there as far as anybody has said. An apply
     * that finds nothing to change says that it has been removed by hand; so does a stack that has something of that name again.
     *
     * @param stacks asked for the stack's resources where something was left before only
     */
    public Operation withLeftovers(Operation apply, ApplyResult.Succeeded done, StackReconciler stacks) {
        Target target = apply.target();
        List<Leftover> before = done.changed()
                ? lastWithLeftovers(target).map(Operation::leftovers).orElse(List.of())
                : List.of();
        Set<String> again = before.isEmpty()
                ? Set.of()
                : Set.copyOf(stacks.resources(target.stackName()).values());
        return apply.leaving(done.leftovers())
                .leaving(before.stream()
                        .filter(leftover -> !again.contains(leftover.physicalId()))
                        .toList());
    }

    /** The operations under way at the services of an environment. */
    public Stream<Operation> runningServices(EnvironmentId environment) {
        return store.stream(OperationLock.PARTITION, environment.key() + "/", OperationLock.ITEM_TYPE, false)
                .map(Stored::value)
                .flatMap(lock -> find(lock.target(), lock.operation()).stream());
    }

    /** What waits at the services of an environment until nothing else is under way there. */
    public Stream<QueuedOperation> queuedServices(EnvironmentId environment) {
        return store.stream(QueuedOperation.PARTITION, environment.key() + "/", QueuedOperation.ITEM_TYPE, false)
                .map(Stored::value);
    }

    /**
     * A target at which an operation is under way.
     *
     * @param stuck whether it is tried again after a fault, or its next look is overdue by a quarter of an hour
     */
    public record Locked(Target target, String operation, boolean stuck) {}

    /** All of them, by target, a thousand at most: one read of the store for each hundred. */
    public List<Locked> locked(Instant now) {
        return store.stream(OperationLock.PARTITION, "", OperationLock.ITEM_TYPE, false)
                .limit(MOST_LOCKED)
                .map(Stored::value)
                .map(lock -> new Locked(lock.target(), lock.operation(), lock.isStuck(now)))
                .toList();
    }

    /** The message to the worker that has a target looked at. */
    public static String reconcileMessage(Target target) {
        return WorkQueue.message("target", target.key());
    }

    /** The same, of a message that came first at {@code since}. */
    static String reconcileMessage(Target target, Instant since) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("target", target.key())
                .put("since", since.toString())
                .toString();
    }
}
