package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tags among a resource's properties. */
final class ResourceTags {
    private ResourceTags() {}

    static Map<String, String> of(ObjectNode properties) {
        Map<String, String> tags = new LinkedHashMap<>();
        properties
                .path("Tags")
                .forEach(tag ->
                        tags.put(tag.path("Key").asText(), tag.path("Value").asText()));
        return tags;
    }

    static List<String> removed(ObjectNode before, ObjectNode after) {
        Map<String, String> kept = of(after);
        return of(before).keySet().stream()
                .filter(key -> !kept.containsKey(key))
                .toList();
    }

    /**
     * Adds the stack's tags to a resource that takes tags; the resource's own win.
     * AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
     */
    static void inherit(ObjectNode properties, Map<String, String> stackTags) {
        Map<String, String> tags = new LinkedHashMap<>(stackTags);
        tags.putAll(of(properties));
        if (tags.isEmpty()) {
            return;
        }
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        tags.forEach((key, value) -> array.addObject().put("Key", key).put("Value", value));
        properties.set("Tags", array);
    }
}
