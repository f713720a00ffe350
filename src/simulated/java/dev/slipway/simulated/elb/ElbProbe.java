package dev.slipway.simulated.elb;

import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealth;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthReasonEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** What stands behind the targets: answers health checks, and hears what the load balancer thinks of a target. */
public interface ElbProbe {
    /** Whether the container at {@code ip} would pass a health check now. */
    boolean answers(String ip);

    /** What the load balancer says of a target that does not answer well. */
    default TargetHealth failure(String ip) {
        return TargetHealth.builder()
                .state(TargetHealthStateEnum.UNHEALTHY)
                .reason(TargetHealthReasonEnum.TARGET_FAILED_HEALTH_CHECKS)
                .description("Health checks failed")
                .build();
    }

    /** In how long a target that does not answer yet will do so; empty when it never will. */
    default Optional<Duration> answersIn(String ip) {
        return Optional.empty();
    }

    /** In how long a target that answers will do so no more; empty when it always will. */
    default Optional<Duration> failsIn(String ip) {
        return Optional.empty();
    }

    void healthChanged(String targetGroupArn, String ip, TargetHealthStateEnum state);

    /** Every target answers and nobody listens. */
    ElbProbe ALWAYS_ANSWERS = new ElbProbe() {
        @Override
        public boolean answers(String ip) {
            return true;
        }

        @Override
        public void healthChanged(String targetGroupArn, String ip, TargetHealthStateEnum state) {}
    };
}
