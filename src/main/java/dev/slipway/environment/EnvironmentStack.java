package dev.slipway.environment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.EnvironmentId;
import dev.slipway.plan.Plan;
import dev.slipway.stack.StackChange;
import dev.slipway.stack.Template;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an environment's spec means for its stack. */
public final class EnvironmentStack {
    private final Template template = Template.load("environment");
    private final String boundaryArn;
    private final ObjectMapper json;

    /** @param boundaryArn of the permission boundary that every role in the stacks gets */
    public EnvironmentStack(String boundaryArn, ObjectMapper json) {
        this.boundaryArn = boundaryArn;
        this.json = json;
    }

    EnvironmentSpec spec(Plan plan) {
        return json.convertValue(plan.spec(), EnvironmentSpec.class);
    }

    /** @param expected the digest of the only difference that may be executed, or null for any */
    StackChange change(
            EnvironmentId id, EnvironmentSpec spec, Set<String> allowed, @Nullable String expected, String token) {
        Map<String, String> tags = new TreeMap<>(spec.tags());
        tags.put("slipway:environment", id.environment());
        tags.put(StackChange.TEMPLATE_TAG, template.version());
        return new StackChange(
                id.stackName(),
                template.body(),
                EnvironmentParameters.of(id, spec, boundaryArn),
                tags,
                spec.terminationProtection(),
                allowed,
                expected,
                token);
    }
}
