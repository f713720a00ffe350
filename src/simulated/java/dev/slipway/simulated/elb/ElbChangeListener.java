package dev.slipway.simulated.elb;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;

/** Hears of every change that may send requests elsewhere, after it was made. */
public interface ElbChangeListener {
    /** A target came, went, drains, or changed its health. */
    void targetsChanged(ElbTargetGroup group);

    /** A rule was made or changed; null when it was deleted. */
    void ruleChanged(String arn, @Nullable Rule rule);

    /** Nobody listens. */
    ElbChangeListener NONE = new ElbChangeListener() {
        @Override
        public void targetsChanged(ElbTargetGroup group) {}

        @Override
        public void ruleChanged(String arn, @Nullable Rule rule) {}
    };
}
