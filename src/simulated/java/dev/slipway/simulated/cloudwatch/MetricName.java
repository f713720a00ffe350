package dev.slipway.simulated.cloudwatch;

import dev.slipway.simulated.traffic.TrafficRandom;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;

/**
 * A metric: "metrics are uniquely defined by a name, a namespace, and zero or more dimensions".
 *
 * @param hash of name and dimensions, for the dice that belong to the metric
 */
record MetricName(String namespace, String name, SortedMap<String, String> dimensions, long hash) {
    static MetricName of(String namespace, String name, List<Dimension> dimensions) {
        SortedMap<String, String> sorted = new TreeMap<>();
        dimensions.forEach(dimension -> sorted.put(dimension.name(), dimension.value()));
        return new MetricName(namespace, name, sorted, TrafficRandom.hash(name + sorted));
    }

    @Nullable
    String dimension(String name) {
        return dimensions.get(name);
    }
}
