package dev.slipway.service;

import dev.slipway.deployment.WeakeningPolicy;
import dev.slipway.deployment.WeakeningPolicy.Weakening;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.freeze.Freeze;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Attempt;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.QueuedOperation;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Workflow;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutEventRecorder;
import dev.slipway.service.RolloutRequest.ConcurrencyPolicy;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Which rollout of a service comes next. One starts at once when nothing is under way; else it waits, or is refused. One
 * waits at most: the newest request is the one that counts.
 */
public final class RolloutQueue {
    private final Store store;
    private final Operations operations;
    private final RolloutEventRecorder events;
    private final FreezeGuard freezeGuard;
    private final ControlGuard controlGuard;
    private final IdGenerator ids;
    private final BiPredicate<EnvironmentId, String> pipelines;

    /** @param pipelines whether an environment lets the pipeline of that name deploy to it now */
    public RolloutQueue(
            Store store,
            Operations operations,
            RolloutEventRecorder events,
            IdGenerator ids,
            BiPredicate<EnvironmentId, String> pipelines) {
        this.pipelines = pipelines;
        this.store = store;
        this.operations = operations;
        this.events = events;
        this.freezeGuard = new FreezeGuard(store, ids);
        this.controlGuard = new ControlGuard(store);
        this.ids = ids;
    }

    FreezeGuard freezeGuard() {
        return freezeGuard;
    }

    ControlGuard controlGuard() {
        return controlGuard;
    }

    /** An operation that a rollout begins as, and what is written with it, but for the rollout itself. */
    private record StartedRollout(Rollout rollout, Operation operation, Transaction also) {}

    /**
     * What taking a rollout in changes.
     *
     * @param open freeze windows, all of which are overridden or do not matter
     * @throws dev.slipway.problem.ProblemException 403 when it would weaken controls without an order, 409 when something is
     *     under way that it does not wait for
     */
    Attempt<Accepted> accept(
            Rollout wanted,
            Stored<ServiceRecord> service,
            ConcurrencyPolicy concurrencyPolicy,
            List<Freeze.Open> open,
            Request request,
            Instant now) {
        ServiceId id = wanted.service();
        Rollout asked = controlGuard.resolved(wanted, service.value());
        controlGuard.enforce(asked);
        Optional<Operation> current = operations.findRunning(id);
        refusal(id, asked.request().reason(), concurrencyPolicy, current).ifPresent(problem -> {
            throw new ProblemException(409, problem);
        });
        boolean waits = current.isPresent();
        Optional<Stored<QueuedOperation>> waiting = operations.findQueued(id);
        Transaction replaced =
                waiting.map(before -> replaced(before.value(), asked, now)).orElseGet(Transaction::new);
        Accepted accepted =
                new Accepted(path(asked), rollbackWarning(asked).stream().toList());
        if (!waits) {
            StartedRollout begun = start(asked, service, open, now);
            Transaction also = begun.also().and(replaced).create(Rollout.key(id, asked.id()), begun.rollout());
            return new Attempt<>(
                    operations.startWrites(
                            begun.operation(), waiting.map(also::delete).orElse(also)),
                    accepted);
        }
        Operation running = current.get();
        Transaction stopped =
                concurrencyPolicy == ConcurrencyPolicy.REPLACE ? stopped(running, asked, now) : new Transaction();
        Rollout queued = asked.queued("Waits for the end of %s/operations/%s.".formatted(id.path(), running.id()));
        QueuedOperation queuedOperation = new QueuedOperation(id, asked.id(), now);
        Transaction told = events.record(
                queued,
                LedgerEntry.EventType.ROLLOUT_QUEUED,
                request.actor(),
                request.actor() + " " + RolloutEventRecorder.describeRequest(queued) + " "
                        + queued.progress().waitsFor(),
                now);
        return new Attempt<>(
                replaced.and(stopped)
                        .and(told)
                        .check(service)
                        .create(Rollout.key(id, asked.id()), queued)
                        .put(QueuedOperation.key(id), waiting, queuedOperation)
                        .wake(id),
                accepted);
    }

