package dev.slipway.stack;

import java.util.List;
import java.util.Map;

/**
 * What an earlier stack of the same name has left in the account because it holds data, and how a new stack takes it
 * over: by an import of its own, before everything else is made. The new stack could not create it, since the names are
 * taken, and it must own it, or no later change or deletion would reach it.
 *
 * @param template declares these resources and nothing else, just as the full template does: an import may contain
 *     nothing but what is imported (AWSCloudFormation/latest/UserGuide/resource-import.html), and a property that differed
 *     would be a change, or a replacement, in the update that follows
 * @param parameters all of that template's
 * @param resources empty when nothing is left
 */
public record Retained(String template, Map<String, String> parameters, List<Resource> resources) {
    /** Nothing stands in the way of a new stack. */
    public static final Retained NOTHING = new Retained("", Map.of(), List.of());

    public Retained {
        parameters = Map.copyOf(parameters);
        resources = List.copyOf(resources);
    }

    /**
     * One resource.
     *
     * @param property the type's primary identifier, for example {@code RepositoryName}
     * @param name its value
     */
    public record Resource(String logicalId, String type, String property, String name) {}

    boolean isEmpty() {
        return resources.isEmpty();
    }
}
