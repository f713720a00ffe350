package dev.slipway.simulated.waf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** waf/latest/developerguide/waf-rule-statement-transformation.html. */
final class Transformations {
    private Transformations() {}

    static String apply(JsonNode transformations, String text) {
        List<JsonNode> ordered = new ArrayList<>();
        transformations.forEach(ordered::add);
        ordered.sort(Comparator.comparing(one -> one.path("Priority").asInt()));
        String transformed = text;
        for (JsonNode one : ordered) {
            transformed = switch (one.path("Type").asText()) {
                case "URL_DECODE" -> ManagedRuleGroups.decoded(transformed);
                case "NORMALIZE_PATH" -> normalized(transformed);
                default -> throw new UnsupportedOperationException("not modelled: " + one);
            };
        }
        return transformed;
    }

    /** Without multiple slashes, self references, and references backwards that are not at the beginning. */
    private static String normalized(String path) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return "/" + String.join("/", parts) + (path.endsWith("/") && !parts.isEmpty() ? "/" : "");
    }
}
