package dev.slipway.simulated.ecs;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.ecr.SimulatedEcr;
import dev.slipway.simulated.elb.SimulatedElb;
import dev.slipway.simulated.lambda.SimulatedLambda;
import dev.slipway.simulated.logs.SimulatedLogs;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.AdvancedConfiguration;
import software.amazon.awssdk.services.ecs.model.Cluster;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;

/** What the parts of the simulated ECS share. */
public final class EcsState {
    /** "View stopped task errors": stopped tasks can be described for about an hour. */
    private static final Duration STOPPED_TASKS_STAY = Duration.ofHours(1);

    public final SimulatedAws aws;
    final SimulatedElb elb;
    final SimulatedEcr ecr;
    final SimulatedLogs logs;
    final SimulatedLambda lambda;
    final EcsTags tags = new EcsTags();
    final EcsTaskDefinitions definitions;
    final Map<String, Cluster> clusters = new LinkedHashMap<>();
    /** By ARN; a deleted service stays as INACTIVE. */
    public final Map<String, EcsServiceRecord> services = new LinkedHashMap<>();
    /** By ARN: every task that lives, and those that stopped within the last hour. */
    public final Map<String, EcsTask> tasks = new LinkedHashMap<>();

    public final Map<String, EcsTask> tasksByIp = new LinkedHashMap<>();

    /** By the ARN of the listener rule that a service named for production, the first that named it. */
    public final Map<String, EcsServiceRecord> servicesByRule = new HashMap<>();
    /** ARNs of the listener rules that services named for tests. */
    public final Set<String> testRules = new HashSet<>();

    /** Services (by name) whose next rollback fails. */
    final Set<String> failingRollbacks = new HashSet<>();
    /** CloudWatch's state of an alarm by name: OK, ALARM or INSUFFICIENT_DATA. */
    UnaryOperator<String> alarmState = name -> "OK";

    EcsState(SimulatedAws aws, SimulatedElb elb, SimulatedEcr ecr, SimulatedLogs logs, SimulatedLambda lambda) {
        this.aws = aws;
        this.elb = elb;
        this.ecr = ecr;
        this.logs = logs;
        this.lambda = lambda;
        this.definitions = new EcsTaskDefinitions(aws, tags);
    }

    Cluster cluster(@Nullable String reference) {
        String name = reference == null ? "default" : reference.substring(reference.lastIndexOf('/') + 1);
        Cluster cluster = clusters.get(name);
        if (cluster == null) {
            throw EcsErrors.noCluster();
        }
        return cluster;
    }

    /** By name or ARN; null when there never was one. */
    @Nullable
    EcsServiceRecord service(@Nullable String cluster, String reference) {
        String name = reference.substring(reference.lastIndexOf('/') + 1);
        return services.get(serviceArn(cluster(cluster), name));
    }

    /** Notes which listener rules a service's revision names. */
    void index(EcsServiceRecord service, EcsRevision revision) {
        for (LoadBalancer balancer : revision.loadBalancers()) {
            AdvancedConfiguration advanced = balancer.advancedConfiguration();
            if (advanced != null) {
                servicesByRule.putIfAbsent(advanced.productionListenerRule(), service);
                testRules.add(advanced.testListenerRule());
            }
        }
    }

    /** Drops tasks that stopped more than an hour ago. */
    void forgetOldTasks() {
        Instant limit = aws.clock().instant().minus(STOPPED_TASKS_STAY);
        tasks.values().removeIf(task -> task.stoppedAt != null && task.stoppedAt.isBefore(limit));
    }

    String serviceArn(Cluster cluster, String name) {
        return aws.arn("ecs", "service/%s/%s".formatted(cluster.clusterName(), name));
    }
}