    /** Why a rollout would not be taken in now, because of what is under way or waits; empty when it would begin or wait. */
    Optional<Problem> refusal(ServiceId id, Rollout.Reason reason, ConcurrencyPolicy concurrencyPolicy) {
        return refusal(id, reason, concurrencyPolicy, operations.findRunning(id));
    }

    private Optional<Problem> refusal(
            ServiceId id, Rollout.Reason reason, ConcurrencyPolicy concurrencyPolicy, Optional<Operation> current) {
        if (current.isPresent()
                && (concurrencyPolicy == ConcurrencyPolicy.REJECT
                        || current.get().type() == Operation.Type.DELETE)) {
            return Optional.of(Operations.inProgress(current.get()));
        }
        if (reason == Rollout.Reason.ROLLBACK) {
            return Optional.empty();
        }
        Optional<Problem> queued = queued(id).flatMap(RolloutQueue::keptRollback);
        return queued.isEmpty() && concurrencyPolicy == ConcurrencyPolicy.REPLACE
                ? current.flatMap(this::running).flatMap(RolloutQueue::keptRollback)
                : queued;
    }

    /**
     * Whoever may roll out must not undo what somebody has ordered to get out of trouble: a rollback ends, or is cancelled by somebody
     * who may, before anything takes its place.
     */
    private static Optional<Problem> keptRollback(Stored<Rollout> found) {
        Rollout rollout = found.value();
        return rollout.request().reason() == Rollout.Reason.ROLLBACK && rollout.stop() == null
                ? Optional.of(Problem.user(
                        "rollback-in-progress",
                        "%s goes back to release %s, for %s."
                                .formatted(
                                        rollout.service().key(),
                                        rollout.release(),
                                        rollout.request().actor()),
                        "Wait for its end: GET %s; or cancel it: POST %s/cancel"
                                .formatted(path(rollout), path(rollout))))
                : Optional.empty();
    }

    /** The rollout that waited until now ends for a newer one. */
    private Transaction replaced(QueuedOperation before, Rollout by, Instant now) {
        String sentence = "It was waiting and was replaced by %s of %s."
                .formatted(path(by), by.request().actor());
        return queued(by.service(), before.workItemId())
                .map(found -> cancelled(
                        found, Rollout.Stop.Cause.REPLACED, by.request().actor(), sentence, now))
                .orElseGet(Transaction::new);
    }

    /** The rollout under way is rolled back, when there is one that is not already. */
    private Transaction stopped(Operation running, Rollout by, Instant now) {
        String sentence =
                "Replaced by %s of %s.".formatted(path(by), by.request().actor());
        Rollout.Stop stop =
                new Rollout.Stop(Rollout.Stop.Cause.REPLACED, by.request().actor(), sentence, now);
        return running(running)
                .filter(found -> found.value().stop() == null)
                .map(found -> stop(found, stop))
                .orElseGet(Transaction::new);
    }

    /** A rollout under way is to be rolled back. */
    Transaction stop(Stored<Rollout> running, Rollout.Stop stop) {
        Rollout stopping = running.value().stopping(stop);
        return events.record(stopping, LedgerEntry.EventType.STOPPED, stop.by(), stop.message(), stop.at())
                .update(running, stopping);
    }

    /** The rollout that an operation is or has come to, as long as it goes on. */
    Optional<Stored<Rollout>> running(Operation operation) {
        @Nullable String rollout = operation.rollout();
        return rollout == null
                ? Optional.empty()
                : store.get(Rollout.key((ServiceId) operation.target(), rollout))
                        .filter(found -> found.value().isRunning());
    }

    /** The rollout that waits at a service. */
    Optional<Stored<Rollout>> queued(ServiceId id) {
        return operations
                .findQueued(id)
                .flatMap(waiting -> queued(id, waiting.value().workItemId()));
    }

