package dev.slipway.simulated.codepipeline;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Variables in action configurations, {@code #{Source.CommitId}}. Source: CodePipeline user guide, "Variables reference": a
 * variable that cannot be resolved lets the action fail.
 */
final class PipelineVariables {
    private static final Pattern VARIABLE = Pattern.compile("#\\{([A-Za-z0-9@_-]+)\\.([A-Za-z0-9@_-]+)}");

    private PipelineVariables() {}

    /** The configuration of an action with its variables' values; {@code missing} gets those that have none. */
    static Map<String, String> resolve(SimulatedExecution execution, SimulatedAction action, StringBuilder missing) {
        Map<String, String> resolved = new LinkedHashMap<>();
        action.configuration().forEach((key, text) -> {
            Matcher matcher = VARIABLE.matcher(text);
            resolved.put(
                    key,
                    matcher.replaceAll(found -> Matcher.quoteReplacement(Optional.ofNullable(
                                    execution.variables.get(found.group(1)))
                            .map(variables -> variables.get(found.group(2)))
                            .orElseGet(() -> {
                                missing.append(missing.isEmpty() ? "" : ", ").append(found.group());
                                return "";
                            }))));
        });
        return resolved;
    }
}
