package dev.slipway.service;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.freeze.Freeze;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Acceptance;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.operation.Acceptance.Attempt;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.ControlOverride;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Transaction;
import dev.slipway.problem.ProblemException;
import dev.slipway.release.Images;
import dev.slipway.release.Images.Image;
import dev.slipway.release.Release;
import dev.slipway.rollout.Approvals;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutMinutes;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Accepts rollouts of services. Every refusal is a {@link ProblemException}, after which nothing has changed. */
public final class Rollouts {
    private final Store store;
    private final Operations operations;
    private final Services services;
    private final RolloutQueue queue;
    private final Images images;
    private final Approvals approvals;
    private final Acceptance acceptance;
    private final IdGenerator ids;
    private final InstantSource clock;

    public Rollouts(
            Store store,
            Operations operations,
            Services services,
            RolloutQueue queue,
            Images images,
            Approvals approvals,
            Acceptance acceptance,
            IdGenerator ids,
            InstantSource clock) {
        this.store = store;
        this.operations = operations;
        this.services = services;
        this.queue = queue;
        this.images = images;
        this.approvals = approvals;
        this.acceptance = acceptance;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Rolls an image out with the declared container settings.
     *
     * @throws ProblemException 403 when it would weaken controls without an order, 409 when a freeze window is open that is not
     *     overridden, or when something is under way that it is not to wait for
     */
    public Accepted rollOut(ServiceId id, RolloutRequest asked, Request request) {
        return acceptance.accept(request, () -> attempt(id, asked, request));
    }

    Attempt<Accepted> attempt(ServiceId id, RolloutRequest asked, Request request) {
        if (asked.concurrencyPolicy() == RolloutRequest.ConcurrencyPolicy.REJECT) {
            operations.requireUnlocked(id);
        }
        Stored<ServiceRecord> found = applied(services, id);
        ServiceRecord record = found.value();
        Instant now = clock.instant();
        List<Freeze.Open> open = queue.freezeGuard().open(record, now);
        queue.freezeGuard().enforce(record, open, asked.override());
        Image resolved = images.resolve(id, record.output("RepositoryUri"), asked.image());
        Rollout rollout = asked(ids.next(), record, asked, request.actor(), resolved.uri(), resolved.tag(), now)
                .progressed(progress -> progress.manifest(resolved.manifest()));
        return queue.accept(rollout, found, asked.concurrencyPolicy(), open, request, now);
    }

    /** The rollout that a request asks for. */
    static Rollout asked(
            String rollout,
            ServiceRecord record,
            RolloutRequest asked,
            String actor,
            String image,
            @Nullable String tag,
            Instant now) {
        return Rollout.requested(
                rollout,
                record.id(),
                new Rollout.Request(
                        Rollout.Reason.DEPLOY,
                        actor,
                        image,
                        tag,
                        asked.commit(),
                        record.declared().container(),
                        asked.settings() == null ? record.declared().rollout() : asked.settings(),
                        asked.override(),
                        asked.settings() != null,
                        List.of(),
                        asked.onBehalfOf(),
                        asked.grant(),
                        asked.committedAt(),
                        null),
                record.live(),
                now);
    }

    /**
     * Starts what is live anew, as a release with the same image and settings, by the service's strategy. It waits for nothing: what
     * is live when something else has ended may be another.
     *
     * @param override the order to override freeze windows; null: none
     * @throws ProblemException 409 when nothing is live, a freeze window is open or something is under way
     */
    public Accepted restart(ServiceId id, @Nullable ControlOverride override, Request request) {
        return acceptance.accept(request, () -> {
            operations.requireUnlocked(id);
            Stored<ServiceRecord> found = applied(services, id);
            ServiceRecord record = found.value();
            if (record.live() == null) {
                throw new ProblemException(
                        409,
                        "nothing-to-restart",
                        "%s has no release that could be restarted.".formatted(id.key()),
                        "Roll one out: POST " + id.path() + "/rollouts");
            }
            Instant now = clock.instant();
            List<Freeze.Open> open = queue.freezeGuard().open(record, now);
            queue.freezeGuard().enforce(record, open, override);
            Release live = requireRelease(id, record.live());
            requireImage(record, live);
            Rollout.Request again = Rollout.Request.ofRelease(
                            Rollout.Reason.RESTART,
                            live,
                            request.actor(),
                            record.declared().rollout())
                    .withOverride(override);
            Rollout rollout = Rollout.requested(ids.next(), id, again, record.live(), now);
            return queue.accept(rollout, found, RolloutRequest.ConcurrencyPolicy.REJECT, open, request, now);
        });
    }

    /**
     * Makes an earlier release live again. It stops a rollout that is under way and waits for its end; it waits for an
     * apply, too. No freeze window holds it.
     *
     * @param number null during a rollout for the release that is being replaced, else for the one that was live before
     *     the present one
     * @param settings null for all traffic at once
     * @param override the order to override controls; null: none may be weakened, and the release must have been live before
     */
    public Accepted rollBack(
            ServiceId id,
            @Nullable Integer number,
            @Nullable RolloutSettings settings,
            @Nullable ControlOverride override,
            Request request) {
        return acceptance.accept(request, () -> {
            Stored<ServiceRecord> found = applied(services, id);
            ServiceRecord record = found.value();
            Optional<Rollout> running =
                    operations.findRunning(id).flatMap(queue::running).map(Stored::value);
            Optional<Rollout> same = Stream.concat(running.stream(), queue.queued(id).map(Stored::value).stream())
                    .filter(rollout -> rollout.request().reason() == Rollout.Reason.ROLLBACK && rollout.stop() == null)
                    .filter(rollout -> number == null || number.equals(rollout.release()))
                    .findFirst();
            if (same.isPresent()) { // asked twice; going back from going back would bring the bad release up
                return new Attempt<>(
                        new Transaction(),
                        new Accepted(
                                RolloutQueue.path(same.get()),
                                List.of("The rollback to release %d is under way already."
                                        .formatted(same.get().release()))));
            }
            Integer wanted = number != null ? number : running.isPresent() ? record.live() : record.previous();
            if (wanted == null) {
                throw nothingToRollBackTo(record, running.isPresent());
            }
            Release release = requireRelease(id, wanted);
            requireImage(record, release);
            Instant now = clock.instant();
            Rollout.Request back = Rollout.Request.ofRelease(
                            Rollout.Reason.ROLLBACK,
                            release,
                            request.actor(),
                            settings == null ? record.declared().rollout().forRollback() : settings)
                    .withOverride(override)
                    .withAdjusted(settings != null);
            Rollout rollout = Rollout.requested(ids.next(), id, back, record.live(), now)
                    .progressed(progress -> progress.release(release.number()));
            return queue.accept(rollout, found, RolloutRequest.ConcurrencyPolicy.REPLACE, List.of(), request, now);
        });
    }

    private static ProblemException nothingToRollBackTo(ServiceRecord record, boolean running) {
        ServiceId id = record.id();
        if (record.live() != null) {
            return new ProblemException(
                    409,
                    "nothing-to-roll-back-to",
                    "No release was live before the present one.",
                    "Name a release: GET " + id.path() + "/releases");
        }
        return new ProblemException(
                409,
                "nothing-to-roll-back-to",
                "No release of %s has been live.".formatted(id.key()),
                running
                        ? "Cancel the rollout under way, or wait until it has ended: GET " + id.path() + "/rollouts"
                        : "Roll one out: POST " + id.path() + "/rollouts");
    }

    /** Throws {@link ProblemException} 422 when the service has none of this number. */
    Release requireRelease(ServiceId id, int number) {
        return store.get(Release.key(id, number))
                .map(Stored::value)
                .orElseThrow(() -> new ProblemException(
                        422,
                        "release-not-found",
                        "%s has no release %d.".formatted(id.key(), number),
                        "Look at the releases there are: GET " + id.path() + "/releases"));
    }

    /** Throws {@link ProblemException} when the image of a release may have expired, and has. */
    private void requireImage(ServiceRecord record, Release release) {
        if (release.imageMayExpire()) {
            images.resolve(record.id(), record.output("RepositoryUri"), release.digest());
        }
    }

    /** The service, once it can have rollouts. */
    static Stored<ServiceRecord> applied(Services services, ServiceId id) {
        Stored<ServiceRecord> found = services.stored(id);
        if (found.value().outputs().isEmpty()) {
            throw new ProblemException(
                    409,
                    "service-not-ready",
                    "%s has not been created yet.".formatted(id.key()),
                    "Wait until its first apply has succeeded: GET " + id.path());
        }
        return found;
    }

    /** Asks a rollout to stop and go back; one that waits ends at once. Asking again changes nothing. */
    public Accepted cancel(ServiceId id, String rolloutId, Request request) {
        return acceptance.accept(request, () -> {
            Stored<Rollout> found = stored(id, rolloutId);
            Rollout rollout = found.value();
            if (!rollout.isOpen()) {
                throw new ProblemException(
                        409,
                        "rollout-ended",
                        "The rollout %s has ended: %s"
                                .formatted(rolloutId, rollout.requireOutcome().detail()),
                        "To go back: POST " + id.path() + "/rollback");
            }
            Instant now = clock.instant();
            String by = request.actor();
            Transaction cancelled;
            if (!rollout.isRunning()) {
                cancelled = queue.cancel(found, by, now);
            } else if (rollout.stop() == null) {
                Rollout.Stop stop =
                        new Rollout.Stop(Rollout.Stop.Cause.CANCELLED, by, "Cancelled by %s.".formatted(by), now);
                cancelled = queue.stop(found, stop);
            } else {
                cancelled = new Transaction();
            }
            return new Attempt<>(cancelled.wake(id), new Accepted(RolloutQueue.path(rollout), List.of()));
        });
    }

    /**
     * Approves a rollout that waits for it, or rejects it.
     *
     * @throws ProblemException 409 when it waits for no approval, or for another one; 403 when somebody else has to give it
     */
    public Accepted answer(ServiceId id, String rolloutId, Approvals.Answer said, Request request) {
        return acceptance.accept(request, () -> {
            Stored<Rollout> found = stored(id, rolloutId);
            Transaction answered = approvals.answer(found, said, request.actor(), clock.instant());
            return new Attempt<>(answered.wake(id), new Accepted(RolloutQueue.path(found.value()), List.of()));
        });
    }

    /** What the gate of a rollout has asked and decided; empty before ECS has asked it, and where it never will. */
    public Optional<GateRecord> gate(Rollout rollout) {
        return rollout.settings().isRolling()
                ? Optional.empty()
                : store.get(GateRecord.key(rollout.service(), rollout.id())).map(Stored::value);
    }

    /** What holds up a rollout from outside: the limit of starts, or AWS. */
    public Optional<String> holdUp(Rollout rollout) {
        String operation = rollout.progress().operation();
        return operation == null || !rollout.isRunning()
                ? Optional.empty()
                : operations.holdUp(rollout.service(), operation, clock.instant());
    }

    /** What a rollout was judged by, minute by minute. Throws {@link ProblemException} 404 when there is none. */
    public RolloutMinutes minutes(ServiceId id, String rolloutId) {
        return RolloutMinutes.of(store, rollout(id, rolloutId));
    }

    /** Throws {@link ProblemException} 404 when there is none. */
    public Rollout rollout(ServiceId id, String rolloutId) {
        return stored(id, rolloutId).value();
    }

    /** Rollouts, newest first. */
    public Page<Rollout> rollouts(ServiceId id, int limit, @Nullable String next) {
        services.get(id);
        return store.list(id.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, limit, next);
    }

    /** Releases, newest first. */
    public Page<Release> releases(ServiceId id, int limit, @Nullable String next) {
        services.get(id);
        return store.list(id.partition(), Release.SORT, Release.ITEM_TYPE, true, limit, next);
    }

    private Stored<Rollout> stored(ServiceId id, String rolloutId) {
        return store.get(Rollout.key(id, rolloutId))
                .orElseThrow(() -> new ProblemException(
                        404, "rollout-not-found", "%s has no rollout %s.".formatted(id.key(), rolloutId), null));
    }
}
