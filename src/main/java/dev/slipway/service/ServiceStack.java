package dev.slipway.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Plan;
import dev.slipway.routing.RouteClaim;
import dev.slipway.scaling.CronSchedule;
import dev.slipway.scaling.ScalingSettings;
import dev.slipway.scaling.ScalingSettings.Limits;
import dev.slipway.scaling.ScalingSettings.Schedule;
import dev.slipway.stack.Parameters;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.StackPhase;
import dev.slipway.stack.StackState;
import dev.slipway.stack.Tags;
import dev.slipway.stack.Template;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a service's spec, and what is live of it, mean for its stack, {@code stacks/service.yaml}. */
public final class ServiceStack {
    private static final String LISTENER = "ListenerArn";
    private static final String FIRST_GROUP = "FirstTargetGroup";
    private static final String FORCE = "ForceDeployment";
    private static final String SPOT_PERCENT = "SpotPercent";
    private static final String ON_DEMAND_BASE = "OnDemandBase";

    /** Parameters that are the environment stack's outputs under the same names. */
    static final List<String> FROM_ENVIRONMENT = List.of(
            "VpcId",
            "TaskSubnets",
            "AssignPublicIp",
            "LoadBalancerSecurityGroup",
            LISTENER,
            "Cluster",
            "PermissionsBoundary");

    /** Likewise, of an environment that has it; empty for others. */
    static final String ALARM_TOPIC = "AlarmTopic";

    private static final List<String> RULES = List.of(LiveObserver.PRODUCTION, LiveObserver.TEST);

    /** The output that is there when the service scales. */
    static final String SCALABLE_TARGET = "ScalableTarget";

    private static final String MIN_CAPACITY = "MinCapacity";
    private static final String MAX_CAPACITY = "MaxCapacity";
    /** As many as the template has parameters for. */
    private static final int SCHEDULES = 6;

    private static final String FIRST_COPY = "a";
    private static final String SECOND_COPY = "b";

    private final Template template = Template.named("service");
    private final ObjectMapper json;
    private final String hookFunction;
    private final String playbooks;

    /**
     * @param hookFunction ARN of the function that ECS may ask during deployments
     * @param playbooks address before the names of the playbooks
     */
    public ServiceStack(ObjectMapper json, String hookFunction, String playbooks) {
        this.json = json;
        this.hookFunction = hookFunction;
        this.playbooks = playbooks;
    }

    ServiceSpec spec(Plan plan) {
        return json.convertValue(plan.spec(), ServiceSpec.class);
    }

    /**
     * The stack as the spec wants it, with what is live handed through.
     *
     * @param testHeader the secret that marks test requests, used when the stack is new
     * @param expected the digest of the only difference that may be executed, or null for any
     */
    StackChange change(
            ServiceId id,
            ServiceSpec spec,
            EnvironmentRecord environment,
            RouteClaim claim,
            LiveTraffic live,
            String testHeader,
            Operation operation,
            @Nullable String expected,
            Instant now) {
        Map<String, Parameter> parameters =
                new LinkedHashMap<>(parameters(id, spec, environment.outputs(), claim, live, testHeader, now));
        parameters.put("HookFunction", Parameter.of(hookFunction));
        parameters.put("Playbooks", Parameter.of(playbooks));
        return new StackChange(
                id.stackName(),
                template.body(),
                parameters,
                tags(id, spec, environment),
                false,
                operation.allow(),
                expected,
                operation.id());
    }

    /** The tags of the stack, which CloudFormation gives to what it makes. */
    Map<String, String> tags(ServiceId id, ServiceSpec spec, EnvironmentRecord environment) {
        return Tags.of(
                Map.of(
                        "slipway:environment",
                        id.environment(),
                        "slipway:service",
                        id.service(),
                        StackChange.TEMPLATE_TAG,
                        template.version()),
                environment.declared().tags(),
                spec.tags());
    }

