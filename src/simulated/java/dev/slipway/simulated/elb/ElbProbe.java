package dev.slipway.simulated.elb;

import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** What stands behind the targets: answers health checks, and hears what the load balancer thinks of a target. */
public interface ElbProbe {
    /** Whether the container at {@code ip} would pass a health check now. */
    boolean answers(String ip);

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
