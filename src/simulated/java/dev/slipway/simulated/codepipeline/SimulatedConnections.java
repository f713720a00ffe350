package dev.slipway.simulated.codepipeline;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** CodeConnections in memory: connections to repositories' providers, each pending until somebody approves it. */
public final class SimulatedConnections {
    public record Connection(String provider, String status) {}

    private final Map<String, Connection> connections = new LinkedHashMap<>();

    void create(String arn, String provider) {
        connections.put(arn, new Connection(provider, "PENDING"));
    }

    void delete(String arn) {
        connections.remove(arn);
    }

    public Optional<Connection> find(String arn) {
        return Optional.ofNullable(connections.get(arn));
    }

    /** As the person does who signs in to the provider. False when there is no such connection. */
    public boolean approve(String arn) {
        return connections.computeIfPresent(arn, (key, found) -> new Connection(found.provider(), "AVAILABLE")) != null;
    }
}
