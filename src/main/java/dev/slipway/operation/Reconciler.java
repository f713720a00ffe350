package dev.slipway.operation;

import dev.slipway.aws.AwsErrors;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.notification.Notifications;
import dev.slipway.problem.Problem;
import dev.slipway.store.NewerSchemaException;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.UnknownOutcomeException;
import dev.slipway.store.Write;
import dev.slipway.store.WriteConflictException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Drives the operation at a target by one pass or more. A pass takes a lease, so that two messages about one target,
 * handled at the same time, do not both act; it records what it did together with giving the lease back, so a pass that
 * lost its lease records nothing.
 */
public final class Reconciler {
    /** Longer than an invocation of the worker can last, so a lease in force means that its pass may still be running. */
    static final Duration LEASE = Duration.ofSeconds(130);
    /** After so many faults of our own in a row an operation ends, so that it does not block its target for ever. */
    static final int MAX_FAILURES = 5;
    /** So long AWS may answer with errors only before the operation ends. */
    static final Duration MAX_AWS_ERRORS = Duration.ofHours(2);

    private static final int MAX_PASSES = 25;
    private static final Duration SHORT_DELAY = Duration.ofSeconds(10);
    private static final Logger LOG = Logger.getLogger(Reconciler.class);

    private final Store store;
    private final WorkQueue queue;
    private final InstantSource clock;
    private final Workflows workflows;

    public Reconciler(Store store, WorkQueue queue, InstantSource clock, Workflows kinds) {
        this.store = store;
        this.queue = queue;
        this.clock = clock;
        this.workflows = kinds;
    }

    /** What the operations of each kind of target do. */
    public record Workflows(Workflow environments, Workflow services, Workflow pipelines) {
        Workflow forTarget(Target target) {
            return switch (target) {
                case EnvironmentId _ -> environments;
                case ServiceId _ -> services;
                case PipelineId _ -> pipelines;
            };
        }
    }

    /**
     * Looks at a target: starts what waits there when nothing is under way, and does nothing when another pass is at it.
     *
     * @return whether an operation is or was under way
     */
    public boolean reconcile(Target target) {
        Optional<Stored<OperationLock>> found =
                store.get(OperationLock.key(target)).or(() -> dequeue(target));
        if (found.isEmpty()) {
            return false;
        }
        Instant now = clock.instant();
        Instant lease = found.get().value().leasedUntil();
        if (lease != null && lease.isAfter(now)) {
            return true; // that pass looks again by itself; should it have crashed, the resync comes
        }
        Stored<Operation> operation = operation(found.get().value());
        if (!operation.value().isRunning()) {
            return false; // it ended since we read the item, which may be another operation's by now, at the same
            // version
        }
        Stored<OperationLock> busy = update(found.get(), found.get().value().leased(now.plus(LEASE)), operation);
        run(busy, operation);
        return true;
    }

    /**
     * Starts what waits at a target at which nothing is under way. It stops waiting and starts in one write, so that two
     * workers start it once, and one that dies starts it or leaves it to the next.
     */
    private Optional<Stored<OperationLock>> dequeue(Target target) {
        Optional<Stored<QueuedOperation>> found = store.get(QueuedOperation.key(target));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Stored<QueuedOperation> waiting = found.get();
        Workflow.DequeueDecision turn = workflows.forTarget(target).dequeue(waiting.value(), clock.instant());
        LOG.infof(
                "target=%s waiting=%s decided=%s",
                target.key(), waiting.value().workItemId(), turn.getClass().getSimpleName());
        List<Write> writes = new ArrayList<>(turn.writes());
        switch (turn) {
            case Workflow.DequeueDecision.Start start -> {
                writes.add(new Write.Delete<>(waiting));
                writes.addAll(Operations.startWrites(start.operation()));
            }
            case Workflow.DequeueDecision.Drop drop -> writes.add(new Write.Delete<>(waiting));
            case Workflow.DequeueDecision.Wait wait -> {
                if (writes.isEmpty()) {
                    return Optional.empty();
                }
                writes.add(new Write.Check<>(waiting));
            }
        }
        try {
            store.write(writes);
        } catch (WriteConflictException e) { // another worker was first, or a caller has changed what waits
            queue.send(Operations.reconcileMessage(target), SHORT_DELAY);
            return Optional.empty();
        }
        Notifications.messages(writes).forEach(message -> queue.send(message, Duration.ZERO));
        return store.get(OperationLock.key(target));
    }

