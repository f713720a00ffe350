package dev.slipway.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The handler called directly, so that a test decides how much of the function's time is left. */
@Tag("slow")
@QuarkusTest
class ApiHandlerTimeoutTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    @ParameterizedTest
    @ValueSource(ints = {1, 500, 600})
    void answersBeforeLambdaEndsTheFunction(int millisLeft) throws JsonProcessingException {
        var answer = new ApiHandler().handleRequest(event("never"), new TestContext(millisLeft));

        assertThat(answer.getStatusCode()).isEqualTo(504);
        assertThat(answer.getHeaders()).containsEntry("content-type", "application/problem+json");
        assertThat(JSON.readTree(answer.getBody()).get("code").asText()).isEqualTo("timeout");
    }

    @ParameterizedTest
    @CsvSource({
        "30000, 29000", // API Gateway gives up first
        "29500, 29000",
        "10000, 9500",
        "501, 1",
        "500, 0",
        "1, 0",
        "0, 29000", // unknown: not in Lambda
        "-5, 29000",
    })
    void waitsAsLongAsThereIsTimeToAnswerAfterwards(int millisLeft, int patience) {
        assertThat(ApiHandler.timeout(millisLeft)).hasMillis(patience);
    }

    @Test
    void answersTheNextRequestAfterOneThatTimedOut() throws JsonProcessingException {
        var handler = new ApiHandler();

        handler.handleRequest(event("never"), new TestContext(501));
        var answer = handler.handleRequest(event("binary"), new TestContext(30_000));

        assertThat(answer.getStatusCode()).isEqualTo(200);
    }

    private static APIGatewayV2HTTPEvent event(String resource) throws JsonProcessingException {
        var event = HttpEvents.request("GET", "/v1/test-echo/" + resource);
        return JSON.treeToValue(event, APIGatewayV2HTTPEvent.class);
    }
}
