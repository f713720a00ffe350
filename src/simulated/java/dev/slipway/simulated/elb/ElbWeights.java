package dev.slipway.simulated.elb;

import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;

/** How a rule's forward action divides the requests; what ECS writes when it shifts traffic. */
public final class ElbWeights {
    private final Map<String, Rule> rules;
    private final Consumer<Rule> changed;

    /** @param changed is told of every rule that was written */
    ElbWeights(Map<String, Rule> rules, Consumer<Rule> changed) {
        this.rules = rules;
        this.changed = changed;
    }

    /** Whether a rule is there whose forward action names all of {@code groups}. */
    public boolean forwardsTo(String ruleArn, Collection<String> groups) {
        Rule rule = rules.get(ruleArn);
        return rule != null && rule.actions().stream().anyMatch(action -> names(action, groups));
    }

    /** New weights for target groups of a rule's forward action; false when it does not forward to all of them. */
    public boolean set(String ruleArn, Map<String, Integer> weights) {
        if (!forwardsTo(ruleArn, weights.keySet())) {
            return false;
        }
        Rule written = rules.computeIfPresent(
                ruleArn,
                (arn, rule) -> rule.toBuilder()
                        .actions(rule.actions().stream()
                                .map(action -> names(action, weights.keySet()) ? weighed(action, weights) : action)
                                .toList())
                        .build());
        if (written != null) {
            changed.accept(written);
        }
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