    /**
     * All parameters of the template but for those that are the same for every service.
     *
     * @param environment the outputs of the environment's stack
     * @param claim what the service has of the listener; its hosts and paths are the spec's
     * @param live observed just now: it goes back as it is, so that the apply moves no traffic and reverts no release
     * @param testHeader for a new stack, the secret that marks a test request, 16 to 128 letters, digits, {@code _} and
     *     {@code -}; an existing stack keeps its own
     */
    static Map<String, Parameter> parameters(
            ServiceId id,
            ServiceSpec spec,
            Map<String, String> environment,
            RouteClaim claim,
            LiveTraffic live,
            @Nullable String testHeader,
            Instant now) {
        Parameters parameters =
                new Parameters().put("Environment", id.environment()).put("Service", id.service());
        for (String name : FROM_ENVIRONMENT) {
            String value = environment.get(name);
            if (value == null) {
                throw new IllegalArgumentException("the stack of " + id.environment() + " has no output " + name);
            }
            parameters.put(name, value);
        }
        live(live).forEach(parameters::put);
        scaling(spec.scaling(), live, now, parameters);
        alarms(spec, parameters);
        parameters
                .put(ALARM_TOPIC, environment.get(ALARM_TOPIC))
                .put("LoadBalancer", loadBalancer(Objects.requireNonNull(environment.get(LISTENER))));
        ServiceSpec.HealthCheck check = spec.routing().healthCheck();
        return parameters
                .put("RulePriority", claim.priority())
                .put("TestRulePriority", claim.priority() - 1)
                .keep(copy(LiveObserver.PRODUCTION), FIRST_COPY)
                .keep(copy(LiveObserver.TEST), FIRST_COPY)
                .put("Paths", claim.paths())
                .put("Hosts", claim.hosts())
                .put("HealthCheckPath", check.path())
                .put("HealthCheckIntervalSeconds", check.intervalSeconds())
                .put("HealthCheckTimeoutSeconds", check.timeoutSeconds())
                .put("HealthyThreshold", check.healthyThreshold())
                .put("UnhealthyThreshold", check.unhealthyThreshold())
                .put("HealthCheckCodes", check.codes())
                .put("DrainingSeconds", spec.routing().drainingSeconds())
                .keep("TestHeaderValue", testHeader)
                .put("ContainerPort", spec.container().port())
                .put("GracePeriodSeconds", spec.gracePeriodSeconds())
                .put("LogRetentionDays", spec.logs().retentionDays())
                .put("KeepImages", spec.registry().keepImages())
                .put("RegistryPushers", spec.registry().pushFrom())
                .put("AllowExec", spec.exec())
                .keep(FORCE, "false")
                .put(SPOT_PERCENT, spec.capacity().spotPercent())
                .put("OnDemandPercent", 100 - spec.capacity().spotPercent())
                .put(ON_DEMAND_BASE, spec.capacity().onDemandBase())
                .values();
    }

    /**
     * What scaling means for the stack. Registering a service, and every update of that, sets the number of tasks to one within the
     * limits, so the stack gets those that hold now; of a service that begins to scale such that nothing changes.
     */
    private static void scaling(
            @Nullable ScalingSettings scaling, LiveTraffic live, Instant now, Parameters parameters) {
        parameters.put("Scaling", scaling != null);
        if (scaling != null && live.limits() == null) {
            boolean running = live.taskDefinition() != null;
            Limits initial =
                    running ? scaling.limits(now).including(live.tasks()) : new Limits(scaling.min(), scaling.max());
            parameters.put(MIN_CAPACITY, initial.min()).put(MAX_CAPACITY, initial.max());
        } else if (live.limits() == null) {
            parameters.keep(MIN_CAPACITY, "1").keep(MAX_CAPACITY, "1");
        }
        parameters
                .put("CpuTarget", scaling == null ? 0 : orZero(scaling.cpuPercent()))
                .put("MemoryTarget", scaling == null ? 0 : orZero(scaling.memoryPercent()))
                .put("RequestsTarget", scaling == null ? 0 : orZero(scaling.requestsPerTask()))
                .put("ScaleOutCooldown", scaling == null ? 300 : scaling.scaleOutCooldownSeconds())
                .put("ScaleInCooldown", scaling == null ? 300 : scaling.scaleInCooldownSeconds());
        List<Schedule> schedules = scaling == null ? List.of() : scaling.schedules();
        for (int at = 0; at < SCHEDULES; at++) {
            parameters.put("Schedule" + (at + 1), at < schedules.size() ? text(schedules.get(at)) : "");
        }
    }

