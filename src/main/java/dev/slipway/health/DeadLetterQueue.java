package dev.slipway.health;

import java.time.Instant;
import java.util.List;

/** The queue of what was given up, and how many messages there are. Each call is one call to AWS, or none. */
public interface DeadLetterQueue {
    /** Messages of the work queue that wait or are at work, those that come later included. Approximate, as SQS says. */
    int work();

    /** Messages of the dead-letter queue. Approximate, too. */
    int dead();

    /** Up to ten messages, which nobody else is given for half a minute. */
    List<Message> receive();

    /** Lets others have a message at once. */
    void release(Message message);

    void delete(Message message);

    /**
     * A message that was given up.
     *
     * @param receipt with which it is released and deleted
     * @param sentAt when it was first sent
     * @param receives how often it has been handed out, by looks at the dead letters, too
     */
    record Message(String id, String receipt, String body, Instant sentAt, int receives) {}
}
