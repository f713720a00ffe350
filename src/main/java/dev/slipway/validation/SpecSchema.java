package dev.slipway.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.regex.JDKRegularExpressionFactory;
import com.networknt.schema.regex.RegularExpression;
import dev.slipway.problem.Problem.FieldError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One of the JSON Schema files: what may stand in a document, and what is meant where nothing stands. */
final class SpecSchema {
    /**
     * The longest text that is held against a pattern. The JDK's matcher recurses on repeated groups, so a long text would exhaust
     * the stack. Every text with a pattern has a {@code maxLength} within this, which refuses it already.
     */
    static final int MAX_MATCHED_LENGTH = 1024;

    private final JsonNode source;
    private final Schema schema;

    private SpecSchema(JsonNode source) {
        this.source = source;
        SchemaRegistryConfig config = SchemaRegistryConfig.builder()
                .regularExpressionFactory(SpecSchema::bounded)
                .build();
        this.schema = SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_2020_12, registry -> registry.schemaRegistryConfig(config))
                .getSchema(source);
    }

    private static RegularExpression bounded(String pattern) {
        RegularExpression expression = JDKRegularExpressionFactory.getInstance().getRegularExpression(pattern);
        return value -> value.length() > MAX_MATCHED_LENGTH || expression.matches(value);
    }

    /** @param name of a file in {@code /schemas}, without its ending */
    static SpecSchema load(String name) {
        return new SpecSchema(resource("/schemas/" + name + ".json"));
    }

    /** A JSON file of the build. */
    static JsonNode resource(String path) {
        try (InputStream in = SpecSchema.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(path + " is missing from the build");
            }
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode source() {
        return source;
    }

    /** Every field that does not fit, once each, in the order of their pointers. */
    List<FieldError> errors(JsonNode document) {
        ValidationMessages wording = new ValidationMessages(source);
        Map<String, FieldError> byField = new TreeMap<>();
        schema.validate(document).stream()
                // A value of the wrong type breaks other rules too; the type is what has to be said.
                .sorted(Comparator.comparing(
                        (Error error) -> !error.getKeyword().equals("type")))
                .map(wording::of)
                .forEach(error -> byField.putIfAbsent(error.field(), error));
        return List.copyOf(byField.values());
    }

    /** A copy of the document with the schema's defaults where it says nothing. */
    JsonNode withDefaults(JsonNode document) {
        JsonNode copy = document.deepCopy();
        fill(copy, source);
        return copy;
    }

    private static void fill(JsonNode value, JsonNode schema) {
        if (value.isArray() && schema.path("items").isObject()) {
            value.forEach(item -> fill(item, schema.path("items")));
        }
        if (!(value instanceof ObjectNode object)) {
            return;
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            JsonNode inner = property.getValue();
            if (!object.has(property.getKey()) && inner.has("default")) {
                object.set(property.getKey(), inner.get("default").deepCopy());
            }
            fill(object.path(property.getKey()), inner);
        }
    }
}
