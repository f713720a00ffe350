package dev.slipway.notification;

import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Write;
import java.time.Duration;
import java.time.Instant;

/**
 * A message to a topic, written down together with what it tells of, so that it is sent although its writer crashes.
 * It is told at least once.
 *
 * @param topic ARN
 * @param subject a line of ASCII for mails, at most 100 characters
 */
public record Notification(String id, Target target, String topic, String subject, String message, Instant at) {
    static final String PARTITION = "notices";
    private static final ItemType<Notification> KIND = new ItemType<>("notice", Notification.class, 1);
    private static final Duration KEPT = Duration.ofDays(1);
    // https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: up to 100 characters, no control characters
    private static final int LONGEST_SUBJECT = 100;

    public Notification {
        String ascii = subject.replaceAll("[^\\x20-\\x7e]", "?");
        subject = ascii.length() <= LONGEST_SUBJECT ? ascii : ascii.substring(0, LONGEST_SUBJECT - 3) + "...";
    }

    static ItemType<Notification> kind() {
        return KIND;
    }

    static Key<Notification> key(String id) {
        return new Key<>(PARTITION, id, KIND);
    }

    /** Writes it down; one that cannot be sent for a day is forgotten. */
    public Write write() {
        return new Write.Create<>(key(id), this, at.plus(KEPT));
    }

    /** Whether a write is of a notice. */
    public static boolean isIn(Write write) {
        return write.key().partition().equals(PARTITION);
    }
}
