package dev.slipway.service;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.aws.AwsErrors;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.Followers;
import dev.slipway.environment.LateFollower;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingService;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.WorkQueue;
import dev.slipway.operation.Worker;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store;
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
import org.jspecify.annotations.Nullable;

/**
 * Has services follow their environment that were busy for longer than its apply waited, or in a freeze, and tells at the
 * environment's operation how that goes. Each look begins with what is recorded, so that it can be cut off anywhere, and come twice.
 */
public final class LateFollowers implements Worker.MessageHandler {
    /** The message that has those of an environment looked at. */
    private static final String MESSAGE = "late-followers";

    private static final Logger LOG = Logger.getLogger(LateFollowers.class);

    private final Store store;
    private final WorkQueue queue;
    private final Outbox outbox;
    private final Operations operations;
    private final Followers followers;
    private final InstantSource clock;

    public LateFollowers(
            Store store,
            WorkQueue queue,
            Outbox outbox,
            Operations operations,
            Followers followers,
            InstantSource clock) {
        this.store = store;
        this.queue = queue;
        this.outbox = outbox;
        this.operations = operations;
        this.followers = followers;
        this.clock = clock;
    }

    /** Each environment by a message of its own: none waits for what keeps another. */
    @Override
    public void resync() {
        store.stream(LateFollower.PARTITION, "", LateFollower.ITEM_TYPE, false)
                .map(found -> found.value().service().environment())
                .distinct()
                .toList()
                .forEach(environment -> queue.send(WorkQueue.message(MESSAGE, environment), Duration.ZERO));
    }

    @Override
    public boolean handle(JsonNode message) {
        if (!message.has(MESSAGE)) {
            return false;
        }
        attemptAll(new EnvironmentId(message.path(MESSAGE).asText()));
        return true;
    }

    /** What kept it busy has ended; or it has followed, and makes room for the next. */
    @Override
    public void onIdle(Target target) {
        switch (target) {
            case ServiceId service -> {
                if (store.get(LateFollower.key(service)).filter(this::attempt).isPresent()) {
                    attemptAll(service.environmentId());
                }
            }
            case EnvironmentId environment -> attemptAll(environment);
            case PipelineId _ -> {}
        }
    }

    /** One that fails keeps no other from its turn; then the queue delivers the message again. */
    private void attemptAll(EnvironmentId environment) {
        List<Stored<LateFollower>> all = store.stream(
                        LateFollower.PARTITION, LateFollower.prefix(environment), LateFollower.ITEM_TYPE, false)
                .toList();
        @Nullable RuntimeException fault = null;
        for (Stored<LateFollower> found : all) {
            try {
                attempt(found);
            } catch (RuntimeException e) {
                if (fault == null) {
                    fault = e;
                } else {
                    fault.addSuppressed(e);
                }
            }
        }
        if (fault != null) {
            throw fault;
        }
    }

    /**
     * What passes by itself is left to the next look, after an error of AWS to the next delivery. What does not is written down, told,
     * and tried again at growing intervals.
     *
     * @return whether there is nothing more to do for it
     */
    private boolean attempt(Stored<LateFollower> found) {
        Instant now = clock.instant();
        if (!found.value().isDue(now)) {
            return false;
        }
        try {
            return lookOrBeRefused(found, now);
        } catch (WriteConflictException | UnknownOutcomeException e) {
            LOG.infof(
                    "service=%s does not follow yet, somebody else was quicker: %s",
                    found.value().service().key(), e.getMessage());
            return false;
        }
    }

    private boolean lookOrBeRefused(Stored<LateFollower> found, Instant now) {
        try {
            return look(found);
        } catch (WriteConflictException | UnknownOutcomeException e) {
            throw e;
        } catch (RuntimeException e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            return refused(found, e, now);
        }
    }

