package dev.slipway.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.RouteClaim;
import dev.slipway.id.ServiceId;
import dev.slipway.plan.Plan;
import dev.slipway.release.ContainerSettings;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.StackChange.Parameter;
import dev.slipway.stack.StackPhase;
import dev.slipway.stack.StackState;
import dev.slipway.stack.Template;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a service's spec, and what is live of it, mean for its stack. */
public final class ServiceStack {
    private final Template template = Template.load("service");
    private final ObjectMapper json;
    private final String hookFunction;

    /** @param hookFunction ARN of the function that ECS may ask during deployments */
    public ServiceStack(ObjectMapper json, String hookFunction) {
        this.json = json;
        this.hookFunction = hookFunction;
    }

    ServiceSpec spec(Plan plan) {
        return json.convertValue(plan.spec(), ServiceSpec.class);
    }

    /**
     * The stack as the spec wants it, with what is live handed through.
     *
     * @param testHeader the secret that marks test requests, used when the stack is new
     * @param released container settings of the releases that are live and were before: their secrets stay readable, or a
     *     task of theirs that is replaced, or a rollback, could not start
     * @param expected the digest of the only difference that may be executed, or null for any
     */
    StackChange change(
            ServiceId id,
            ServiceSpec spec,
            EnvironmentRecord environment,
            RouteClaim claim,
            LiveTraffic live,
            String testHeader,
            List<ContainerSettings> released,
            Set<String> allowed,
            @Nullable String expected,
            String token) {
        Map<String, String> tags = new TreeMap<>(environment.declared().tags());
        tags.putAll(spec.tags());
        tags.put("slipway:environment", id.environment());
        tags.put("slipway:service", id.service());
        tags.put(StackChange.TEMPLATE_TAG, template.version());
        Map<String, Parameter> parameters =
                new LinkedHashMap<>(ServiceParameters.of(id, spec, environment.outputs(), claim, live, testHeader));
        List<ContainerSettings> readers = new ArrayList<>(released);
        readers.add(spec.container());
        parameters.put("HookFunction", Parameter.of(hookFunction));
        parameters.put("SecretArns", Parameter.of(ServiceParameters.secretArns(readers)));
        return new StackChange(id.stackName(), template.body(), parameters, tags, false, allowed, expected, token);
    }

    /** The same change as it will look once what is live has been committed to the stack: what a plan shows. */
    static StackChange asIfSynced(StackChange change, StackState stack) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(change.parameters());
        live(LiveTraffic.initial(0)).keySet().stream()
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
     * @return null when the stack tells the truth already
     */
    static @Nullable StackChange sync(ServiceId id, StackState stack, LiveTraffic live, String token) {
        Map<String, Parameter> stale = new LinkedHashMap<>();
        live(live).forEach((name, value) -> {
            String known = stack.parameters().get(name);
            if (known != null && (!known.equals(value) || stack.phase() == StackPhase.UPDATE_FAILED)) {
                stale.put(name, Parameter.of(value));
            }
        });
        return stale.isEmpty() ? null : StackChange.sync(id.stackName(), stale, "sync-" + token);
    }

    /** The parameters that tell what is live, in the stack's words. */
    private static Map<String, String> live(LiveTraffic live) {
        Map<String, String> values = new LinkedHashMap<>();
        String taskDefinition = live.taskDefinition();
        values.put("TaskDefinition", taskDefinition == null ? "" : taskDefinition);
        values.put("LiveContainerPort", Integer.toString(live.containerPort()));
        values.put("ProductionWeightA", Integer.toString(live.productionWeightA()));
        values.put("ProductionWeightB", Integer.toString(live.productionWeightB()));
        values.put("TestWeightA", Integer.toString(live.testWeightA()));
        values.put("TestWeightB", Integer.toString(live.testWeightB()));
        return values;
    }
}
