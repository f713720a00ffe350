package dev.slipway.simulated.elb;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroup;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealth;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** A target group, its attributes and its targets by address. */
public final class ElbTargetGroup {
    /** One registered target; {@code check} tells a planned verdict of the health check from an outdated one. */
    public static final class Target {
        public final TargetDescription description;
        public TargetHealthStateEnum state = TargetHealthStateEnum.INITIAL;
        int check;
        /** What is wrong with it while it is unhealthy. */
        @Nullable
        TargetHealth failure;

        Target(TargetDescription description) {
            this.description = description;
        }
    }

    TargetGroup settings;
    final Map<String, String> attributes = new LinkedHashMap<>();
    public final Map<String, Target> targets = new LinkedHashMap<>();

    ElbTargetGroup(TargetGroup settings) {
        this.settings = settings;
        // Elastic Load Balancing, "Edit target group attributes for your Application Load Balancer":
        // the default is 300 s.
        attributes.put("deregistration_delay.timeout_seconds", "300");
        attributes.put("slow_start.duration_seconds", "0");
        attributes.put("stickiness.enabled", "false");
        attributes.put("load_balancing.algorithm.type", "round_robin");
    }

    public String arn() {
        return settings.targetGroupArn();
    }

    public Duration deregistrationDelay() {
        return Duration.ofSeconds(
                Long.parseLong(attributes.getOrDefault("deregistration_delay.timeout_seconds", "300")));
    }

    /** How long a target that answers needs to become healthy. */
    Duration timeToHealthy() {
        return Duration.ofSeconds((long) settings.healthCheckIntervalSeconds() * settings.healthyThresholdCount());
    }

    /** How long a target that does not answer stays undetected (target-group-health-checks.html). */
    Duration timeToUnhealthy() {
        return Duration.ofSeconds((long) settings.healthCheckIntervalSeconds() * settings.unhealthyThresholdCount());
    }
}
