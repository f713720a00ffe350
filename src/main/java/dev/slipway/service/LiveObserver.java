package dev.slipway.service;

import dev.slipway.target.ServiceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ClusterNotFoundException;
import software.amazon.awssdk.services.ecs.model.DescribeServicesRequest;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RuleNotFoundException;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupTuple;

/** Looks at what is live of a service: one call to ECS, one to the load balancer. */
final class LiveObserver {
    private final EcsClient ecs;
    private final ElasticLoadBalancingV2Client elb;

    LiveObserver(EcsClient ecs, ElasticLoadBalancingV2Client elb) {
        this.ecs = ecs;
        this.elb = elb;
    }

    /** The ECS service, when there is one that is active. */
    Optional<Service> service(ServiceId id) {
        try {
            return ecs
                    .describeServices(DescribeServicesRequest.builder()
                            .cluster(id.environmentId().cluster())
                            .services(id.service())
                            .build())
                    .services()
                    .stream()
                    .filter(service -> "ACTIVE".equals(service.status()))
                    .findFirst();
        } catch (ClusterNotFoundException e) {
            return Optional.empty();
        }
    }

    /**
     * What is live.
     *
     * @param outputs of the service's stack; without them there is nothing live yet
     * @param port what tasks would listen on where no service tells
     */
    LiveTraffic observe(ServiceId id, Map<String, String> outputs, int port) {
        LiveTraffic initial = LiveTraffic.initial(port);
        String production = outputs.get("ProductionRule");
        String test = outputs.get("TestRule");
        if (production == null || test == null) {
            return initial;
        }
        Optional<Service> service = service(id);
        List<Rule> rules = rules(production, test);
        String a = outputs.getOrDefault("TargetGroupA", "");
        String b = outputs.getOrDefault("TargetGroupB", "");
        return new LiveTraffic(
                service.map(Service::taskDefinition).orElse(null),
                service.filter(found -> !found.loadBalancers().isEmpty())
                        .map(found -> found.loadBalancers().getFirst().containerPort())
                        .orElse(port),
                weight(rules, production, a, initial.productionWeightA()),
                weight(rules, production, b, initial.productionWeightB()),
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
