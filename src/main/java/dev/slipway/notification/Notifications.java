package dev.slipway.notification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.aws.AwsErrors;
import dev.slipway.id.Target;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.store.Store;
import dev.slipway.store.Store.Page;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.PublishRequest;

/** Sends notifications that were written down, and deletes them then. */
public final class Notifications {
    private static final Logger LOG = Logger.getLogger(Notifications.class);

    private final Store store;
    private final SnsClient sns;

    public Notifications(Store store, SnsClient sns) {
        this.store = store;
        this.sns = sns;
    }

    /** The message to the worker that has a notice sent. */
    public static String message(String id) {
        return JsonNodeFactory.instance.objectNode().put("notification", id).toString();
    }

    /** Sends a notice. One that was sent already is gone, and nothing happens. Throws when AWS is in trouble. */
    public void send(String id) {
        store.get(Notification.key(id)).ifPresent(this::send);
    }

    private void send(Stored<Notification> found) {
        Notification notice = found.value();
        try {
            sns.publish(PublishRequest.builder()
                    .topicArn(notice.topicArn())
                    .subject(notice.subject())
                    .message(notice.message())
                    .build());
        } catch (SdkServiceException e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            // The topic is gone or closed to us: trying again would not help, and a rollout does not fail for it.
            LOG.warnf(
                    e,
                    "notification=%s target=%s cannot be sent",
                    notice.id(),
                    notice.target().key());
        }
        store.write(new Write.Delete<>(found));
    }

    /** Ids of the oldest notifications from before {@code since} that nobody has sent; their messages may have been lost. */
    public List<String> unsent(Instant since) {
        Page<Notification> page = store.list(Notification.PARTITION, "", Notification.ITEM_TYPE, false, 100, null);
        return page.items().stream()
                .map(Stored::value)
                .filter(notice -> notice.at().isBefore(since))
                .map(Notification::id)
                .toList();
    }

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
        static final ItemType<Notification> ITEM_TYPE = new ItemType<>("notification", Notification.class, 1);
        private static final Duration TTL = Duration.ofDays(1);
        // https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: up to 100 characters, no control characters
        private static final int MAX_SUBJECT_LENGTH = 100;

        public Notification {
            String ascii = subject.replaceAll("[^\\x20-\\x7e]", "?");
            subject = ascii.length() <= MAX_SUBJECT_LENGTH ? ascii : ascii.substring(0, MAX_SUBJECT_LENGTH - 3) + "...";
        }

        static Key<Notification> key(String id) {
            return new Key<>(PARTITION, id, ITEM_TYPE);
        }

        /** Writes it down; one that cannot be sent for a day is forgotten. */
        public Write write() {
            return new Write.Create<>(key(id), this, at.plus(TTL));
        }
    }
}