    /** AWS tells of a deployment at a target. When it is none of ours, that is recorded, once. */
    public void onDeploymentEvent(Target target) {
        if (store.get(OperationLock.key(target)).isPresent()
                || store.get(QueuedOperation.key(target)).isPresent()) {
            return;
        }
        List<Write> writes = workflows.forTarget(target).onDeploymentEvent(target, clock.instant());
        try {
            if (!writes.isEmpty()) {
                store.write(writes);
            }
        } catch (WriteConflictException e) {
            LOG.infof(e, "target=%s recorded by another worker, too", target.key());
        }
    }

    private void run(Stored<OperationLock> busy, Stored<Operation> operation) {
        try {
            for (int passes = 0; passes < MAX_PASSES; passes++) {
                Workflow.ReconcileResult pass =
                        workflows.forTarget(operation.value().target()).reconcile(operation.value(), clock.instant());
                log(operation.value(), pass);
                boolean ended = !pass.operation().isRunning();
                boolean goOn = !ended && pass.requeueAfter().isZero() && passes + 1 < MAX_PASSES;
                List<Write> writes = new ArrayList<>(pass.writes());
                OperationLock next = goOn
                        ? busy.value()
                        : busy.value().released(scheduleNext(busy.value(), pass.requeueAfter(), ended));
                writes.add(ended ? new Write.Delete<>(busy) : new Write.Update<>(busy, next));
                boolean changed = !pass.operation().equals(operation.value());
                writes.add(changed ? new Write.Update<>(operation, pass.operation()) : new Write.Check<>(operation));
                store.write(writes);
                Notifications.messages(writes).forEach(message -> queue.send(message, Duration.ZERO));
                if (ended) {
                    // Something may be waiting. Later than ECS's clock can be behind ours, so that what ECS did at the
                    // end of this is never taken for what starts next.
                    queue.send(Operations.reconcileMessage(busy.value().target()), SHORT_DELAY);
                }
                if (!goOn) {
                    return;
                }
                busy = new Stored<>(busy.key(), next, busy.version() + 1);
                operation =
                        changed ? new Stored<>(operation.key(), pass.operation(), operation.version() + 1) : operation;
            }
        } catch (RuntimeException e) {
            handleFailure(busy.value(), e);
        }
    }

    /**
     * When the next look is due, with a message on its way that will be there by then. A message that is already on its
     * way and comes early enough is not sent twice, or each event would start a chain of looks of its own.
     */
    private Instant scheduleNext(OperationLock busy, Duration lookAgain, boolean ended) {
        Instant now = clock.instant();
        Instant due = now.plus(lookAgain);
        Instant planned = busy.nextReconcileAt();
        if (ended || (planned != null && planned.isAfter(now) && !planned.isAfter(due))) {
            return planned == null ? due : planned;
        }
        Duration delay = lookAgain.compareTo(WorkQueue.MAX_DELAY) > 0 ? WorkQueue.MAX_DELAY : lookAgain;
        queue.send(Operations.reconcileMessage(busy.target()), delay);
        return now.plus(delay);
    }

