package dev.slipway.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String hidden(String line) {
        return Redaction.hide(List.of(line)).getFirst();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"password":"a\\"hunter2","n":1}                   | {"password":***,"n":1}
            {"m":"{\\"password\\":\\"hunter two\\",\\"n\\":1}"} | {"m":"{\\"password\\":***,\\"n\\":1}"}
            {"authorization":"Token hunter2 and               | {"authorization":***
            {"password":"hunter2 and                          | {"password":***
            login github_pat_11ABCDEFG0123456789_abcdef ok    | login *** ok
            glpat-0123456789abcdefghij                        | ***
            npm_0123456789abcdefghijklmnopqrstuvwxyz          | ***
            post https://hooks.slack.com/services/T0/B0/x0y1  | post https://***
            AIzaSyA-0123456789abcdefghijklmnopqrstu           | ***
            sk-ant-api03-0123456789abcdefghij                 | ***
            AccountName=a;AccountKey=Zm9vYmFy==;Suffix=b      | AccountName=a;AccountKey=***;Suffix=b
            GET /?api_key=hunter2&page=2 200                  | GET /?api_key=***&page=2 200
            it's a desk-top-computer-with-many-parts          | it's a desk-top-computer-with-many-parts
            """)
    void whatLooksLikeACredentialIsMasked(String line, String shown) {
        assertThat(hidden(line)).isEqualTo(shown);
    }

    /** Half of a character cannot be written as JSON, and the whole page would fail for one line. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aLineIsCutBetweenCharacters(int shift) throws JsonProcessingException {
        String line = "x".repeat(shift) + "😀".repeat(3000);

        JSON.writeValueAsBytes(hidden(line));
        JSON.writeValueAsBytes(Redaction.mask(line));
        assertThat(hidden(line)).hasSizeBetween(3990, 4010).endsWith("😀 …");
        assertThat(Redaction.mask(line)).hasSizeLessThan(310).endsWith("😀");
    }

    /** None of them may take all the stack, or grow with the square of the line. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\\"",
                "\"",
                "secret",
                "--secret",
                "-----BEGIN PRIVATE KEY-----",
                "password=\"\\\\",
                "://a:b@",
                "eyJabcde."
            })
    void aLineThatRepeatsWhatPatternsBeginWithIsReadToItsEnd(String part) {
        assertThat(hidden("password=\"" + part.repeat(400_000 / part.length()))).hasSizeLessThan(4010);
    }
}
