package dev.slipway.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.Environments;
import dev.slipway.environment.Environments.Expiry;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.ledger.LedgerEntry.EventType;
import dev.slipway.notification.Notifications.Notification;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.Worker;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.problem.ProblemException;
import dev.slipway.store.Store;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/**
 * Removes environments that carry an end date, when it has come: first their services, then themselves. Each look begins with what
 * is recorded, so that it can be cut off anywhere; what another one has begun is not begun again.
 */
public final class EnvironmentExpiry implements Worker.MessageHandler {
    /** So long before its end people are told. */
    public static final Duration WARNING = Duration.ofHours(24);
    /** So long after they were told it stays in any case, be it that the end was near when it was declared or that nobody looked. */
    static final Duration GRACE = Duration.ofHours(1);
    /** So long after a deletion that failed the next is tried: somebody has to put right what it failed for. */
    static final Duration RETRY = Duration.ofHours(6);

    private static final Logger LOG = Logger.getLogger(EnvironmentExpiry.class);
    private static final Request SLIPWAY = new Request(LedgerEntry.SLIPWAY, null, "");

    private final Store store;
    private final Outbox outbox;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final IdGenerator ids;
    private final InstantSource clock;

    public EnvironmentExpiry(
            Store store,
            Outbox outbox,
            Operations operations,
            Environments environments,
            Services services,
            IdGenerator ids,
            InstantSource clock) {
        this.store = store;
        this.outbox = outbox;
        this.operations = operations;
        this.environments = environments;
        this.services = services;
        this.ids = ids;
        this.clock = clock;
    }

    @Override
    public boolean handle(JsonNode message) {
        return false;
    }

    @Override
    public void resync() {
        store.stream(Expiry.PARTITION, "", Expiry.ITEM_TYPE, false).forEach(this::attempt);
    }

    /** The last of its services may have gone. */
    @Override
    public void onReconciled(Target target) {
        EnvironmentId environment = switch (target) {
            case ServiceId service -> service.environmentId();
            case EnvironmentId id -> id;
            case PipelineId _ -> null;
        };
        if (environment != null) {
            store.get(Expiry.key(environment)).ifPresent(this::attempt);
        }
    }

    /** What is refused now, because something is under way or has just changed, is looked at again at the next resync. */
    private void attempt(Stored<Expiry> found) {
        try {
            look(found, clock.instant());
        } catch (ProblemException | WriteConflictException e) {
            LOG.infof(
                    "environment=%s is not removed yet: %s",
                    found.value().environment().key(), e.getMessage());
        }
    }

    private void look(Stored<Expiry> found, Instant now) {
        Expiry expiry = found.value();
        Stored<EnvironmentRecord> stored =
                store.get(EnvironmentRecord.key(expiry.environment())).orElse(null);
        if (stored == null) {
            outbox.commit(new Transaction().delete(found));
            return;
        }
        EnvironmentRecord record = stored.value();
        Instant end = record.declared().end();
        // What is being applied may be refused, and the spec before, with another end, be declared again.
        if (record.deleting() || record.fallback() != null) {
            return;
        }
        if (end == null) {
            outbox.commit(new Transaction().check(stored).delete(found));
        } else if (!end.equals(expiry.warnedOf())) {
            if (!now.isBefore(end.minus(WARNING))) {
                warn(found, stored, end, now);
            }
        } else if (!now.isBefore(end)
                && !now.isBefore(Objects.requireNonNull(expiry.warnedAt()).plus(GRACE))) {
            remove(stored, now);
        }
    }

    private void warn(Stored<Expiry> found, Stored<EnvironmentRecord> stored, Instant end, Instant now) {
        EnvironmentRecord record = stored.value();
        Instant removed = end.isBefore(now.plus(GRACE)) ? now.plus(GRACE) : end;
        String sentence =
                "%s removes itself with all its services, their images and logs from %s on%s. To keep it, send its spec with a later expires, or without: PUT %s"
                        .formatted(
                                record.id().key(),
                                removed,
                                record.services().isEmpty()
                                        ? ""
                                        : ": "
                                                + String.join(
                                                        ", ", record.services().keySet()),
                                record.id().path());
        Transaction told = new Transaction()
                .check(stored)
                .update(found, new Expiry(record.id(), end, now))
                .entry(LedgerEntry.of(
                        ids.next(), record.id(), EventType.EXPIRY_WARNED, LedgerEntry.SLIPWAY, sentence, now));
        Set<String> topics = new TreeSet<>(services.topics(record.id()));
        Optional.ofNullable(record.outputs().get(ServiceStack.ALARM_TOPIC)).ifPresent(topics::add);
        for (String topic : topics) {
            told = told.notification(new Notification(
                    ids.next(),
                    record.id(),
                    topic,
                    record.id().key() + ": removes itself at " + removed,
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("type", EventType.EXPIRY_WARNED.name())
                            .put("environment", record.id().key())
                            .put("expires", end.toString())
                            .put("at", now.toString())
                            .put("message", sentence)
                            .toString(),
                    now));
        }
        outbox.commit(told);
    }

    private void remove(Stored<EnvironmentRecord> stored, Instant now) {
        EnvironmentRecord record = stored.value();
        EnvironmentId id = record.id();
        for (String name : record.services().keySet()) {
            ServiceId service = new ServiceId(id.key(), name);
            if (isFree(service, now)) {
                LOG.infof("environment=%s has expired, service=%s goes", id.key(), name);
                services.delete(service, new Deletion(null, Set.of(), name), SLIPWAY, new Transaction().check(stored));
            }
        }
        if (record.services().isEmpty() && isFree(id, now)) {
            environments.delete(id, new Deletion(record.revision(), Set.of(), null), SLIPWAY);
        }
    }

    /** Whether nothing is under way, and no deletion has just failed. */
    private boolean isFree(Target target, Instant now) {
        return operations.findRunning(target).isEmpty()
                && operations.stream(target)
                        .filter(operation -> operation.type() != Operation.Type.PLAN)
                        .findFirst()
                        .filter(last -> last.type() == Operation.Type.DELETE
                                && last.state() == Operation.State.FAILED
                                && now.isBefore(
                                        Objects.requireNonNull(last.endedAt()).plus(RETRY)))
                        .isEmpty();
    }
}