    private Optional<Stored<Rollout>> queued(ServiceId id, String rollout) {
        return store.get(Rollout.key(id, rollout)).filter(found -> found.value().state() == Rollout.State.QUEUED);
    }

    /** The turn of the rollout that waits at a service at which nothing is under way. */
    Workflow.DequeueDecision dequeue(QueuedOperation waiting, Instant now) {
        ServiceId id = (ServiceId) waiting.target();
        Optional<Stored<Rollout>> found = queued(id, waiting.workItemId());
        if (found.isEmpty()) {
            return new Workflow.DequeueDecision.Drop(new Transaction());
        }
        Rollout rollout = found.get().value();
        Optional<Stored<ServiceRecord>> service = store.get(ServiceRecord.key(id));
        if (service.isEmpty()) {
            return new Workflow.DequeueDecision.Drop(cancelled(
                    found.get(), Rollout.Stop.Cause.CANCELLED, LedgerEntry.SLIPWAY, "The service was deleted.", now));
        }
        Optional<String> withdrawn = withdrawn(rollout);
        if (withdrawn.isPresent()) {
            return new Workflow.DequeueDecision.Drop(cancelled(
                    found.get(),
                    Rollout.Stop.Cause.CANCELLED,
                    LedgerEntry.SLIPWAY,
                    "It did not start. " + withdrawn.get(),
                    now));
        }
        List<Freeze.Open> open =
                isSubjectToFreezes(rollout) ? freezeGuard.open(service.get().value(), now) : List.of();
        List<Freeze.Open> holding = FreezeGuard.holding(open, rollout.request().override());
        if (!holding.isEmpty()) {
            String waitsFor = "Waits for the end of a freeze: %s.".formatted(FreezeGuard.describe(holding));
            Rollout held = rollout.progressed(progress -> progress.waitsFor(waitsFor));
            return new Workflow.DequeueDecision.Wait(new Transaction().updateIfChanged(found.get(), held));
        }
        Rollout resolved = controlGuard.resolved(rollout, service.get().value());
        // An order was given for what was declared then.
        Optional<Problem> refusal =
                ControlGuard.refusal(resolved, rollout.request().weakened());
        if (refusal.isPresent()) { // the spec has become stricter since
            return new Workflow.DequeueDecision.Drop(cancelled(
                    found.get(),
                    Rollout.Stop.Cause.CANCELLED,
                    LedgerEntry.SLIPWAY,
                    "It did not start. " + refusal.get().detail(),
                    now));
        }
        StartedRollout begun = start(resolved, service.get(), open, now);
        return new Workflow.DequeueDecision.Start(
                begun.operation(), begun.also().update(found.get(), begun.rollout()));
    }

    /** Why what the rollout rests on does not hold any more; empty where it does. */
    private Optional<String> withdrawn(Rollout rollout) {
        Rollout.Grant grant = rollout.request().grant();
        EnvironmentId here = rollout.service().environmentId();
        if (grant == null) {
            return Optional.empty();
        }
        if (grant.pipeline() != null && !pipelines.test(here, grant.pipeline())) {
            return Optional.of(
                    "%s does not let the pipeline %s deploy to it any more.".formatted(here.key(), grant.pipeline()));
        }
        return Optional.ofNullable(grant.promotedFrom())
                .filter(from -> store.get(EnvironmentRecord.key(new EnvironmentId(from)))
                        .filter(found -> found.value().declared().promoteTo().contains(here.key()))
                        .isEmpty())
                .map(from -> "promoteTo in the spec of %s does not name %s any more.".formatted(from, here.key()));
    }

    /** Going back is never held up. */
    private static boolean isSubjectToFreezes(Rollout rollout) {
        return rollout.request().reason() != Rollout.Reason.ROLLBACK;
    }

