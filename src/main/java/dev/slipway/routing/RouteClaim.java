package dev.slipway.routing;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * What a service has taken of its environment's listener.
 *
 * @param hosts empty: any
 * @param paths at least one
 * @param priority of the production rule; the test rule has {@code priority − 1}
 */
@RegisterForReflection
public record RouteClaim(List<String> hosts, List<String> paths, int priority) {
    public RouteClaim {
        hosts = List.copyOf(hosts);
        paths = List.copyOf(paths);
    }
}
