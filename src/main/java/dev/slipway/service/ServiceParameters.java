package dev.slipway.service;

import dev.slipway.environment.RouteClaim;
import dev.slipway.id.ServiceId;
import dev.slipway.release.ContainerSettings;
import dev.slipway.stack.StackChange.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** From a service's spec and what is live to the parameters of {@code stacks/service.yaml}: all of them, none besides. */
public final class ServiceParameters {
    /** Parameters that are the environment stack's outputs under the same names. */
    static final List<String> FROM_ENVIRONMENT = List.of(
            "VpcId",
            "TaskSubnets",
            "AssignPublicIp",
            "LoadBalancerSecurityGroup",
            "ListenerArn",
            "Cluster",
            "PermissionsBoundary");

    private ServiceParameters() {}

    /**
     * @param environment the outputs of the environment's stack
     * @param claim what the service has of the listener; its hosts and paths are the spec's
     * @param live observed just now: it goes back as it is, so that the apply moves no traffic and reverts no release
     * @param testHeader for a new stack, the secret that marks a test request, 16 to 128 letters, digits, {@code _} and
     *     {@code -}; an existing stack keeps its own
     */
    public static Map<String, Parameter> of(
            ServiceId id,
            ServiceSpec spec,
            Map<String, String> environment,
            RouteClaim claim,
            LiveTraffic live,
            @Nullable String testHeader) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        put(parameters, "Environment", id.environment());
        put(parameters, "Service", id.service());
        for (String name : FROM_ENVIRONMENT) {
            String value = environment.get(name);
            if (value == null) {
                throw new IllegalArgumentException("the stack of " + id.environment() + " has no output " + name);
            }
            put(parameters, name, value);
        }
        addLive(parameters, live);
        addRouting(parameters, spec.routing(), claim);
        parameters.put("TestHeaderValue", new Parameter.Previous(testHeader));
        put(parameters, "ContainerPort", spec.container().port());
        put(parameters, "GracePeriodSeconds", spec.gracePeriodSeconds());
        put(parameters, "LogRetentionDays", spec.logs().retentionDays());
        put(parameters, "KeepImages", spec.registry().keepImages());
        put(parameters, "RegistryPushers", String.join(",", spec.registry().pushFrom()));
        put(parameters, "SecretArns", secretArns(spec.container()));
        put(parameters, "AllowExec", spec.exec());
        return parameters;
    }

    private static void addLive(Map<String, Parameter> parameters, LiveTraffic live) {
        String taskDefinition = live.taskDefinition();
        put(parameters, "TaskDefinition", taskDefinition == null ? "" : taskDefinition);
        put(parameters, "LiveContainerPort", live.containerPort());
        put(parameters, "ProductionWeightA", live.productionWeightA());
        put(parameters, "ProductionWeightB", live.productionWeightB());
        put(parameters, "TestWeightA", live.testWeightA());
        put(parameters, "TestWeightB", live.testWeightB());
    }

    private static void addRouting(Map<String, Parameter> parameters, ServiceSpec.Routing routing, RouteClaim claim) {
        put(parameters, "RulePriority", claim.priority());
        put(parameters, "TestRulePriority", claim.priority() - 1);
        put(parameters, "Paths", String.join(",", claim.paths()));
        put(parameters, "Hosts", String.join(",", claim.hosts()));
        ServiceSpec.HealthCheck check = routing.healthCheck();
        put(parameters, "HealthCheckPath", check.path());
        put(parameters, "HealthCheckIntervalSeconds", check.intervalSeconds());
        put(parameters, "HealthCheckTimeoutSeconds", check.timeoutSeconds());
        put(parameters, "HealthyThreshold", check.healthyThreshold());
        put(parameters, "UnhealthyThreshold", check.unhealthyThreshold());
        put(parameters, "HealthCheckCodes", check.codes());
        put(parameters, "DrainingSeconds", routing.drainingSeconds());
    }

    /**
     * What the execution role must be able to read: each secret once, without the JSON key, stage and version that may
     * stand behind a Secrets Manager ARN, in alphabetical order so that the order of variables changes no stack.
     */
    static String secretArns(ContainerSettings container) {
        return secretArns(List.of(container));
    }

    /** {@link #secretArns(ContainerSettings)} of several: of the declared settings and of releases that may yet start. */
    static String secretArns(List<ContainerSettings> containers) {
        return containers.stream()
                .flatMap(container -> container.secrets().values().stream())
                .map(arn -> Arrays.stream(arn.split(":", -1)).limit(7).collect(Collectors.joining(":")))
                .distinct()
                .sorted()
                .collect(Collectors.joining(","));
    }

    private static void put(Map<String, Parameter> parameters, String name, Object value) {
        parameters.put(name, Parameter.of(String.valueOf(value)));
    }
}
