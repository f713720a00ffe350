package dev.slipway.simulated.cloudwatch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * AWS/Events, TriggeredRules of a rule: "the number of rules that have run and matched with any event" ("Monitoring Amazon
 * EventBridge"). Of patterns it knows lists of values, {@code prefix} and {@code $or}.
 */
final class EventMetrics implements MetricSource {
    static final String NAMESPACE = "AWS/Events";

    private final Map<String, JsonNode> rules = new TreeMap<>();
    private final Map<String, Map<Long, Integer>> matched = new TreeMap<>();

    EventMetrics(SimulatedAws aws) {
        aws.subscribe(
                event -> {
                    count(event, aws.clock().instant().toEpochMilli());
                    return false;
                },
                _ -> {});
    }

    void rule(String name, @Nullable JsonNode pattern) {
        if (pattern == null) {
            rules.remove(name);
        } else {
            rules.put(name, pattern);
        }
    }

    private void count(JsonNode event, long now) {
        long minute = now / MetricData.MINUTE * MetricData.MINUTE;
        rules.forEach((name, pattern) -> {
            if (matches(pattern, event)) {
                matched.computeIfAbsent(name, _ -> new TreeMap<>()).merge(minute, 1, Integer::sum);
            }
        });
    }

    @Override
    public @Nullable MetricSamples minute(MetricName metric, long start) {
        Integer count =
                metric.name().equals("TriggeredRules") && metric.dimensions().size() == 1
                        ? matched.getOrDefault(String.valueOf(metric.dimension("RuleName")), Map.of())
                                .get(start)
                        : null;
        return count == null ? null : MetricSamples.of(1, count);
    }

    static boolean matches(JsonNode pattern, JsonNode event) {
        return pattern.properties().stream().allMatch(entry -> {
            JsonNode wanted = entry.getValue();
            if (entry.getKey().equals("$or")) {
                return anyOf(wanted, one -> matches(one, event));
            }
            JsonNode value = event.path(entry.getKey());
            if (wanted.isObject()) {
                return matches(wanted, value);
            }
            return value.isArray()
                    ? anyOf(value, one -> anyOf(wanted, filter -> fits(filter, one)))
                    : anyOf(wanted, filter -> fits(filter, value));
        });
    }

    private static boolean anyOf(JsonNode list, Predicate<JsonNode> test) {
        for (JsonNode one : list) {
            if (test.test(one)) {
                return true;
            }
        }
        return false;
    }

    private static boolean fits(JsonNode filter, JsonNode value) {
        return filter.isObject()
                ? value.asText().startsWith(filter.path("prefix").asText("\0"))
                : value.asText("\0").equals(filter.asText());
    }
}
