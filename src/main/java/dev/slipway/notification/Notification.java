package dev.slipway.notification;

import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Write;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;

/**
 * A message to a topic, written down together with what it tells of, so that it is sent although its writer crashes.
 * It is told at least once.
 *
 * @param topicArn ARN
 * @param subject a line of ASCII for mails, at most 100 characters
 */
@RegisterForReflection
public record Notification(String id, Target target, String topicArn, String subject, String message, Instant at) {
    static final String PARTITION = "notifications";
    private static final ItemType<Notification> ITEM_TYPE = new ItemType<>("notification", Notification.class, 1);
    private static final Duration TTL = Duration.ofDays(1);
    // https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: up to 100 characters, no control characters
    private static final int MAX_SUBJECT_LENGTH = 100;

    public Notification {
        String ascii = subject.replaceAll("[^\\x20-\\x7e]", "?");
        subject = ascii.length() <= MAX_SUBJECT_LENGTH ? ascii : ascii.substring(0, MAX_SUBJECT_LENGTH - 3) + "...";
    }

    static ItemType<Notification> itemType() {
        return ITEM_TYPE;
    }

    static Key<Notification> key(String id) {
        return new Key<>(PARTITION, id, ITEM_TYPE);
    }

    /** Writes it down; one that cannot be sent for a day is forgotten. */
    public Write write() {
        return new Write.Create<>(key(id), this, at.plus(TTL));
    }
}
