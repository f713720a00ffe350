package dev.slipway.stack;

import dev.slipway.stack.StackChange.Parameter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The parameters of a template, put together one by one. */
public final class Parameters {
    private final Map<String, Parameter> values = new LinkedHashMap<>();

    /** @param value as text; null is the empty text, which templates take for none */
    public Parameters put(String name, @Nullable Object value) {
        values.put(name, Parameter.of(value == null ? "" : value.toString()));
        return this;
    }

    /** A list, with commas between. */
    public Parameters put(String name, List<String> elements) {
        return put(name, String.join(",", elements));
    }

    /** A secret: {@link Parameter.Previous}. */
    public Parameters keep(String name, @Nullable String initially) {
        values.put(name, new Parameter.Previous(initially));
        return this;
    }

    public Map<String, Parameter> values() {
        return Collections.unmodifiableMap(values);
    }

    /** The values that are given, without those that a stack keeps. */
    public static Map<String, String> given(Map<String, Parameter> parameters) {
        Map<String, String> values = new TreeMap<>();
        parameters.forEach((name, parameter) -> {
            if (parameter instanceof Parameter.Value(String value)) {
                values.put(name, value);
            }
        });
        return values;
    }
}
