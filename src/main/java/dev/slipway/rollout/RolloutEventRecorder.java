package dev.slipway.rollout;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.ledger.LedgerEntry;
import dev.slipway.notification.Notifications.Notification;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Transaction;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;

/** Writes down what happens in rollouts: in the ledger, and as notifications where somebody wants to be told. */
public final class RolloutEventRecorder {
    private static final Set<LedgerEntry.EventType> NOTIFIED = Set.of(
            LedgerEntry.EventType.ROLLOUT_STARTED,
            LedgerEntry.EventType.VERDICT,
            LedgerEntry.EventType.APPROVAL_REQUESTED,
            LedgerEntry.EventType.ROLLOUT_ENDED);

    private final IdGenerator ids;

    public RolloutEventRecorder(IdGenerator ids) {
        this.ids = ids;
    }

    /** What records it, to be written together with the change that it tells of. */
    public Transaction record(Rollout rollout, LedgerEntry.EventType what, String actor, String sentence, Instant now) {
        Transaction recorded = new Transaction()
                .entry(new LedgerEntry(
                        ids.next(),
                        rollout.service(),
                        now,
                        actor,
                        what,
                        rollout.id(),
                        rollout.state().name(),
                        rollout.release(),
                        sentence));
        String topic = rollout.settings().notifyTopic();
        return topic != null && NOTIFIED.contains(what)
                ? recorded.notification(notification(rollout, what, sentence, topic, now))
                : recorded;
    }

    /** What records that a rollout begins, by whose will and how. */
    public Transaction recordStart(Rollout rollout, Instant now) {
        String actor = rollout.request().actor();
        return record(
                rollout, LedgerEntry.EventType.ROLLOUT_STARTED, actor, actor + " " + describeRequest(rollout), now);
    }

    /** What was asked for, in words that follow a name. */
    public static String describeRequest(Rollout rollout) {
        String behind = rollout.request().onBehalfOf();
        return "asked for %s of %s (%s)%s."
                .formatted(
                        rollout.request().reason().name().toLowerCase(Locale.ROOT),
                        rollout.request().tag() == null
                                ? rollout.request().image()
                                : rollout.request().tag(),
                        rollout.settings().summary(),
                        behind == null ? "" : ", on behalf of " + behind);
    }

    private Notification notification(
            Rollout rollout, LedgerEntry.EventType what, String sentence, String topic, Instant now) {
        String key = rollout.service().key();
        String about = what.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        ObjectNode message = JsonNodeFactory.instance
                .objectNode()
                .put("type", what.name())
                .put("service", key)
                .put("rollout", rollout.service().path() + "/rollouts/" + rollout.id())
                .put("state", rollout.state().name())
                .put("image", rollout.request().image())
                .put("startedBy", rollout.request().actor())
                .put("at", now.toString())
                .put("message", sentence);
        if (rollout.release() != null) {
            message.put("release", rollout.release());
        }
        if (rollout.progress().verdict() != null) {
            message.put("verdict", rollout.progress().verdict().outcome().name());
        }
        return new Notification(
                ids.next(), rollout.service(), topic, key + ": " + about + " - " + sentence, message.toString(), now);
    }
}
