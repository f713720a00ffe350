package dev.slipway.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.List;

/** The queue that the worker reads: at-least-once, in any order. */
public interface WorkQueue {
    /** The longest delay that SQS allows. */
    Duration MAX_DELAY = Duration.ofMinutes(15);
    /** What a resync has looked at is spread over so long, so that AWS's buckets fill meanwhile: less than the time until the next one. */
    Duration RESYNC_SPREAD = Duration.ofMinutes(4);

    /**
     * Sends a message.
     *
     * @param delay zero to {@link #MAX_DELAY}
     */
    void send(String body, Duration delay);

    /**
     * Sends messages one after the other, all apart alike: what each asks of AWS is not asked at once.
     *
     * @param within at most {@link #MAX_DELAY}
     */
    default void sendSpread(List<String> bodies, Duration within) {
        for (int i = 0; i < bodies.size(); i++) {
            send(bodies.get(i), within.multipliedBy(i).dividedBy(bodies.size()));
        }
    }

    /** The text of a message of ours: {@code {"target": "prod/web"}}. */
    static String message(String about, String what) {
        return JsonNodeFactory.instance.objectNode().put(about, what).toString();
    }

    /** Puts a message where operators look, because handling it fails by our own fault every time. */
    void deadLetter(String body);
}
