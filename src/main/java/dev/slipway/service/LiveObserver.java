package dev.slipway.service;

import dev.slipway.deployment.TargetHealthReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/**
 * Looks at what is live of a service: one call to the load balancer, beside the look at the ECS service. Where a rule has been
 * deleted, a few more tell which, and where it led to.
 */
record LiveObserver(ElasticLoadBalancingV2Client elb) {
    /** The rules as the stack's outputs name them. */
    static final String PRODUCTION = "ProductionRule";

    static final String TEST = "TestRule";

    /**
     * What is live.
     *
     * @param active looks for the ECS service; asked only where there can be one
     * @param outputs of the service's stack; without them there is nothing live yet
     * @param port what tasks would listen on where no service tells
     */
    LiveTraffic observe(Supplier<Optional<Service>> active, Map<String, String> outputs, int port) {
        LiveTraffic initial = LiveTraffic.initial(port);
        String production = outputs.get(PRODUCTION);
        String test = outputs.get(TEST);
        if (production == null || test == null) {
            return initial;
        }
        Optional<Service> service = active.get();
        List<Rule> rules = new ArrayList<>(rules(production, test));
        Map<String, String> missing = new TreeMap<>();
        if (rules.isEmpty()) {
            rules.addAll(rules(production));
            missing.putAll(rules.isEmpty() ? Map.of(PRODUCTION, production) : Map.of());
            List<Rule> tests = rules(test);
            missing.putAll(tests.isEmpty() ? Map.of(TEST, test) : Map.of());
            rules.addAll(tests);
        }
        String a = outputs.getOrDefault("TargetGroupA", "");
        String b = outputs.getOrDefault("TargetGroupB", "");
        // A rule that forwards nothing, such as to a page that somebody has put there, tells no more than
        // one that is gone.
        boolean told = rules.stream()
                .filter(rule -> rule.ruleArn().equals(production))
                .flatMap(rule -> rule.actions().stream())
                .anyMatch(action -> action.forwardConfig() != null
                        && !action.forwardConfig().targetGroups().isEmpty());
        LiveTraffic otherwise =
                told && missing.isEmpty() || service.isEmpty() || hasTasks(a) || !hasTasks(b) ? initial : onB(port);
        int productionA = weight(rules, production, a, otherwise.productionWeightA());
        int productionB = weight(rules, production, b, otherwise.productionWeightB());
        Optional<LoadBalancer> balancer =
                service.flatMap(found -> found.loadBalancers().stream().findFirst());
        return new LiveTraffic(
                service.map(Service::taskDefinition).orElse(null),
                balancer.map(LoadBalancer::containerPort).orElse(port),
                // One that is made anew, or named with other rules, begins where the traffic is.
                balancer.filter(_ -> missing.isEmpty())
                                .map(found -> b.equals(found.targetGroupArn()))
                                .orElse(productionB > productionA)
                        ? "B"
                        : "A",
                productionA,
                productionB,
                weight(rules, test, a, otherwise.testWeightA()),
                weight(rules, test, b, otherwise.testWeightB()),
                service.map(Service::desiredCount).orElse(0),
                null,
                missing);
    }

    private static LiveTraffic onB(int port) {
        return new LiveTraffic(null, port, "B", 0, 1, 1, 0, 0, null, Map.of());
    }

    /** Whether tasks are registered in a target group that do not leave it. */
    boolean hasTasks(String targetGroup) {
        return new TargetHealthReader(elb)
                .of(targetGroup).stream()
                        .anyMatch(target -> target.targetHealth().state() != TargetHealthStateEnum.DRAINING);
    }

    /** None when one of them has been deleted. */
    private List<Rule> rules(String... arns) {
        try {
            return elb.describeRules(
                            DescribeRulesRequest.builder().ruleArns(arns).build())
                    .rules();
        } catch (RuleNotFoundException e) {
            return List.of();
        }
    }

    private static int weight(List<Rule> rules, String rule, String targetGroup, int otherwise) {
        @Nullable
        Integer weight = rules.stream()
                .filter(found -> found.ruleArn().equals(rule))
                .flatMap(found -> found.actions().stream())
                .filter(action -> action.forwardConfig() != null)
                .flatMap(action -> action.forwardConfig().targetGroups().stream())
                .filter(tuple -> tuple.targetGroupArn().equals(targetGroup))
                .map(TargetGroupTuple::weight)
                .findFirst()
                .orElse(null);
        return weight == null ? otherwise : weight;
    }
}