    private boolean look(Stored<LateFollower> found) {
        ServiceId service = found.value().service();
        EnvironmentId environment = service.environmentId();
        Optional<Stored<Operation>> applied = applied(found.value());
        Optional<Stored<EnvironmentRecord>> record = store.get(EnvironmentRecord.key(environment));
        if (applied.isEmpty() || record.isEmpty()) {
            return end(found, applied, new FollowingService(service.service(), FollowingState.DONE, Followers.GONE));
        }
        if (operations.findChanging(environment).isPresent()) {
            return false; // it has its services follow itself, or leaves everything as it was
        }
        Operation operation = applied.get().value();
        FollowingService seen = followers.follow(service, operation, false, new Transaction());
        return switch (seen.state()) {
            case DONE, FAILED -> end(found, applied, seen);
            case WAITING -> {
                if (hasRoom(environment, operation)) {
                    FollowingService begun =
                            new FollowingService(service.service(), FollowingState.APPLYING, seen.finding());
                    followers.follow(
                            service,
                            operation,
                            true,
                            goesOn(found, applied, begun).check(found).check(record.get()));
                } else {
                    String finding = "%d of the services are applied again at once, and its turn comes."
                            .formatted(Followers.MAX_AT_ONCE);
                    outbox.commit(goesOn(
                            found, applied, new FollowingService(service.service(), FollowingState.LATER, finding)));
                }
                yield false;
            }
            case BUSY -> {
                FollowingService later = new FollowingService(service.service(), FollowingState.LATER, seen.finding());
                outbox.commit(goesOn(found, applied, later));
                yield false;
            }
            case APPLYING, LATER, FROZEN -> {
                outbox.commit(goesOn(found, applied, seen));
                yield false;
            }
        };
    }

    private Optional<Stored<Operation>> applied(LateFollower late) {
        return store.get(Operation.key(late.service().environmentId(), late.operation()));
    }

    private boolean hasRoom(EnvironmentId environment, Operation applied) {
        return operations
                        .runningServices(environment)
                        .filter(own -> own.id().startsWith(applied.id()))
                        .count()
                < Followers.MAX_AT_ONCE;
    }

    /** Nothing where all is as it was; and nothing is told any more of what a later apply has taken over meanwhile. */
    private static Transaction goesOn(
            Stored<LateFollower> found, Optional<Stored<Operation>> applied, FollowingService seen) {
        Transaction changed =
                told(applied, seen).updateIfChanged(found, found.value().withoutRefusals());
        return changed.isEmpty() ? changed : changed.check(found);
    }

    private boolean end(Stored<LateFollower> found, Optional<Stored<Operation>> applied, FollowingService seen) {
        outbox.commit(told(applied, seen).delete(found));
        return true;
    }

    /** It is told once that it was refused and why, and when it is given up. */
    private boolean refused(Stored<LateFollower> found, RuntimeException refusal, Instant now) {
        ServiceId service = found.value().service();
        LateFollower late = found.value().refused(words(refusal), now);
        boolean over = late.isGivenUp(now);
        LOG.warnf(refusal, "service=%s cannot follow decided=%s", service.key(), over ? "give up" : "retry");
        FollowingService seen = new FollowingService(
                service.service(),
                over ? FollowingState.FAILED : FollowingState.LATER,
                Objects.requireNonNull(late.refusals()).describe()
                        + (over
                                ? " No more attempts follow. Mend that, and apply it again: PUT " + service.path()
                                : ""));
        if (over) {
            return end(found, applied(late), seen);
        }
        outbox.commit(told(applied(late), seen).update(found, late));
        return false;
    }

    private static String words(RuntimeException refusal) {
        return refusal instanceof ProblemException problem
                ? problem.problem().detail()
                : AwsErrors.refusal(refusal).orElseGet(() -> "The worker failed: " + refusal);
    }

    /** The environment's operation has ended, and tells all the same how it goes on. */
    private static Transaction told(Optional<Stored<Operation>> applied, FollowingService seen) {
        return applied.map(read ->
                        new Transaction().updateIfChanged(read, read.value().withFollowing(seen)))
                .orElseGet(Transaction::new);
    }
}
