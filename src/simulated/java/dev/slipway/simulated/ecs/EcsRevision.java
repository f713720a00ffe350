package dev.slipway.simulated.ecs;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.AdvancedConfiguration;
import software.amazon.awssdk.services.ecs.model.CapacityProviderStrategyItem;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.NetworkConfiguration;

/**
 * A service revision: the part of a service that a deployment replaces ("Amazon ECS service revisions"). A change of
 * any of this, and of nothing else, starts a deployment.
 *
 * @param loadBalancers as they are configured
 * @param placed the same with the target group that this revision is on, which may be the alternate one
 */
public record EcsRevision(
        String arn,
        String taskDefinition,
        List<LoadBalancer> loadBalancers,
        List<LoadBalancer> placed,
        @Nullable NetworkConfiguration network,
        String platformVersion,
        List<CapacityProviderStrategyItem> capacity,
        Instant createdAt) {

    /** Whether {@code other} would run the same tasks at the same place. */
    boolean sameAs(EcsRevision other) {
        return taskDefinition.equals(other.taskDefinition)
                && loadBalancers.equals(other.loadBalancers)
                && Objects.equals(network, other.network)
                && platformVersion.equals(other.platformVersion);
    }

    /** Whether the tasks of {@code other} are shared out among capacity providers likewise. */
    boolean runsOnAs(EcsRevision other) {
        return shares(this).equals(shares(other));
    }

    /** A base or weight that is left out is 0. */
    private static Set<String> shares(EcsRevision revision) {
        return revision.capacity().stream()
                .map(item -> "%s %d %d"
                        .formatted(
                                item.capacityProvider(),
                                Objects.requireNonNullElse(item.base(), 0),
                                Objects.requireNonNullElse(item.weight(), 0)))
                .collect(Collectors.toSet());
    }

    List<String> targetGroups() {
        return placed.stream()
                .map(LoadBalancer::targetGroupArn)
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * Where the tasks of a new revision go: beside {@code live} in the other group of the pair when traffic will be
     * shifted, and into the same group as {@code live} when tasks are only replaced. What a request names that the service has not is taken at its word
     * (reported in terraform-provider-aws 45678): a caller has to name the live group first.
     */
    static List<LoadBalancer> place(
            List<LoadBalancer> configured, boolean shifted, @Nullable EcsRevision live, boolean named) {
        return configured.stream()
                .map(balancer -> {
                    AdvancedConfiguration advanced = balancer.advancedConfiguration();
                    String alternate = advanced == null ? null : advanced.alternateTargetGroupArn();
                    if (live == null || alternate == null) {
                        return balancer;
                    }
                    String old = !named && live.targetGroups().contains(alternate)
                            ? alternate
                            : named || live.targetGroups().contains(balancer.targetGroupArn())
                                    ? balancer.targetGroupArn()
                                    : null;
                    if (old == null) {
                        return balancer;
                    }
                    boolean onAlternate = old.equals(alternate) != shifted;
                    return onAlternate
                            ? balancer.toBuilder().targetGroupArn(alternate).build()
                            : balancer;
                })
                .toList();
    }
}
