package dev.slipway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The description of the API, OpenAPI 3.1, as one document: {@code META-INF/openapi.yaml} with the schemas of the specs in it.
 * What a caller may leave out has no {@code default} here, since generators of clients take such a key for one that is always
 * there; its default is told in the key's description.
 */
final class ApiDescription {
    private static final String SOURCE = "/META-INF/openapi.yaml";
    private static final String SCHEMA_REFERENCE = "/schemas/";

    private final ObjectNode document;

    private ApiDescription(ObjectNode document) {
        this.document = document;
    }

    static ApiDescription load() {
        ObjectNode document = (ObjectNode) read(yaml(), SOURCE);
        ObjectNode schemas = (ObjectNode) document.at("/components/schemas");
        schemas.properties().forEach(schema -> {
            String reference = schema.getValue().path("$ref").asText();
            if (reference.startsWith(SCHEMA_REFERENCE)) {
                schema.setValue(embedded(reference));
            }
        });
        prepare(schemas);
        return new ApiDescription(document);
    }

    JsonNode document() {
        return document;
    }

    /** The methods of the operations at a path of a request, in capitals. */
    Set<String> methods(String path) {
        Set<String> methods = new TreeSet<>();
        document.path("paths").properties().stream()
                .filter(described ->
                        path.matches(described.getKey().replace(".", "\\.").replaceAll("\\{[^}]+}", "[^/]+")))
                .forEach(described -> described
                        .getValue()
                        .fieldNames()
                        .forEachRemaining(method -> methods.add(method.toUpperCase(Locale.ROOT))));
        return methods;
    }

    String asJson() {
        return write(new ObjectMapper());
    }

    String asYaml() {
        return write(yaml());
    }

    private String write(ObjectMapper mapper) {
        try {
            return mapper.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A spec's schema as a component: its own identifier would make it a document of its own. */
    private static JsonNode embedded(String path) {
        ObjectNode schema = (ObjectNode) read(new ObjectMapper(), path);
        schema.remove("$schema");
        schema.remove("$id");
        return schema;
    }

    /** Titles are the words of error messages; generators would make names of types from them. */
    private static void prepare(JsonNode schema) {
        schema.forEach(ApiDescription::prepare);
        JsonNode value = schema.path("default");
        if (schema instanceof ObjectNode object && schema.has("type") && !value.isMissingNode()) {
            object.remove("default");
            String description = object.path("description").asText();
            object.put("description", (description + " Default: " + value + ".").strip());
        }
        if (schema instanceof ObjectNode object && schema.path("title").isTextual()) {
            object.remove("title");
        }
    }

    private static ObjectMapper yaml() {
        return new ObjectMapper(YAMLFactory.builder()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                .build());
    }

    private static JsonNode read(ObjectMapper mapper, String path) {
        try (InputStream content = ApiDescription.class.getResourceAsStream(path)) {
            if (content == null) {
                throw new IllegalStateException(path + " is missing from the build");
            }
            return mapper.readTree(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
