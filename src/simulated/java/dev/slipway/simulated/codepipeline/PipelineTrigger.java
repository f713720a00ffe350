package dev.slipway.simulated.codepipeline;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a push starts a pipeline. Source: CodePipeline user guide, "Add trigger with code push or pull request event
 * types": filters of a push hold all together, one of the patterns of each is enough, excludes win; and "Considerations for
 * glob patterns", which are those of the JDK.
 */
final class PipelineTrigger {
    private PipelineTrigger() {}

    /** Empty when it does; else a sentence about what does not match. */
    static String refuses(SimulatedPipeline pipeline, SourcePush push) {
        List<String> reasons = new ArrayList<>();
        for (JsonNode trigger : pipeline.properties().path("Triggers")) {
            for (JsonNode filter : trigger.path("GitConfiguration").path("Push")) {
                String reason = refuses(filter, push);
                if (reason.isEmpty()) {
                    return "";
                }
                reasons.add(reason);
            }
        }
        return reasons.isEmpty() ? "It has no trigger." : String.join(" ", reasons);
    }

    private static String refuses(JsonNode filter, SourcePush push) {
        if (!matches(filter.path("Branches"), List.of(push.branch()))) {
            return "The branch %s is none of its trigger's: %s.".formatted(push.branch(), patterns(filter, "Branches"));
        }
        if (!push.paths().isEmpty() && !matches(filter.path("FilePaths"), push.paths())) {
            return "No changed file is one of its trigger's: %s.".formatted(patterns(filter, "FilePaths"));
        }
        return "";
    }

    private static String patterns(JsonNode filter, String kind) {
        return String.join(", ", texts(filter.path(kind).path("Includes")));
    }

    private static boolean matches(JsonNode filter, List<String> values) {
        List<String> includes = texts(filter.path("Includes"));
        List<String> excludes = texts(filter.path("Excludes"));
        return values.stream().anyMatch(value -> (includes.isEmpty() || any(includes, value)) && !any(excludes, value));
    }

    private static boolean any(List<String> patterns, String value) {
        return patterns.stream()
                .anyMatch(pattern -> FileSystems.getDefault()
                        .getPathMatcher("glob:" + pattern)
                        .matches(Path.of(value)));
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
