package dev.slipway.service;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.TargetHealthReader;
import dev.slipway.id.ServiceId;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/**
 * Which task definitions get the production requests: by the weights of the listener's rule and, within a target group, by the
 * tasks that the load balancer sends requests to. A task that is still starting, or fails its checks, gets none.
 */
record TrafficShares(EcsClient ecs, ElasticLoadBalancingV2Client elb) {
    /**
     * Percentages by task definition, in the order of the service's deployments; empty when nobody is served. While nothing is
     * being deployed, AWS is not asked.
     *
     * @param weights by target group
     */
    Map<String, Double> of(ServiceId id, Service service, Map<String, Integer> weights) {
        if (EcsDeployments.isSteady(service)) {
            return service.runningCount() > 0 ? Map.of(service.taskDefinition(), 100.0) : Map.of();
        }
        double all = weights.values().stream().mapToInt(Integer::intValue).sum();
        Map<String, Double> byAddress = new HashMap<>();
        weights.forEach((group, weight) -> {
            if (weight > 0) {
                List<String> addresses = receiving(group);
                addresses.forEach(
                        address -> byAddress.merge(address, 100 * weight / all / addresses.size(), Double::sum));
            }
        });
        return byAddress.isEmpty()
                ? Map.of()
                : byTaskDefinition(
                        service,
                        byAddress,
                        new EcsDeployments(ecs).tasks(id, DesiredStatus.RUNNING, Integer.MAX_VALUE));
    }

    private static Map<String, Double> byTaskDefinition(
            Service service, Map<String, Double> byAddress, Collection<Task> tasks) {
        Map<String, Double> found = new HashMap<>();
        for (Task task : tasks) {
            EcsDeployments.address(task)
                    .map(byAddress::get)
                    .ifPresent(percent -> found.merge(task.taskDefinitionArn(), percent, Double::sum));
        }
        Map<String, Double> sorted = new LinkedHashMap<>();
        service.deployments().stream().map(Deployment::taskDefinition).forEach(definition -> {
            Double percent = found.get(definition);
            if (percent != null) {
                sorted.put(definition, Math.round(percent * 10) / 10.0);
            }
        });
        return sorted;
    }

    /**
     * The addresses that a target group sends requests to: the healthy ones or, where there is none, all but those that drain.
     * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
     */
    private List<String> receiving(String group) {
        List<TargetHealthDescription> targets = new TargetHealthReader(elb).of(group);
        List<String> healthy = addresses(targets, List.of(TargetHealthStateEnum.HEALTHY));
        return healthy.isEmpty()
                ? addresses(targets, List.of(TargetHealthStateEnum.INITIAL, TargetHealthStateEnum.UNHEALTHY))
                : healthy;
    }

    private static List<String> addresses(List<TargetHealthDescription> targets, List<TargetHealthStateEnum> states) {
        return targets.stream()
                .filter(target -> states.contains(target.targetHealth().state()))
                .map(target -> target.target().id())
                .toList();
    }
}
