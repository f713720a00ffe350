package dev.slipway.rollout;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** Sends one GET request: over the network, or to the simulated load balancer. */
public interface Probe {
    /**
     * Never throws for what the other side does or fails to do.
     *
     * @param timeout for the whole answer
     */
    Result get(URI uri, Map<String, String> headers, Duration timeout);

    /** What came back. */
    sealed interface Result {
        /** @param body at most the first 64 KiB */
        record Response(int status, String body, Duration duration) implements Result {}

        /** No answer: refused, cut off, or too late. */
        record NoResponse(String reason) implements Result {}
    }
}
