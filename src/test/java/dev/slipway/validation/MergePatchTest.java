package dev.slipway.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MergePatchTest {
    /** The cases of RFC 7396, appendix A, and some of specs. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"a\":\"b\"}; {\"a\":\"c\"}; {\"a\":\"c\"}",
                "{\"a\":\"b\"}; {\"b\":\"c\"}; {\"a\":\"b\",\"b\":\"c\"}",
                "{\"a\":\"b\"}; {\"a\":null}; {}",
                "{\"a\":\"b\",\"b\":\"c\"}; {\"a\":null}; {\"b\":\"c\"}",
                "{\"a\":[\"b\"]}; {\"a\":\"c\"}; {\"a\":\"c\"}",
                "{\"a\":\"c\"}; {\"a\":[\"b\"]}; {\"a\":[\"b\"]}",
                "{\"a\":{\"b\":\"c\"}}; {\"a\":{\"b\":\"d\",\"c\":null}}; {\"a\":{\"b\":\"d\"}}",
                "{\"a\":[{\"b\":\"c\"}]}; {\"a\":[1]}; {\"a\":[1]}",
                "[\"a\",\"b\"]; [\"c\",\"d\"]; [\"c\",\"d\"]",
                "{\"a\":\"b\"}; [\"c\"]; [\"c\"]",
                "{\"a\":\"foo\"}; null; null",
                "{\"a\":\"foo\"}; \"bar\"; \"bar\"",
                "{\"e\":null}; {\"a\":1}; {\"e\":null,\"a\":1}",
                "[1,2]; {\"a\":\"b\",\"c\":null}; {\"a\":\"b\"}",
                "{}; {\"a\":{\"bb\":{\"ccc\":null}}}; {\"a\":{\"bb\":{}}}",
                "{\"count\":2}; {\"count\":{\"min\":null,\"max\":3}}; {\"count\":{\"max\":3}}",
                "{\"a\":[1,2,3]}; {\"a\":[]}; {\"a\":[]}",
                "{\"a\":1}; {}; {\"a\":1}",
            })
    void isThatOfItsStandard(String document, String patch, String merged) {
        JsonNode before = read(document, "application/json");
        JsonNode kept = before.deepCopy();

        assertThat(MergePatch.apply(before, read(patch, "application/json")))
                .isEqualTo(read(merged, "application/json"));
        assertThat(before).isEqualTo(kept);
    }

    /** In YAML null has more than one spelling. */
    @ParameterizedTest
    @ValueSource(strings = {"a: {b: null}", "a: {b: ~}", "a: {b: }", "a:\n  b:\n"})
    void nullOfYamlRemovesAsThatOfJson(String patch) {
        JsonNode document = read("{a: {b: 1, c: 2}}", "application/yaml");

        assertThat(MergePatch.apply(document, read(patch, "application/yaml")))
                .isEqualTo(read("{\"a\":{\"c\":2}}", "application/json"));
    }

    private static JsonNode read(String text, String type) {
        return text.equals("null")
                ? NullNode.getInstance()
                : DocumentParser.parse(text.getBytes(StandardCharsets.UTF_8), type);
    }
}
