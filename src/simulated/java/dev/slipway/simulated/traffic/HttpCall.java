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
 */
public record HttpCall(String host, String path, Map<String, String> headers, String method) {
    public HttpCall {
        TreeMap<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        anyCase.putAll(headers);
        headers = Collections.unmodifiableMap(anyCase);
    }

    public static HttpCall get(String host, String path) {
        return new HttpCall(host, path, Map.of(), "GET");
    }
}
