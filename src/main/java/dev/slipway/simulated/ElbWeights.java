package dev.slipway.simulated;

import java.util.Collection;
import java.util.Map;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;

/** How a rule's forward action divides the requests; what ECS writes when it shifts traffic. */
final class ElbWeights {
    private final Map<String, Rule> rules;

    ElbWeights(Map<String, Rule> rules) {
        this.rules = rules;
    }

    /** Whether a rule is there whose forward action names all of {@code groups}. */
    boolean forwardsTo(String ruleArn, Collection<String> groups) {
        Rule rule = rules.get(ruleArn);
        return rule != null && rule.actions().stream().anyMatch(action -> names(action, groups));
    }

    /** New weights for target groups of a rule's forward action; false when it does not forward to all of them. */
    boolean set(String ruleArn, Map<String, Integer> weights) {
        if (!forwardsTo(ruleArn, weights.keySet())) {
            return false;
        }
        rules.computeIfPresent(
                ruleArn,
                (arn, rule) -> rule.toBuilder()
                        .actions(rule.actions().stream()
                                .map(action -> names(action, weights.keySet()) ? weighed(action, weights) : action)
                                .toList())
                        .build());
        return true;
    }

    private static boolean names(Action action, Collection<String> groups) {
        return action.forwardConfig() != null && ElbRules.targetGroupsOf(action).containsAll(groups);
    }

    private static Action weighed(Action action, Map<String, Integer> weights) {
        return action.toBuilder()
                .forwardConfig(action.forwardConfig().toBuilder()
                        .targetGroups(action.forwardConfig().targetGroups().stream()
                                .map(tuple -> tuple.toBuilder()
                                        .weight(weights.getOrDefault(tuple.targetGroupArn(), tuple.weight()))
                                        .build())
                                .toList())
                        .build())
                .build();
    }
}
