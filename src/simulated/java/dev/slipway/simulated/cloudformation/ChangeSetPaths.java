package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** Finds the values that differ between two declared values, each with its path, {@code /Properties/Actions/0/Type}. */
final class ChangeSetPaths {
    /** Gets one difference; a side that has no such value is missing. */
    interface Leaf {
        void differs(String path, JsonNode before, JsonNode after);
    }

    private ChangeSetPaths() {}

    static void leaves(String path, JsonNode before, JsonNode after, Leaf leaf) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            Set<String> names = new LinkedHashSet<>();
            addAll(names, before.fieldNames());
            addAll(names, after.fieldNames());
            names.forEach(name -> leaves(path + "/" + name, before.path(name), after.path(name), leaf));
        } else if (before.isArray() && after.isArray()) {
            for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
                leaves(path + "/" + i, item(before, i), item(after, i), leaf);
            }
        } else {
            leaf.differs(path, before, after);
        }
    }

    private static JsonNode item(JsonNode array, int index) {
        return index < array.size() ? array.get(index) : MissingNode.getInstance();
    }

    private static void addAll(Set<String> names, Iterator<String> more) {
        more.forEachRemaining(names::add);
    }
}