    /**
     * A pass failed: AWS's trouble is waited out, our own faults are counted. When somebody else has taken over since,
     * what becomes of the operation is theirs to say.
     */
    private void handleFailure(OperationLock leased, RuntimeException fault) {
        Target target = leased.target();
        Stored<OperationLock> busy = store.get(OperationLock.key(target)).orElse(null);
        if (busy == null
                || !leased.operation().equals(busy.value().operation())
                || !java.util.Objects.equals(leased.leasedUntil(), busy.value().leasedUntil())) {
            return;
        }
        Stored<Operation> operation = operation(busy.value());
        Instant now = clock.instant();
        Problem end = RetryLimits.exceeded(busy.value(), fault, now);
        LOG.warnf(
                fault,
                "operation=%s target=%s phase=%s fault decided=%s",
                operation.value().id(),
                target.key(),
                operation.value().phase(),
                end == null ? "retry" : "end");
        if (end != null) {
            List<Write> writes = new ArrayList<>(
                    workflows.forTarget(operation.value().target()).abandon(operation.value(), end, now));
            writes.add(new Write.Delete<>(busy));
            writes.add(new Write.Update<>(operation, operation.value().failed(end, now)));
            store.write(writes);
            Notifications.messages(writes).forEach(message -> queue.send(message, Duration.ZERO));
            queue.send(Operations.reconcileMessage(target), SHORT_DELAY); // something may be waiting
            if (end.category() == Problem.Category.INTERNAL) {
                queue.deadLetter(Operations.reconcileMessage(target));
            }
            return;
        }
        Duration delay = isTransient(fault) ? Duration.ofSeconds(10) : Duration.ofSeconds(30);
        queue.send(Operations.reconcileMessage(target), delay);
        OperationLock next = isTransient(fault)
                ? busy.value().withAwsErrors(now, now.plus(delay))
                : busy.value().withFailure(now.plus(delay));
        update(busy, next, operation);
    }

    /**
     * Whether a fault passes by itself: AWS is in trouble, somebody else wrote first, or an upgrade is under way and a
     * newer worker will take over.
     */
    static boolean isTransient(RuntimeException fault) {
        return AwsErrors.isTransient(fault)
                || fault instanceof WriteConflictException
                || fault instanceof UnknownOutcomeException
                || fault instanceof NewerSchemaException;
    }

    private Stored<Operation> operation(OperationLock busy) {
        return store.get(Operation.key(busy.target(), busy.operation())).orElseThrow();
    }

    /** With a check of the operation, so that a reader of yesterday's item does not write to today's of the same key. */
    private Stored<OperationLock> update(Stored<OperationLock> read, OperationLock value, Stored<Operation> operation) {
        store.write(new Write.Update<>(read, value), new Write.Check<>(operation));
        return new Stored<>(read.key(), value, read.version() + 1);
    }

    private static void log(Operation before, Workflow.ReconcileResult pass) {
        Operation after = pass.operation();
        LOG.infof(
                "operation=%s target=%s type=%s observed=%s decided=%s state=%s again=%s%s",
                after.id(),
                after.target().key(),
                after.type(),
                before.phase(),
                after.phase(),
                after.state(),
                pass.requeueAfter(),
                failureReason(after.failure()));
    }

    private static String failureReason(@Nullable Problem failure) {
        return failure == null ? "" : " why=" + failure.code();
    }

    /** Whether a fault ends the operation. */
    static final class RetryLimits {
        private RetryLimits() {}

        static @Nullable Problem exceeded(OperationLock busy, RuntimeException fault, Instant now) {
            if (isTransient(fault)) {
                Instant since = busy.awsErrorsSince();
                if (since == null || !since.plus(MAX_AWS_ERRORS).isBefore(now)) {
                    return null;
                }
                return fault instanceof NewerSchemaException newer
                        ? VersionSkew.problem(newer)
                        : Problem.dependency(
                                "aws-unavailable",
                                "AWS has answered with errors since %s: %s".formatted(since, fault.getMessage()),
                                "Send the request again once AWS has recovered.");
            }
            if (busy.failures() + 1 < MAX_FAILURES) {
                return null;
            }
            return AwsErrors.denied(fault)
                    .orElseGet(() -> Problem.internal(
                            "internal-error",
                            "The worker failed %d times in a row: %s".formatted(busy.failures() + 1, fault)));
        }
    }
}
