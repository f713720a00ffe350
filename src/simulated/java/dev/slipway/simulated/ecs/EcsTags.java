package dev.slipway.simulated.ecs;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.ecs.model.Tag;

/** The tags of ECS resources by ARN. */
final class EcsTags {
    private final Map<String, Map<String, String>> tags = new HashMap<>();

    void put(String arn, List<Tag> added) {
        if (!added.isEmpty()) {
            Map<String, String> all = tags.computeIfAbsent(arn, key -> new TreeMap<>());
            added.forEach(tag -> all.put(tag.key(), tag.value() == null ? "" : tag.value()));
        }
    }

    void remove(String arn, List<String> keys) {
        tags.getOrDefault(arn, new TreeMap<>()).keySet().removeAll(keys);
    }

    List<Tag> of(String arn) {
        return tags.getOrDefault(arn, Map.of()).entrySet().stream()
                .map(entry -> Tag.builder()
                        .key(entry.getKey())
                        .value(entry.getValue())
                        .build())
                .toList();
    }
}
