package dev.slipway.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.plan.Plan;
import dev.slipway.release.ContainerSettings;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** What changes in a container, setting by setting. */
final class ContainerDifference {
    private ContainerDifference() {}

    static Map<String, Plan.Change> between(ContainerSettings before, ContainerSettings after, ObjectMapper json) {
        if (before.equals(after)) {
            return new TreeMap<>();
        }
        JsonNode was = json.valueToTree(before);
        JsonNode will = json.valueToTree(after);
        TreeSet<String> names = new TreeSet<>();
        was.fieldNames().forEachRemaining(names::add);
        will.fieldNames().forEachRemaining(names::add);
        Map<String, Plan.Change> changes = new TreeMap<>();
        for (String name : names) {
            JsonNode old = was.get(name);
            JsonNode next = will.get(name);
            if (!Objects.equals(old, next)) {
                changes.put(
                        name,
                        new Plan.Change(old == null ? null : old.toString(), next == null ? null : next.toString()));
            }
        }
        return changes;
    }
}
