package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestBodiesTest {
    private static <T> T read(String body, Class<T> type) {
        return RequestBodies.read(body.getBytes(StandardCharsets.UTF_8), type);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"image\": \"v1\\u0000\"}                                              | /image",
                "{\"image\": \"v1\", \"commit\": \"a\\nb\"}                             | /commit",
                "{\"image\": \"v1\", \"override\": {\"freezes\": [\"a\", \"\\u001b\"]}}  | /override/freezes/1",
                "{\"image\": \"v1\", \"commit\": \"a\\u202eb\"}                         | /commit",
                "{\"image\": \"v1\", \"commit\": \"a\\u2028b\"}                         | /commit",
                "{\"image\": \"v1\", \"commit\": \"\\u200b\"}                           | /commit",
                "{\"image\": \"LONG\"}                                                  | /image"
            })
    void controlCharactersAndTextsWithoutEndAreRefused(String body, String field) {
        ProblemException refused = catchThrowableOfType(
                ProblemException.class,
                () -> read(body.strip().replace("LONG", "x".repeat(1025)), RequestBodies.RollOut.class));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.problem().errors())
                .singleElement()
                .satisfies(error -> assertThat(error.field()).isEqualTo(field));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {"null", "NaN", "Infinity", "-Infinity", "-1", "100.5"})
    void aShareOfTheTrafficIsANumberThatItCanBe(Double percent) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> RequestBodies.percent(percent));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.problem().errors())
                .singleElement()
                .satisfies(error -> assertThat(error.field()).isEqualTo("/percent"));
        assertThat(RequestBodies.percent(0.5)).isEqualTo(0.5);
    }

    @Test
    void aScriptInTheSettingsOfOneRolloutMayHaveLines() {
        assertThat(read(
                                "{\"image\": \"v1\", \"rollout\": {\"before\": {\"command\": [\"a\\nb\"]}}}",
                                RequestBodies.RollOut.class)
                        .image())
                .isEqualTo("v1");
    }

    @Test
    void aCommitHasAnEnd() {
        assertThat(RequestBodies.requireShort("/commit", "3f2c8a9", RequestBodies.MAX_COMMIT_LENGTH))
                .isEqualTo("3f2c8a9");
        ProblemException refused = catchThrowableOfType(
                ProblemException.class,
                () -> RequestBodies.requireShort("/commit", "x".repeat(201), RequestBodies.MAX_COMMIT_LENGTH));
        assertThat(refused.problem().errors())
                .singleElement()
                .satisfies(error -> assertThat(error.message()).isEqualTo("must have 1 to 200 characters; it has 201"));
    }
}
