package dev.slipway.rollout;

import dev.slipway.release.ContainerSettings;
import dev.slipway.target.ServiceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** Looks at what a rollout will rest on, before it starts. Reads only. */
public final class Preflight {
    private final ElasticLoadBalancingV2Client elb;

    public Preflight(ElasticLoadBalancingV2Client elb) {
        this.elb = elb;
    }

    /**
     * What is to be rolled out.
     *
     * @param image by digest
     * @param first whether the service has no release yet
     * @param outputs of the service's stack
     * @param environment outputs of the environment's stack
     */
    public record Question(
            ServiceId service,
            String image,
            ContainerSettings container,
            RolloutSettings settings,
            boolean first,
            Map<String, String> outputs,
            Map<String, String> environment) {
        public Question {
            outputs = Map.copyOf(outputs);
            environment = Map.copyOf(environment);
        }

        static Question of(Rollout rollout, Map<String, String> outputs, Map<String, String> environment) {
            return new Question(
                    rollout.service(),
                    rollout.image(),
                    rollout.container(),
                    rollout.settings(),
                    rollout.previous() == null,
                    outputs,
                    environment);
        }
    }

    /** @param groups null where the load balancer has no rule for the service */
    public record Report(List<Finding> findings, Rollout.@Nullable Groups groups) {
        public Report {
            findings = List.copyOf(findings);
        }
    }

    public Report look(Question question) {
        List<Finding> findings = new ArrayList<>();
        Rollout.Groups groups = null;
        try {
            groups = groups(question);
        } catch (RuleNotFoundException e) {
            findings.add(new Finding(
                    "listener-rule-missing",
                    true,
                    "The service's listener rule was deleted past the control plane.",
                    "Apply the spec again: PUT " + question.service().path()));
        }
        return new Report(findings, groups);
    }

    private Rollout.@Nullable Groups groups(Question question) {
        String a = question.outputs().get("TargetGroupA");
        String b = question.outputs().get("TargetGroupB");
        String production = question.outputs().get("ProductionRule");
        String test = question.outputs().get("TestRule");
        String balancer = question.environment().get("LoadBalancerArn");
        String address = question.environment().get("Address");
        if (a == null || b == null || production == null || test == null || balancer == null || address == null) {
            return null;
        }
        List<Rule> rules = elb.describeRules(
                        DescribeRulesRequest.builder().ruleArns(production).build())
                .rules();
        boolean onB = rules.stream()
                .flatMap(found -> found.actions().stream())
                .filter(action -> action.forwardConfig() != null)
                .flatMap(action -> action.forwardConfig().targetGroups().stream())
                .filter(group -> b.equals(group.targetGroupArn()))
                .mapToInt(TargetGroupTuple::weight)
                .anyMatch(weight -> weight > 0);
        String live = onB ? b : a;
        String candidate = question.settings().isRolling() ? live : onB ? a : b;
        return new Rollout.Groups(balancer, live, candidate, test, url(rules, address));
    }

    /** The service's first host, with a name in place of a wildcard; the load balancer's own where it has no hosts. */
    private static String url(List<Rule> rules, String address) {
        String scheme = address.substring(0, address.indexOf("://") + 3);
        return rules.stream()
                .flatMap(rule -> rule.conditions().stream())
                .filter(condition -> condition.hostHeaderConfig() != null)
                .flatMap(condition -> condition.hostHeaderConfig().values().stream())
                .findFirst()
                .map(host -> scheme + host.replace("*", "check").replace("?", "c"))
                .orElse(address);
    }
}
