package dev.slipway.simulated.ecs;

import dev.slipway.simulated.elb.ElbWeights;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.AdvancedConfiguration;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;

/** Moves traffic between a revision's target group and the other one of the pair by the weights of listener rules. */
final class EcsTrafficShift {
    private final ElbWeights rules;

    EcsTrafficShift(ElbWeights rules) {
        this.rules = rules;
    }

    /** Whether every production rule forwards to both groups of its pair. */
    boolean possible(EcsRevision revision) {
        return revision.placed().stream().allMatch(balancer -> {
            AdvancedConfiguration advanced = balancer.advancedConfiguration();
            return advanced == null
                    || advanced.productionListenerRule() == null
                    || rules.forwardsTo(
                            advanced.productionListenerRule(),
                            List.of(balancer.targetGroupArn(), other(revision, balancer)));
        });
    }

    /** {@code percent} (0–100) of the production traffic to {@code revision}; false when a rule cannot be written. */
    boolean production(EcsRevision revision, double percent) {
        boolean done = true;
        for (LoadBalancer balancer : revision.placed()) {
            AdvancedConfiguration advanced = balancer.advancedConfiguration();
            if (advanced != null) {
                done &= move(advanced.productionListenerRule(), revision, balancer, percent);
            }
        }
        return done;
    }

    /** As {@link #production}; a test rule is optional. */
    boolean test(EcsRevision revision, double percent) {
        boolean done = true;
        for (LoadBalancer balancer : revision.placed()) {
            AdvancedConfiguration advanced = balancer.advancedConfiguration();
            if (advanced != null) {
                done &= move(advanced.testListenerRule(), revision, balancer, percent);
            }
        }
        return done;
    }

    private boolean move(@Nullable String rule, EcsRevision revision, LoadBalancer balancer, double percent) {
        if (rule == null) {
            return true;
        }
        // Weights are whole numbers up to 999; percentages have one decimal.
        boolean whole = percent == Math.rint(percent);
        int all = whole ? 100 : 1000;
        int mine = (int) Math.round(whole ? percent : percent * 10);
        return rules.set(rule, Map.of(balancer.targetGroupArn(), mine, other(revision, balancer), all - mine));
    }

    private static String other(EcsRevision revision, LoadBalancer placed) {
        LoadBalancer configured = revision.loadBalancers().get(revision.placed().indexOf(placed));
        AdvancedConfiguration advanced = Objects.requireNonNull(configured.advancedConfiguration());
        return placed.targetGroupArn().equals(configured.targetGroupArn())
                ? advanced.alternateTargetGroupArn()
                : configured.targetGroupArn();
    }
}
