package dev.slipway.simulated.cloudwatch;

import dev.slipway.simulated.ecs.EcsServiceRecord;
import dev.slipway.simulated.ecs.EcsState;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.ecs.model.AdvancedConfiguration;

/**
 * AWS/ECS, the utilization of a service's tasks: an average over all of them, whatever release they run ("Amazon ECS CloudWatch
 * metrics"). How much CPU a request takes is the simulation's own: a quarter of a vCPU is busy with 1,200 a minute.
 */
final class UtilizationMetrics implements MetricSource {
    static final String NAMESPACE = "AWS/ECS";
    private static final double REQUESTS_PER_UNIT = 1200.0 / 256;
    private static final double MEMORY_PERCENT = 40;
    private static final long LATE_MILLIS = 180_000;

    private final EcsState ecs;
    private final MetricSource loadBalancing;
    private final Map<String, Double> memory = new HashMap<>();

    UtilizationMetrics(EcsState ecs, MetricSource loadBalancing) {
        this.ecs = ecs;
        this.loadBalancing = loadBalancing;
    }

    void memory(String service, double percent) {
        memory.put(service, percent);
    }

    @Override
    public @Nullable MetricSamples minute(MetricName metric, long start) {
        String cluster = metric.dimension("ClusterName");
        String service = metric.dimension("ServiceName");
        boolean late = ecs.aws.clock().instant().toEpochMilli() < start + MetricData.MINUTE + LATE_MILLIS;
        if (cluster == null || service == null || metric.dimensions().size() != 2 || late) {
            return null;
        }
        EcsServiceRecord found = ecs.services.get(ecs.aws.arn("ecs", "service/%s/%s".formatted(cluster, service)));
        if (found == null) {
            return null;
        }
        Set<List<String>> groups = new LinkedHashSet<>(); // load balancer and target group
        found.entries.stream()
                .flatMap(entry -> entry.revision.loadBalancers().stream())
                .filter(balancer -> balancer.advancedConfiguration() != null)
                .forEach(balancer -> {
                    AdvancedConfiguration pair = balancer.advancedConfiguration();
                    String loadBalancer = loadBalancer(pair.productionListenerRule());
                    groups.add(List.of(loadBalancer, balancer.targetGroupArn()));
                    groups.add(List.of(loadBalancer, pair.alternateTargetGroupArn()));
                });
        double requests = 0;
        double tasks = 0;
        for (List<String> group : groups) {
            MetricSamples counted = samples("RequestCount", group, start);
            MetricSamples hosts = samples("HealthyHostCount", group, start);
            requests += counted == null ? 0 : counted.sum();
            tasks += hosts == null ? 0 : hosts.maximum();
        }
        return switch (metric.name()) {
            case "CPUUtilization" ->
                tasks == 0 ? null : MetricSamples.of(Math.min(100, 100 * requests / tasks / busy(found)), tasks);
            case "MemoryUtilization" ->
                tasks == 0 ? null : MetricSamples.of(memory.getOrDefault(service, MEMORY_PERCENT), tasks);
            default -> null;
        };
    }

    /** {@code app/name/id} of a rule's ARN. */
    private static String loadBalancer(String rule) {
        String[] parts = rule.split("/");
        return String.join("/", parts[1], parts[2], parts[3]);
    }

    /** Requests a minute that keep a task of the service busy. */
    private double busy(EcsServiceRecord service) {
        Set<String> definitions = service.entries.stream()
                .map(entry -> entry.revision.taskDefinition())
                .collect(Collectors.toSet());
        return ecs.tasks.values().stream()
                        .filter(task -> definitions.contains(task.definition.taskDefinitionArn()))
                        .mapToDouble(task -> Double.parseDouble(task.definition.cpu()))
                        .max()
                        .orElse(256)
                * REQUESTS_PER_UNIT;
    }

    private @Nullable MetricSamples samples(String name, List<String> group, long start) {
        String targetGroup = group.getLast();
        return loadBalancing.minute(
                MetricName.of(
                        TrafficMetrics.NAMESPACE,
                        name,
                        List.of(
                                dimension("LoadBalancer", group.getFirst()),
                                dimension("TargetGroup", targetGroup.substring(targetGroup.indexOf("targetgroup/"))))),
                start);
    }

    private static Dimension dimension(String name, String value) {
        return Dimension.builder().name(name).value(value).build();
    }
}
