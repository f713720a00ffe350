package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Set;

/** What a difference between declared properties means for the resource. */
final class ResourceChanges {
    private ResourceChanges() {}

    /** Top-level properties that differ, in the order of {@code before} and then {@code after}. */
    static Set<String> changed(ObjectNode before, ObjectNode after) {
        Set<String> names = new LinkedHashSet<>();
        before.fieldNames().forEachRemaining(names::add);
        after.fieldNames().forEachRemaining(names::add);
        names.removeIf(name -> before.path(name).equals(after.path(name)));
        return names;
    }

    static boolean replaces(String type, ObjectNode before, ObjectNode after) {
        ResourceType resourceType = ResourceType.of(type);
        for (String name : changed(before, after)) {
            if (resourceType.createOnly().contains(name)
                    || (resourceType.conditionallyCreateOnly().contains(name) && conditionHolds(name, before, after))) {
                return true;
            }
        }
        return false;
    }

    /**
     * LaunchType to a capacity provider strategy and back is an update in place since 2025, assumed; every other
     * conditional change replaces.
     */
    private static boolean conditionHolds(String name, ObjectNode before, ObjectNode after) {
        return !(name.equals("LaunchType")
                && (before.has("CapacityProviderStrategy") || after.has("CapacityProviderStrategy")));
    }
}
