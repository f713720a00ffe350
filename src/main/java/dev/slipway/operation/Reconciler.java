package dev.slipway.operation;

import dev.slipway.aws.AwsErrors;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.problem.Problem;
import dev.slipway.store.Store;
import dev.slipway.store.Store.NewerSchemaException;
import dev.slipway.store.Store.UnknownOutcomeException;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
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
    /** So long it may refuse calls: a new role or policy holds everywhere after a minute or two. */
    static final Duration MAX_REFUSALS = Duration.ofMinutes(5);
    /** After so long AWS's answers, which are eventually consistent, show what the last call did. */
    private static final Duration SHOWN_WITHIN = Duration.ofMinutes(3);
    /** An operation that waits for its start asks again after so long whether it still has to. */
    static final Duration ASK_AGAIN = Duration.ofMinutes(2);
    /** Until a message comes again that came while a pass was at work. */
    static final Duration WAKE_AGAIN = Duration.ofSeconds(5);

    private static final int MAX_PASSES = 25;
    private static final Duration SHORT_DELAY = Duration.ofSeconds(10);
    private static final Logger LOG = Logger.getLogger(Reconciler.class);

    private final Store store;
    private final WorkQueue queue;
    private final WorkListener listener;
    private final Outbox outbox;
    private final InstantSource clock;
    private final StartLimiter startLimiter;
    private final Workflows workflows;

    public Reconciler(
            Store store,
            WorkQueue queue,
            WorkListener listener,
            InstantSource clock,
            StartLimiter startLimiter,
            Workflows workflows) {
        this.startLimiter = startLimiter;
        this.store = store;
        this.queue = queue;
        this.listener = listener;
        this.outbox = new Outbox(store, queue, listener);
        this.clock = clock;
        this.workflows = workflows;
    }

    /** Says when the next operation may begin, so that many at once do not use up what AWS lets an account do. */
    @FunctionalInterface
    public interface StartLimiter {
        /**
         * Now or earlier, when it need not wait.
         *
         * @param given the time that it was given; null when it asks for the first time
         */
        Instant startsAt(@Nullable Instant given);
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
     * Looks at a target: starts what waits there when nothing is under way. When another pass is at it, the message is
     * sent again: that pass may have read before what the message tells of was so.
     *
     * @param since when the message came for the first time; null when it does so now
     * @return whether an operation is or was under way
     */
    public boolean reconcile(Target target, @Nullable Instant since) {
        Optional<Stored<OperationLock>> found =
                store.get(OperationLock.key(target)).or(() -> dequeue(target));
        if (found.isEmpty()) {
            return settle(target);
        }
        Instant now = clock.instant();
        OperationLock lock = found.get().value();
        if (since != null && lock.isLookedAtSince(since)) {
            return true;
        }
        if (lock.isLeased(now)) {
            wakeAgain(target, since == null ? now : since);
            return true;
        }
        Stored<Operation> operation = operation(lock);
        if (!operation.value().isRunning()) {
            // It ended since we read the item, which may be another operation's by now, at the same version.
            return false;
        }
        Instant startsAt = startsAt(lock, operation.value());
        if (startsAt.isAfter(now)) {
            Stored<OperationLock> waiting = new Stored<>(
                    found.get().key(), lock.withStartsAt(startsAt), found.get().version());
            Duration wait = Duration.between(now, startsAt);
            return commitOrWakeAgain(
                    release(waiting, wait.compareTo(ASK_AGAIN) > 0 ? ASK_AGAIN : wait)
                            .check(operation),
                    target,
                    since == null ? now : since);
        }
        OperationLock leased = lock.leased(now, LEASE);
        try {
            // With a check of the operation, so that a reader of yesterday's item does not write to today's
            // of the same key.
            outbox.commit(new Transaction().update(found.get(), leased).check(operation));
        } catch (WriteConflictException | UnknownOutcomeException e) { // another worker was first, or perhaps we were
            wakeAgain(target, since == null ? now : since);
            return true;
        }
        run(new Stored<>(found.get().key(), leased, found.get().version() + 1), operation);
        return true;
    }

    private boolean commitOrWakeAgain(Transaction transaction, Target target, Instant since) {
        try {
            outbox.commit(transaction);
        } catch (WriteConflictException | UnknownOutcomeException e) {
            wakeAgain(target, since);
        }
        return true;
    }

    private void wakeAgain(Target target, Instant since) {
        queue.send(Operations.reconcileMessage(target, since), WAKE_AGAIN);
    }

    /** An operation was given up at the target; false, because none is under way. */
    private boolean settle(Target target) {
        store.get(UnsettledOperation.key(target)).ifPresent(found -> {
            if (clock.instant().isBefore(found.value().since().plus(SHOWN_WITHIN))) {
                return; // the resync comes again
            }
            try {
                workflows
                        .forTarget(target)
                        .settle(target, clock.instant())
                        .ifPresent(settled -> outbox.commit(settled.delete(found)));
            } catch (WriteConflictException e) {
                LOG.infof(e, "target=%s settled by another worker, too", target.key());
            } catch (RuntimeException e) {
                if (!isWaitedFor(e)) {
                    throw e;
                }
                LOG.warnf(e, "target=%s cannot be settled now", target.key()); // the resync comes again
            }
        });
        return false;
    }

    /** When an operation may begin. One that cannot wait, and one that has begun, does not. */
    private Instant startsAt(OperationLock lock, Operation operation) {
        if (lock.startsAt() == null && !lock.isNew()
                || workflows.forTarget(operation.target()).isUrgent(operation)) {
            return Instant.EPOCH;
        }
        return startLimiter.startsAt(lock.startsAt());
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
        Workflow.DequeueDecision decision = workflows.forTarget(target).dequeue(waiting.value(), clock.instant());
        LOG.infof(
                "target=%s waiting=%s decided=%s",
                target.key(), waiting.value().workItemId(), decision.getClass().getSimpleName());
        Transaction transaction = switch (decision) {
            case Workflow.DequeueDecision.Start start ->
                start.also().delete(waiting).and(Operations.startWrites(start.operation()));
            case Workflow.DequeueDecision.Drop drop -> drop.also().delete(waiting);
            case Workflow.DequeueDecision.Wait wait ->
                wait.also().isEmpty() ? wait.also() : wait.also().check(waiting);
        };
        try {
            outbox.commit(transaction);
        } catch (WriteConflictException e) { // another worker was first, or a caller has changed what waits
            queue.send(Operations.reconcileMessage(target), SHORT_DELAY);
            return Optional.empty();
        }
        return store.get(OperationLock.key(target));
    }

    /** AWS tells of a deployment at a target. When it is none of ours, that is recorded, once. */
    public void onDeploymentEvent(Target target) {
        if (store.get(OperationLock.key(target)).isPresent()
                || store.get(QueuedOperation.key(target)).isPresent()) {
            return;
        }
        try {
            outbox.commit(workflows.forTarget(target).onDeploymentEvent(target, clock.instant()));
        } catch (WriteConflictException e) {
            LOG.infof(e, "target=%s recorded by another worker, too", target.key());
        }
    }

    /** What is logged meanwhile carries the operation and its target. */
    private void run(Stored<OperationLock> lock, Stored<Operation> operation) {
        MDC.put("target", operation.value().target().key());
        MDC.put("operation", operation.value().id());
        try {
            passes(lock, operation);
        } finally {
            MDC.remove("target");
            MDC.remove("operation");
        }
    }

    private void passes(Stored<OperationLock> lock, Stored<Operation> operation) {
        try {
            for (int passes = 0; passes < MAX_PASSES; passes++) {
                Workflow.ReconcileResult pass =
                        workflows.forTarget(operation.value().target()).reconcile(operation.value(), clock.instant());
                log(operation.value(), pass);
                boolean ended = !pass.operation().isRunning();
                boolean goOn = !ended && pass.requeueAfter().isZero() && passes + 1 < MAX_PASSES;
                boolean changed = !pass.operation().equals(operation.value());
                Transaction transaction =
                        pass.also().and(ended ? free(lock) : goOn ? keep(lock) : release(lock, pass.requeueAfter()));
                outbox.commit(changed ? transaction.update(operation, pass.operation()) : transaction.check(operation));
                if (!goOn) {
                    return;
                }
                lock = new Stored<>(lock.key(), lock.value().proceeding(), lock.version() + 1);
                operation =
                        changed ? new Stored<>(operation.key(), pass.operation(), operation.version() + 1) : operation;
            }
        } catch (RuntimeException e) {
            handleFailure(lock.value(), e);
        }
    }

    private static Transaction keep(Stored<OperationLock> lock) {
        return new Transaction().update(lock, lock.value().proceeding());
    }

    /**
     * The operation has ended, and something may be waiting. The look at that comes later than ECS's clock can be behind
     * ours, so that what ECS did at the end of this is never taken for what starts next.
     */
    private static Transaction free(Stored<OperationLock> lock) {
        return new Transaction().delete(lock).wake(lock.value().target(), SHORT_DELAY);
    }

    /**
     * The next look is due after a while, with a message on its way that will be there by then. A message that is already
     * on its way and comes early enough is not sent twice, or each event would start a chain of looks of its own.
     */
    private Transaction release(Stored<OperationLock> lock, Duration lookAgain) {
        Instant now = clock.instant();
        Instant planned = lock.value().nextReconcileAt();
        if (planned != null && planned.isAfter(now) && !planned.isAfter(now.plus(lookAgain))) {
            return new Transaction().update(lock, lock.value().released(planned));
        }
        Duration delay = lookAgain.compareTo(WorkQueue.MAX_DELAY) > 0 ? WorkQueue.MAX_DELAY : lookAgain;
        return new Transaction()
                .update(lock, lock.value().released(now.plus(delay)))
                .wake(lock.value().target(), delay);
    }

    /**
     * A pass failed: AWS's trouble is waited out, our own faults are counted. When somebody else has taken over since,
     * what becomes of the operation is theirs to say.
     */
    private void handleFailure(OperationLock leased, RuntimeException fault) {
        Target target = leased.target();
        Stored<OperationLock> lock = store.get(OperationLock.key(target)).orElse(null);
        if (lock == null
                || !leased.operation().equals(lock.value().operation())
                || !Objects.equals(leased.leasedUntil(), lock.value().leasedUntil())) {
            return;
        }
        Stored<Operation> operation = operation(lock.value());
        Instant now = clock.instant();
        Workflow workflow = workflows.forTarget(target);
        Problem end = RetryLimits.exceeded(lock.value(), fault, workflow.patience(operation.value()), now);
        LOG.warnf(
                fault,
                "operation=%s target=%s phase=%s fault decided=%s",
                operation.value().id(),
                target.key(),
                operation.value().phase(),
                end == null ? "retry" : "end");
        if (end != null) {
            outbox.commit(workflow.abandon(operation.value(), end, now)
                    .and(free(lock))
                    .update(operation, operation.value().failed(end, now)));
            if (end.category() == Problem.Category.INTERNAL) {
                queue.deadLetter(Operations.reconcileMessage(target));
            }
            listener.onPassFailed(operation.value(), kind(fault));
            return;
        }
        Duration delay = isTransient(fault) ? Duration.ofSeconds(10) : Duration.ofSeconds(30);
        OperationLock next = isTransient(fault)
                ? lock.value().withAwsErrors(now, now.plus(delay), inWords(fault))
                : isWaitedFor(fault)
                        ? lock.value().withRefusal(now, now.plus(delay), inWords(fault))
                        : lock.value()
                                .withFailure(
                                        now.plus(delay),
                                        AwsErrors.refusal(fault)
                                                .map(why -> "AWS refuses a call: " + why)
                                                .orElse("A fault of Slipway's own, which its log has."));
        outbox.commit(new Transaction().update(lock, next).check(operation).wake(target, delay));
        listener.onPassFailed(operation.value(), kind(fault));
    }

    private static WorkListener.Fault kind(RuntimeException fault) {
        if (isTransient(fault)) {
            return WorkListener.Fault.TRANSIENT;
        }
        return AwsErrors.denied(fault).isPresent() || AwsErrors.refusal(fault).isPresent()
                ? WorkListener.Fault.REFUSED
                : WorkListener.Fault.INTERNAL;
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

    /** Whether a fault may pass without anything being done to Slipway: AWS's trouble, or a refusal. */
    static boolean isWaitedFor(RuntimeException fault) {
        return isTransient(fault) || AwsErrors.denied(fault).isPresent();
    }

    private static String inWords(RuntimeException fault) {
        return AwsErrors.failure(fault)
                .map(failure -> failure.problem().detail())
                .orElse("The table is not answering as it should.");
    }

    private Stored<Operation> operation(OperationLock lock) {
        return store.get(Operation.key(lock.target(), lock.operation())).orElseThrow();
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

    /** What it means that the table holds what a newer version of Slipway wrote: this one is older, and lets it be. */
    public static Problem newerVersion(NewerSchemaException found) {
        return new Problem(
                "newer-version",
                Problem.Category.INTERNAL,
                "A newer version of Slipway has written what this request needs: " + found.getMessage() + ".",
                "During an upgrade, try again in a minute. After going back to an older version, deploy the newer one"
                        + " again.",
                List.of());
    }

    /** Whether a fault ends the operation. */
    static final class RetryLimits {
        private RetryLimits() {}

        /** @param patience how long at least AWS's errors and refusals are waited for; null when for ever */
        static @Nullable Problem exceeded(
                OperationLock lock, RuntimeException fault, @Nullable Duration patience, Instant now) {
            if (isWaitedFor(fault)) {
                Instant since = isTransient(fault) ? lock.awsErrorsSince() : lock.refusedSince();
                Duration least = isTransient(fault) ? MAX_AWS_ERRORS : MAX_REFUSALS;
                if (patience == null
                        || since == null
                        || !since.plus(patience.compareTo(least) > 0 ? patience : least)
                                .isBefore(now)) {
                    return null;
                }
                return fault instanceof NewerSchemaException newer
                        ? newerVersion(newer)
                        : AwsErrors.denied(fault)
                                .orElseGet(() -> Problem.dependency(
                                        "aws-unavailable",
                                        "AWS has answered with errors since %s: %s"
                                                .formatted(since, fault.getMessage()),
                                        "Send the request again once AWS has recovered."));
            }
            Optional<Problem> quota = AwsErrors.quota(fault);
            if (quota.isPresent()) {
                return quota.get(); // who has it raised asks again
            }
            if (lock.failures() + 1 < MAX_FAILURES) {
                return null;
            }
            Optional<String> refusal = AwsErrors.refusal(fault);
            if (refusal.isPresent()) {
                return Problem.dependency(
                        "aws-refused",
                        "AWS has refused a call %d times in a row: %s".formatted(lock.failures() + 1, refusal.get()),
                        "Put right what the text names, and do the same again. What somebody has deleted outside Slipway is made anew by PUT %s with the spec that it has."
                                .formatted(lock.target().path()));
            }
            return Problem.internal(
                    "internal-error", "The worker failed %d times in a row: %s".formatted(lock.failures() + 1, fault));
        }
    }
}
