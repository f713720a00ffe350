package dev.slipway.stack;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Properties that differ from their stack by design: somebody other than the stack owns them. */
@RegisterForReflection
public enum DriftExclusion {
    LIVE_TASK_DEFINITION(
            "AWS::ECS::Service",
            "/TaskDefinition",
            "Each rollout sets it. Whether the live one is that of the recorded release is compared instead."),
    ROLLOUT_STRATEGY(
            "AWS::ECS::Service",
            "/DeploymentConfiguration(/.*)?",
            "Each rollout sends its own strategy, percentages, alarms and hooks."),
    LIVE_TARGET_GROUP(
            "AWS::ECS::Service",
            "/LoadBalancers(/\\d+(/TargetGroupArn|/ContainerPort|/AdvancedConfiguration/AlternateTargetGroupArn)?)?",
            "Both target groups change places with each traffic shift, and the port is the live release's."),
    TASK_COUNT(
            "AWS::ECS::Service",
            "/DesiredCount",
            "Autoscaling and applies set it. A declared count is compared with the live one instead."),
    TRAFFIC_WEIGHTS(
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            "/Actions(/\\d+(/ForwardConfig(/TargetGroups(/\\d+(/Weight)?)?)?|/TargetGroupArn)?)?",
            "Rollouts shift traffic with them. Whether they are those of a service at rest is compared instead."),
    SCALING_LIMITS(
            "AWS::ApplicationAutoScaling::ScalableTarget",
            "/M(in|ax)Capacity",
            "Schedules and rollouts set them. They are compared with those that the spec has now instead.");

    private final String resourceType;
    private final Pattern path;
    private final String reason;

    DriftExclusion(String resourceType, String path, String reason) {
        this.resourceType = resourceType;
        this.path = Pattern.compile(path);
        this.reason = reason;
    }

    /** The resource type whose properties it is about. */
    public String resourceType() {
        return resourceType;
    }

    /** A regular expression of property paths. */
    public String path() {
        return path.pattern();
    }

    /** Why a difference is none, in sentences. */
    public String reason() {
        return reason;
    }

    /**
     * Whether writing the property could move traffic, bring back a release or reset the number of tasks. The strategy is for the
     * next deployment alone, which brings its own.
     */
    boolean isLive() {
        return this != ROLLOUT_STRATEGY;
    }

    /** What excludes a property. A resource that is gone has no path, and is never excluded. */
    public static Optional<DriftExclusion> of(String resourceType, @Nullable String path) {
        return path == null
                ? Optional.empty()
                : Arrays.stream(values())
                        .filter(exclusion -> exclusion.resourceType.equals(resourceType)
                                && exclusion.path.matcher(path).matches())
                        .findFirst();
    }
}
