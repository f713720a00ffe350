package dev.slipway.validation;

import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.EnvironmentSpec.ServiceDefaults;
import dev.slipway.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever stands where something else should, a spec is read or refused: a list without its dash, a number, nothing. */
class OddShapesTest {
    private static final List<String> SHAPES = List.of(
            "null",
            "true",
            "1",
            "-0",
            "1e308",
            "\"x\"",
            "[]",
            "[null]",
            "[1]",
            "[{}]",
            "[[1]]",
            "{}",
            "{\"a\": 1}",
            "{\"a\": null}",
            "{\"name\": \"a\"}",
            "{\"environment\": \"dev\"}");

    private static final AwsLocation HOME = new AwsLocation("123456789012", "eu-central-1");

    private final SpecReader reader = new SpecReader();
    private final ObjectMapper json = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"service", "environment", "pipeline"})
    void aSpecOfAnyShapeIsReadOrRefused(String kind) throws IOException {
        List<String> documents = new ArrayList<>();
        walk(json.readTree(Path.of("src/main/resources/schemas", kind + ".json").toFile()), "", "", documents);

        for (String document : documents) {
            assertThatCode(() -> read(kind, document))
                    .as(document)
                    .satisfiesAnyOf(
                            thrown -> org.assertj.core.api.Assertions.assertThat(thrown)
                                    .isNull(),
                            thrown -> org.assertj.core.api.Assertions.assertThat(thrown)
                                    .isInstanceOf(ProblemException.class));
        }
    }

    private void read(String kind, String document) {
        byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
        switch (kind) {
            case "service" ->
                reader.service(bytes, "application/json", new SpecReader.Place("dev", ServiceDefaults.NONE, _ -> true));
            case "environment" -> reader.environment(bytes, "application/json", HOME);
            default -> reader.pipeline(bytes, "application/json");
        }
    }

    /** A document for each place that a schema knows and each shape, between what leads there. */
    private static void walk(JsonNode schema, String before, String after, List<String> documents) {
        SHAPES.forEach(shape -> documents.add(before + shape + after));
        schema.path("properties")
                .properties()
                .forEach(property ->
                        walk(property.getValue(), before + "{\"" + property.getKey() + "\": ", "}" + after, documents));
        if (schema.path("items").isObject()) {
            walk(schema.path("items"), before + "[", "]" + after, documents);
        }
        if (schema.path("additionalProperties").isObject()) {
            walk(schema.path("additionalProperties"), before + "{\"NAME\": ", "}" + after, documents);
        }
    }
}
