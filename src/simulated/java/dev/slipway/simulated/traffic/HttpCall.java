package dev.slipway.simulated.traffic;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request to a load balancer of the simulated account.
 *
 * @param host a load balancer's DNS name, or a name that one of its rules asks for
 * @param path with its query string, if it has one
 * @param headers their names in any case; {@code Host} replaces the host in what rules look at
 * @param method for example GET
 * @param client who sends it
 */
public record HttpCall(String host, String path, Map<String, String> headers, String method, Client client) {
    /**
     * Who sends a request, as a firewall sees it.
     *
     * @param country two letters of ISO 3166
     */
    public record Client(String address, String country) {
        /** Somebody in the documentation's own network. */
        public static final Client SOMEBODY = new Client("203.0.113.7", "DE");
    }

    public HttpCall(String host, String path, Map<String, String> headers, String method) {
        this(host, path, headers, method, Client.SOMEBODY);
    }

    public HttpCall {
        TreeMap<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        anyCase.putAll(headers);
        headers = Collections.unmodifiableMap(anyCase);
    }

    /** Without the query string. */
    public String pathOnly() {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }

    public static HttpCall get(String host, String path) {
        return new HttpCall(host, path, Map.of(), "GET");
    }
}
