package dev.slipway.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured at one time.
 *
 * @param dimensions by name. Each combination of them makes a metric of its own, which is paid for: each has few values, known beforehand,
 *     and never a name that callers choose
 * @param values by the metric's name
 * @param properties what the line has beside, to be searched for; nothing secret
 */
public record Sample(Map<String, String> dimensions, Map<String, Value> values, Map<String, String> properties) {
    /** A number with its unit. */
    public record Value(Unit unit, double number) {}

    /** As CloudWatch spells them. */
    public enum Unit {
        COUNT("Count"),
        SECONDS("Seconds");

        private final String name;

        Unit(String name) {
            this.name = name;
        }

        String spelled() {
            return name;
        }
    }

    /** Nothing yet. */
    public Sample() {
        this(Map.of(), Map.of(), Map.of());
    }

    public Sample by(String dimension, String value) {
        return new Sample(with(dimensions, dimension, value), values, properties);
    }

    public Sample by(String dimension, Enum<?> value) {
        return by(dimension, value.name());
    }

    public Sample value(String metric, Unit unit, double number) {
        return new Sample(dimensions, with(values, metric, new Value(unit, number)), properties);
    }

    /** The same without it where the value is null. */
    public Sample property(String name, @Nullable String value) {
        return value == null ? this : new Sample(dimensions, values, with(properties, name, value));
    }

    private static <T> Map<String, T> with(Map<String, T> map, String name, T value) {
        Map<String, T> more = new LinkedHashMap<>(map);
        more.put(name, value);
        return Collections.unmodifiableMap(more);
    }
}
