package dev.slipway.simulated;

import dev.slipway.aws.AwsLookups;
import dev.slipway.simulated.codepipeline.SimulatedConnections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Subnets, roles, secrets and parameters of the simulated account: all there and roomy, unless somebody says otherwise. */
final class SimulatedLookups implements AwsLookups {
    /** Of a subnet of 4,096 addresses, of which AWS keeps five. */
    private static final int ROOMY = 4091;

    private final Set<String> gone = new HashSet<>();
    private final SimulatedConnections connections;
    private int free = ROOMY;

    SimulatedLookups(SimulatedConnections connections) {
        this.connections = connections;
    }

    void free(int addresses) {
        free = addresses;
    }

    void remove(String name) {
        gone.add(name);
    }

    @Override
    public Map<String, Integer> freeAddresses(List<String> subnets) {
        return subnets.stream()
                .filter(subnet -> !gone.contains(subnet))
                .collect(Collectors.toMap(subnet -> subnet, subnet -> free));
    }

    @Override
    public boolean hasRole(String arn) {
        return !gone.contains(arn);
    }

    @Override
    public boolean hasSecret(String arn) {
        return !gone.contains(arn);
    }

    @Override
    public Optional<String> connectionStatus(String arn) {
        return connections.find(arn).map(SimulatedConnections.Connection::status);
    }

    @Override
    public Optional<String> download(String url) {
        String architecture = url.substring(url.lastIndexOf('=') + 1);
        return Optional.of("{\"architecture\":\"%s\",\"os\":\"linux\"}".formatted(architecture));
    }

    @Override
    public Set<String> parameters(List<String> names) {
        return names.stream().filter(name -> !gone.contains(name)).collect(Collectors.toSet());
    }
}