    /** What decides which resources the stack of a service has that is live. */
    static Map<String, String> resources(ServiceSpec spec, Instant now) {
        Parameters parameters = new Parameters().put("TaskDefinition", "live");
        scaling(spec.scaling(), LiveTraffic.initial(0), now, parameters);
        alarms(spec, parameters);
        return Parameters.given(parameters.values());
    }

    private static void alarms(ServiceSpec spec, Parameters parameters) {
        ServiceSpec.Alarms alarms = spec.alarms();
        parameters
                .put("Alarms", alarms.enabled())
                .put("Dashboard", alarms.dashboard())
                .put("FailedPercent", number(alarms.failedPercent()))
                .put("SlowSeconds", number(alarms.slowSeconds()))
                .put("CpuPercent", alarms.cpuPercent())
                .put("MemoryPercent", alarms.memoryPercent())
                .put("Unattended", spec.mayBeEmpty())
                .put("MostTasks", spec.scaling() == null ? 0 : spec.scaling().watchedMaximum());
    }

    /** What the metrics of a listener's load balancer are named by: {@code app/slipway-dev/50dc6c495c0c9188}. */
    static String loadBalancer(String listener) {
        String[] parts = listener.split("/", -1);
        if (parts.length < 4) {
            throw new IllegalArgumentException("no listener of a load balancer: " + listener);
        }
        return String.join("/", parts[1], parts[2], parts[3]);
    }

    /** As few digits as it needs. */
    private static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    private static int orZero(@Nullable Integer target) {
        return target == null ? 0 : target;
    }

    /** A schedule as the template takes it apart. */
    private static String text(Schedule schedule) {
        return String.join(
                "|",
                schedule.name(),
                CronSchedule.aws(schedule.start()),
                schedule.timeZone(),
                Integer.toString(schedule.min()),
                Integer.toString(schedule.max()));
    }

    /** The parameters that tell what is live, in the stack's words. */
    private static Map<String, String> live(LiveTraffic live) {
        Map<String, String> values = new LinkedHashMap<>();
        String taskDefinition = live.taskDefinition();
        values.put("TaskDefinition", taskDefinition == null ? "" : taskDefinition);
        values.put("LiveContainerPort", Integer.toString(live.containerPort()));
        values.put(FIRST_GROUP, live.firstGroup());
        values.put("ProductionWeightA", Integer.toString(live.productionWeightA()));
        values.put("ProductionWeightB", Integer.toString(live.productionWeightB()));
        values.put("TestWeightA", Integer.toString(live.testWeightA()));
        values.put("TestWeightB", Integer.toString(live.testWeightB()));
        if (live.limits() != null) {
            values.put(MIN_CAPACITY, Integer.toString(live.limits().min()));
            values.put(MAX_CAPACITY, Integer.toString(live.limits().max()));
        }
        return values;
    }

