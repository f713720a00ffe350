package dev.slipway.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What one spec says otherwise than another, setting by setting. */
public final class SettingDifference {
    private SettingDifference() {}

    /** By path, such as {@code routing.healthCheck.path}; values are JSON texts. Lists are compared as a whole. */
    public static Map<String, Plan.Change> between(JsonNode before, JsonNode after, Set<String> without) {
        Map<String, Plan.Change> changes = new TreeMap<>();
        for (String name : names(before, after)) {
            if (!without.contains(name)) {
                compare(name, before.path(name), after.path(name), changes);
            }
        }
        return changes;
    }

    private static void compare(String path, JsonNode before, JsonNode after, Map<String, Plan.Change> changes) {
        if (before.equals(after)) {
            return;
        }
        boolean inner = (before.isObject() || before.isMissingNode()) && (after.isObject() || after.isMissingNode());
        if (inner && before.size() + after.size() > 0) {
            names(before, after)
                    .forEach(name -> compare(path + "." + name, before.path(name), after.path(name), changes));
            return;
        }
        changes.put(path, new Plan.Change(text(before), text(after)));
    }

    private static @Nullable String text(JsonNode value) {
        return value instanceof MissingNode ? null : value.toString();
    }

    private static Set<String> names(JsonNode before, JsonNode after) {
        Set<String> names = new TreeSet<>();
        before.fieldNames().forEachRemaining(names::add);
        after.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