    /** What is live and what is declared are those of now, when it begins, not those of when it was asked for. */
    private StartedRollout start(Rollout asked, Stored<ServiceRecord> service, List<Freeze.Open> open, Instant now) {
        ServiceRecord record = service.value();
        boolean deploys = asked.request().reason() == Rollout.Reason.DEPLOY;
        String id = ids.next();
        Rollout begun = asked.started(id, record.live(), now);
        Rollout rollout = deploys
                ? begun.withRequest(
                        asked.request().withContainer(record.declared().container()))
                : begun;
        Operation operation = Operation.accepted(
                        id,
                        rollout.service(),
                        Operation.Type.ROLLOUT,
                        rollout.request().actor(),
                        now)
                .withRollout(rollout.id());
        Optional<String> marked = rollbackWarning(rollout);
        Transaction also = freezeGuard
                .overridden(
                        rollout.service(),
                        rollout.id(),
                        open,
                        rollout.request().override(),
                        rollout.request().actor(),
                        now)
                .and(weakened(rollout, now))
                .and(events.recordStart(rollout, now));
        return new StartedRollout(
                rollout,
                marked.map(operation::withNote).orElse(operation),
                deploys
                        ? also.update(
                                service, record.withAttempted(rollout.request().container()))
                        : also.check(service));
    }

    private Transaction weakened(Rollout rollout, Instant now) {
        ControlOverride override = rollout.request().override();
        List<Weakening> weakened = rollout.request().weakened();
        return override == null || weakened.isEmpty()
                ? new Transaction()
                : events.record(
                        rollout,
                        LedgerEntry.EventType.CONTROLS_WEAKENED,
                        rollout.request().actor(),
                        "%s weakens for this rollout %s: %s"
                                .formatted(
                                        rollout.request().actor(),
                                        WeakeningPolicy.describe(weakened),
                                        override.reason()),
                        now);
    }

    /**
     * What the caller should know of a release that was rolled back before. That somebody asks for it by name is enough: the
     * cause may have lain elsewhere, and it is judged anew.
     */
    private Optional<String> rollbackWarning(Rollout rollout) {
        return store
                .list(rollout.service().partition(), Release.SORT, Release.ITEM_TYPE, true, 100, null)
                .items()
                .stream()
                .map(Stored::value)
                .filter(release -> rollout.release() == null
                        ? release.image().equals(rollout.request().image())
                        : release.number() == rollout.release())
                .filter(release -> release.rolledBack() != null)
                .findFirst()
                .map(release -> "Release %d has the same image and was rolled back: %s"
                        .formatted(release.number(), release.rolledBack()));
    }

    /** What waits at a service that is being deleted never starts. */
    Transaction cancelQueued(ServiceId id, String by, Instant now) {
        Optional<Stored<QueuedOperation>> waiting = operations.findQueued(id);
        Transaction gone = waiting.map(new Transaction()::delete).orElseGet(Transaction::new);
        return waiting.flatMap(found -> queued(id, found.value().workItemId()))
                .map(found -> gone.and(cancelled(
                        found,
                        Rollout.Stop.Cause.CANCELLED,
                        by,
                        "The service is being deleted by %s.".formatted(by),
                        now)))
                .orElse(gone);
    }

    /** What it changes that somebody cancels the rollout that waits. */
    Transaction cancel(Stored<Rollout> found, String by, Instant now) {
        Rollout rollout = found.value();
        Transaction cancelled = cancelled(
                found, Rollout.Stop.Cause.CANCELLED, by, "Cancelled by %s before it started.".formatted(by), now);
        return operations
                .findQueued(rollout.service())
                .filter(waiting -> waiting.value().workItemId().equals(rollout.id()))
                .map(cancelled::delete)
                .orElse(cancelled);
    }

    private Transaction cancelled(
            Stored<Rollout> found, Rollout.Stop.Cause cause, String by, String sentence, Instant now) {
        Rollout ended = found.value().cancelledBeforeStart(cause, by, now, sentence);
        return events.record(ended, LedgerEntry.EventType.ROLLOUT_ENDED, by, sentence, now)
                .update(found, ended);
    }

    static String path(Rollout rollout) {
        return rollout.service().path() + "/rollouts/" + rollout.id();
    }
}
