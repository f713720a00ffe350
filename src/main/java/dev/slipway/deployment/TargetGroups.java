package dev.slipway.deployment;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * How requests reach the releases.
 *
 * @param loadBalancer ARN
 * @param live ARN of the target group that gets production traffic when the rollout begins
 * @param candidate ARN of the one that the new release gets; the same as {@code live} when rolling
 * @param testRule ARN of the listener rule for test requests
 * @param url that the service answers at, without a path
 * @param address DNS name of the load balancer
 */
@RegisterForReflection
public record TargetGroups(
        String loadBalancer, String live, String candidate, String testRule, String url, String address) {}
