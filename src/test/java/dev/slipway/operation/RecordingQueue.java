package dev.slipway.operation;

import java.time.Duration;
import java.util.Collection;

/**
 * Keeps what is sent, and hands out nothing.
 *
 * @param sent the messages; those that were put aside begin with {@code dead: }
 */
public record RecordingQueue(Collection<String> sent) implements WorkQueue {
    @Override
    public void send(String body, Duration delay) {
        sent.add(body);
    }

    @Override
    public void deadLetter(String body) {
        sent.add("dead: " + body);
    }
}
