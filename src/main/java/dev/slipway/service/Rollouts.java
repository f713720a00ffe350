package dev.slipway.service;

import dev.slipway.ledger.Entry;
import dev.slipway.operation.Accepted;
import dev.slipway.operation.Ids;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Request;
import dev.slipway.problem.Problem;
import dev.slipway.problem.Refused;
import dev.slipway.release.Image;
import dev.slipway.release.Images;
import dev.slipway.release.Release;
import dev.slipway.rollout.Approvals;
import dev.slipway.rollout.Chronicle;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.RolloutParts;
import dev.slipway.rollout.RolloutRunner;
import dev.slipway.store.Page;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import dev.slipway.target.ServiceId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Accepts rollouts of services. Every refusal is a {@link Refused}, after which nothing has changed. */
public final class Rollouts {
    private final Store store;
    private final Operations operations;
    private final Services services;
    private final Images images;
    private final Approvals approvals;
    private final Chronicle chronicle;
    private final Ids ids;
    private final InstantSource clock;

    public Rollouts(
            Store store,
            Operations operations,
            Services services,
            Images images,
            RolloutParts parts,
            Ids ids,
            InstantSource clock) {
        this.store = store;
        this.operations = operations;
        this.services = services;
        this.images = images;
        this.approvals = parts.approvals();
        this.chronicle = parts.chronicle();
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Rolls an image out with the declared container settings.
     *
     * @param image a tag, a digest or the registry's URI with either
     * @param commit that it was built from, if known
     */
    public Accepted rollOut(ServiceId id, String image, @Nullable String commit, Request request) {
        Optional<String> before = request.answered(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        operations.refuseWhileBusy(id);
        Stored<ServiceRecord> found = applied(services, id);
        ServiceRecord record = found.value();
        Image resolved = images.resolve(id, String.valueOf(record.outputs().get("RepositoryUri")), image);
        Instant now = clock.instant();
        String operation = ids.next();
        Rollout rollout = Rollout.asked(
                ids.next(),
                id,
                Rollout.Reason.DEPLOY,
                resolved.uri(),
                resolved.tag(),
                record.declared().container(),
                commit,
                resolved.manifest(),
                null,
                record.live(),
                record.declared().rollout(),
                operation,
                request.actor(),
                now);
        return start(
                rollout,
                new Write.Update<>(found, record.attempting(record.declared().container())),
                request,
                now);
    }

    /**
     * Makes an earlier release live again.
     *
     * @param number null for the one that was live before the present one
     */
    public Accepted rollBack(ServiceId id, @Nullable Integer number, Request request) {
        Optional<String> before = request.answered(store);
        if (before.isPresent()) {
            return new Accepted(before.get(), List.of());
        }
        operations.refuseWhileBusy(id);
        Stored<ServiceRecord> found = applied(services, id);
        ServiceRecord record = found.value();
        Integer wanted = number != null ? number : record.previous();
        if (wanted == null) {
            throw new Refused(
                    409,
                    Problem.user(
                            "nothing-to-roll-back-to",
                            "No release was live before the present one.",
                            "Name a release: GET " + id.path() + "/releases"));
        }
        Release release = store.get(Release.key(id, wanted))
                .map(Stored::value)
                .orElseThrow(() -> new Refused(
                        422,
                        Problem.user(
                                "release-not-found",
                                "%s has no release %d.".formatted(id.key(), wanted),
                                "Look at the releases there are: GET " + id.path() + "/releases")));
        if (release.letGo()) { // it may have expired since
            images.resolve(id, String.valueOf(record.outputs().get("RepositoryUri")), release.digest());
        }
        Instant now = clock.instant();
        Rollout rollout = Rollout.asked(
                ids.next(),
                id,
                Rollout.Reason.ROLLBACK,
                release.image(),
                release.tag(),
                release.container(),
                release.commit(),
                null,
                wanted,
                record.live(),
                record.declared().rollout().forRollback(),
                ids.next(),
                request.actor(),
                now);
        return start(rollout, new Write.Check<>(found), request, now);
    }

    private Accepted start(Rollout rollout, Write service, Request request, Instant now) {
        Operation operation = Operation.accepted(
                        rollout.operation(),
                        rollout.service(),
                        Operation.Type.ROLLOUT,
                        RolloutRunner.LOOK,
                        request.actor(),
                        now)
                .ofRollout(rollout.id());
        String location = rollout.service().path() + "/rollouts/" + rollout.id();
        List<Write> writes = new ArrayList<>(request.remember(location, now));
        writes.add(new Write.Create<>(Rollout.key(rollout.service(), rollout.id()), rollout));
        writes.add(service);
        operations.accept(operation, writes);
        return new Accepted(location, List.of());
    }

    /** The service, once it can have rollouts. */
    static Stored<ServiceRecord> applied(Services services, ServiceId id) {
        Stored<ServiceRecord> found = services.stored(id);
        if (found.value().outputs().isEmpty()) {
            throw new Refused(
                    409,
                    Problem.user(
                            "service-not-ready",
                            "%s has not been created yet.".formatted(id.key()),
                            "Wait until its first apply has succeeded: GET " + id.path()));
        }
        return found;
    }

    /** Asks a rollout to stop and go back. Asking again changes nothing. */
    public Accepted cancel(ServiceId id, String rolloutId, Request request) {
        Stored<Rollout> found = store.get(Rollout.key(id, rolloutId)).orElseThrow(() -> noRollout(id, rolloutId));
        Rollout rollout = found.value();
        if (!rollout.isRunning()) {
            throw new Refused(
                    409,
                    Problem.user(
                            "rollout-ended",
                            "The rollout %s has ended: %s".formatted(rolloutId, rollout.detail()),
                            "To go back: POST " + id.path() + "/rollback"));
        }
        if (rollout.stop() == null) {
            Rollout.Stop stop = new Rollout.Stop(
                    Rollout.Stop.Cause.CANCELLED,
                    request.actor(),
                    "Cancelled by %s.".formatted(request.actor()),
                    clock.instant());
            Rollout stopping = rollout.stopping(stop);
            List<Write> writes = new ArrayList<>(List.of(new Write.Update<>(found, stopping)));
            writes.addAll(Arrays.asList(
                    chronicle.tell(stopping, Entry.What.STOPPED, request.actor(), stop.sentence(), clock.instant())));
            store.write(writes);
        }
        operations.wake(id);
        return new Accepted(id.path() + "/rollouts/" + rolloutId, List.of());
    }

    /**
     * Approves a rollout that waits for it, or rejects it.
     *
     * @throws Refused 409 when it waits for no approval
     */
    public Accepted answer(ServiceId id, String rolloutId, boolean approved, @Nullable String reason, Request request) {
        Stored<Rollout> found = store.get(Rollout.key(id, rolloutId)).orElseThrow(() -> noRollout(id, rolloutId));
        approvals.answer(found, approved, request.actor(), reason, clock.instant());
        operations.wake(id);
        return new Accepted(id.path() + "/rollouts/" + rolloutId, List.of());
    }

    /** What the gate of a rollout has asked and decided; empty before ECS has asked it. */
    public Optional<GateRecord> gate(Rollout rollout) {
        return store.get(GateRecord.key(rollout.service(), rollout.id())).map(Stored::value);
    }

    /** What was decided at a service, newest first. */
    public Page<Entry> ledger(ServiceId id, int limit, @Nullable String next) {
        services.get(id);
        return store.list(Operation.partition(id), Entry.SORT, Entry.kind(), true, limit, next);
    }

    /** Throws {@link Refused} 404 when there is none. */
    public Rollout rollout(ServiceId id, String rolloutId) {
        return store.get(Rollout.key(id, rolloutId)).map(Stored::value).orElseThrow(() -> noRollout(id, rolloutId));
    }

    /** Rollouts, newest first. */
    public Page<Rollout> rollouts(ServiceId id, int limit, @Nullable String next) {
        services.get(id);
        return store.list(Operation.partition(id), Rollout.SORT, Rollout.kind(), true, limit, next);
    }

    /** Releases, newest first. */
    public Page<Release> releases(ServiceId id, int limit, @Nullable String next) {
        services.get(id);
        return store.list(Operation.partition(id), Release.SORT, Release.kind(), true, limit, next);
    }

    private static Refused noRollout(ServiceId id, String rolloutId) {
        return new Refused(
                404, Problem.user("rollout-not-found", "%s has no rollout %s.".formatted(id.key(), rolloutId), null));
    }
}