    /** The same change as it will look once what is live has been committed to the stack: what a plan shows. */
    static StackChange asIfSynced(StackChange change, StackState stack) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(change.parameters());
        Stream.concat(Stream.of(LISTENER), live(LiveTraffic.initial(0).withLimits(new Limits(1, 1))).keySet().stream())
                .filter(stack.parameters()::containsKey)
                .forEach(name -> parameters.put(name, new Parameter.Previous(null)));
        return new StackChange(
                change.stackName(),
                change.template(),
                parameters,
                change.tags(),
                change.terminationProtection(),
                change.allowed(),
                change.expectedDigest(),
                change.token());
    }

    /**
     * The sync update that commits what is live to the stack as it is. CloudFormation compares template with template,
     * and a failed update puts the previous values back: without this, both would undo releases and move traffic.
     *
     * <p>A sync that failed leaves the stack in the middle of an update. Until one has succeeded, a rollback would go back
     * to before it, so everything is committed again whatever the stack says.
     *
     * <p>A rule that somebody has deleted is made anew by the same update, as the other of its two resources. And the rules move to
     * the listener that the environment has for its services now, likewise: the ones there stand before the ones here go. ECS is told of new rules by a rolling deployment, which has to name the live target group first, to stay in it.
     *
     * <p>So does the deployment by which ECS takes another share of Spot. The change that follows brings that share; that the
     * deployment is forced, also when the change is rolled back, is committed before it, and taken back by the next sync.
     *
     * @param listener the environment's; null to stay on the present one
     * @param capacity that the service is to have next; null for that of the stack
     * @param resources physical ids of the stack's resources by their logical ones; asked for where a rule is missing
     * @return null when the stack tells the truth already
     */
    static @Nullable StackChange sync(
            ServiceId id,
            StackState stack,
            LiveTraffic live,
            @Nullable String listener,
            ServiceSpec.@Nullable Capacity capacity,
            Map<String, String> resources,
            String token) {
        Map<String, String> truth = new LinkedHashMap<>(live(live));
        String elsewhere = listener != null && isElsewhere(stack, listener) ? listener : null;
        boolean forces = capacity != null && live.taskDefinition() != null && isOther(stack, capacity);
        truth.put(FORCE, Boolean.toString(forces));
        if (elsewhere != null || forces) {
            truth.put(FIRST_GROUP, live.productionWeightB() > live.productionWeightA() ? "B" : "A");
        }
        Map<String, Parameter> stale = new LinkedHashMap<>();
        truth.forEach((name, value) -> {
            String known = stack.parameters().get(name);
            if (known != null && (!known.equals(value) || stack.phase() == StackPhase.UPDATE_FAILED)) {
                stale.put(name, Parameter.of(value));
            }
        });
        live.missingRules().forEach((rule, arn) -> {
            String other = makesRules(stack) ? otherCopy(rule, arn, resources, stack) : null;
            if (other != null) {
                stale.put(copy(rule), Parameter.of(other));
            }
        });
        if (elsewhere != null) {
            stale.put(LISTENER, Parameter.of(elsewhere));
            RULES.forEach(rule -> stale.put(copy(rule), Parameter.of(otherCopy(rule, stack))));
        }
        return stale.isEmpty() ? null : StackChange.sync(id.stackName(), stale, "sync-" + token);
    }

    /** Whether the rules of a stack are on another listener than this. */
    private static boolean isElsewhere(StackState stack, String listener) {
        String known = stack.parameters().get(LISTENER);
        return known != null && !known.equals(listener);
    }

    /** Whether the tasks of a stack are shared out in another way than this. */
    private static boolean isOther(StackState stack, ServiceSpec.Capacity capacity) {
        String percent = stack.parameters().get(SPOT_PERCENT);
        String base = stack.parameters().get(ON_DEMAND_BASE);
        return percent != null
                && base != null
                && !capacity.sharesLike(new ServiceSpec.Capacity(Integer.parseInt(percent), Integer.parseInt(base)));
    }

    /** Whether the stack can make a rule anew; one of an earlier template has to be applied first, one whose deletion failed is no more. */
    static boolean makesRules(StackState stack) {
        return stack.phase().holdsResources() && stack.parameters().containsKey(copy(LiveObserver.PRODUCTION));
    }

    /**
     * The resource that makes a rule anew is the one that does not have its ARN: an attempt that failed, or a late answer, may have
     * the parameter say something else. Null when the stack has another rule than the one that was looked for.
     */
    private static @Nullable String otherCopy(
            String rule, String arn, Map<String, String> resources, StackState stack) {
        String first = resources.get(rule);
        String second = resources.get(rule + "B");
        if (arn.equals(first)) {
            return SECOND_COPY;
        }
        if (arn.equals(second)) {
            return FIRST_COPY;
        }
        if (first != null || second != null) {
            return null;
        }
        return otherCopy(rule, stack);
    }

    private static String otherCopy(String rule, StackState stack) {
        return FIRST_COPY.equals(stack.parameters().get(copy(rule))) ? SECOND_COPY : FIRST_COPY;
    }

    /** The parameter that says which of its two resources a rule is. */
    private static String copy(String rule) {
        return rule + "Copy";
    }
}
