package dev.slipway.service;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** Looks at what is live of a service: one call to the load balancer, beside the look at the ECS service. */
record LiveObserver(ElasticLoadBalancingV2Client elb) {
    /**
     * What is live.
     *
     * @param active looks for the ECS service; asked only where there can be one
     * @param outputs of the service's stack; without them there is nothing live yet
     * @param port what tasks would listen on where no service tells
     */
    LiveTraffic observe(Supplier<Optional<Service>> active, Map<String, String> outputs, int port) {
        LiveTraffic initial = LiveTraffic.initial(port);
        String production = outputs.get("ProductionRule");
        String test = outputs.get("TestRule");
        if (production == null || test == null) {
            return initial;
        }
        Optional<Service> service = active.get();
        List<Rule> rules = rules(production, test);
        String a = outputs.getOrDefault("TargetGroupA", "");
        String b = outputs.getOrDefault("TargetGroupB", "");
        int productionA = weight(rules, production, a, initial.productionWeightA());
        int productionB = weight(rules, production, b, initial.productionWeightB());
        Optional<LoadBalancer> balancer =
                service.flatMap(found -> found.loadBalancers().stream().findFirst());
        return new LiveTraffic(
                service.map(Service::taskDefinition).orElse(null),
                balancer.map(LoadBalancer::containerPort).orElse(port),
                // One that is made anew begins where the traffic is.
                balancer.map(found -> b.equals(found.targetGroupArn())).orElse(productionB > productionA) ? "B" : "A",
                productionA,
                productionB,
                weight(rules, test, a, initial.testWeightA()),
                weight(rules, test, b, initial.testWeightB()));
    }

    private List<Rule> rules(String production, String test) {
        try {
            return elb.describeRules(DescribeRulesRequest.builder()
                            .ruleArns(production, test)
                            .build())
                    .rules();
        } catch (RuleNotFoundException e) {
            return List.of(); // deleted by hand; the stack's own values are all there is
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
