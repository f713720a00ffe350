package dev.slipway.simulated;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.CapacityProviderStrategyItem;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.NetworkConfiguration;

/**
 * A service revision: the part of a service that a deployment replaces ("Amazon ECS service revisions"). A change of
 * any of this, and of nothing else, starts a deployment.
 */
record EcsRevision(
        String arn,
        String taskDefinition,
        List<LoadBalancer> loadBalancers,
        @Nullable NetworkConfiguration network,
        String platformVersion,
        List<CapacityProviderStrategyItem> capacity,
        Instant createdAt) {

    /** Whether {@code other} would run the same tasks at the same place. */
    boolean sameAs(EcsRevision other) {
        return taskDefinition.equals(other.taskDefinition)
                && loadBalancers.equals(other.loadBalancers)
                && java.util.Objects.equals(network, other.network)
                && platformVersion.equals(other.platformVersion);
    }

    List<String> targetGroups() {
        return loadBalancers.stream()
                .map(LoadBalancer::targetGroupArn)
                .filter(java.util.Objects::nonNull)
                .toList();
    }
}
