package dev.slipway.rollout;

import java.time.Duration;
import java.util.Map;

/** Sends one GET request: over the network, or to the simulated load balancer. */
public interface Probe {
    /** What requests say who they are: firewalls refuse those that do not. */
    String USER_AGENT = "Slipway";

    /**
     * Where a request goes and what it says.
     *
     * @param address DNS name of the load balancer, which is connected to whatever the host resolves to: the request carries a secret
     * @param url scheme and host that are asked; the certificate must be that host's
     * @param path with its query, sent as it is
     * @param timeout for the whole answer, its body included
     */
    record Request(String address, String url, String path, Map<String, String> headers, Duration timeout) {
        public Request {
            headers = Map.copyOf(headers);
        }

        /** Whether it is asked by HTTPS. */
        public boolean isSecure() {
            return url.startsWith("https://");
        }

        /** The host that is asked. */
        public String host() {
            return url.substring(url.indexOf("://") + 3);
        }
    }

    /** Never throws for what the other side does or fails to do. */
    Result get(Request request);

    /** What came back. */
    sealed interface Result {
        /** @param body at most the first 64 KiB */
        record Response(int status, String body, Duration duration) implements Result {}

        /** No answer: refused, cut off, or too late. */
        record NoResponse(String reason) implements Result {}
    }
}
