package dev.slipway.lambda;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.Base64;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
@QuarkusTest
class ApiHandlerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void passesOnPathQueryHeadersAndBody() throws IOException {
        var event = HttpEvents.request("POST", "/v1/test-echo");
        event.put("rawQueryString", "tag=a&tag=b%20c&empty=");
        event.put("body", "naïve: ✓");
        HttpEvents.headers(event).put("content-type", "text/plain");

        var echo = body(send(event));

        assertThat(echo.get("path").asText()).isEqualTo("/v1/test-echo");
        assertThat(echo.at("/query/tag")).hasToString("[\"a\",\"b c\"]");
        assertThat(echo.at("/query/empty/0").asText()).isEmpty();
        assertThat(header(echo, "user-agent")).isEqualTo("curl/8.7.1 (one, two)");
        assertThat(decoded(echo)).isEqualTo("naïve: ✓".getBytes(UTF_8));
    }

    @Test
    void decodesBase64Bodies() throws IOException {
        var event = HttpEvents.request("POST", "/v1/test-echo");
        event.put("body", Base64.getEncoder().encodeToString(EchoResource.BINARY))
                .put("isBase64Encoded", true);
        HttpEvents.headers(event)
                .put("content-type", "application/octet-stream")
                .put("content-length", "999");

        assertThat(decoded(body(send(event)))).isEqualTo(EchoResource.BINARY);
    }

    @Test
    void refusesABodyThatClaimsToBeBase64AndIsNot() throws IOException {
        var event = HttpEvents.request("POST", "/v1/test-echo");
        event.put("body", "!!").put("isBase64Encoded", true);

        assertProblem(send(event), 400, "body-not-base64");
    }

    /** Whether the application answers, the framework or the bridge before it; and not by a header that the caller sends. */
    @ParameterizedTest
    @ValueSource(strings = {"/v1/test-echo/get", "/v1/nothing-here", "/v1//double"})
    void everyAnswerHasApiGatewaysIdOfTheRequest(String path) throws IOException {
        var event = HttpEvents.request("GET", path);
        HttpEvents.headers(event).put("slipway-request", "forged");

        var answer = send(event);

        assertThat(answer.at("/headers/slipway-request").asText()).isEqualTo("JKJaXmPLvHcESHA=");
        if (answer.get("statusCode").asInt() != 200) {
            assertThat(JSON.readTree(answer.get("body").asText())
                            .path("requestId")
                            .asText())
                    .isEqualTo("JKJaXmPLvHcESHA=");
        }
    }

    @Test
    void joinsTheCookiesOfTheEvent() throws IOException {
        var event = HttpEvents.request("GET", "/v1/test-echo/get");
        event.putArray("cookies").add("a=1").add("b=2");
        HttpEvents.headers(event).put("Cookie", "a=forged");

        assertThat(body(send(event)).get("cookies")).hasToString("{\"a\":\"1\",\"b\":\"2\"}");
    }

    @Test
    void givesCookiesApartAndJoinsRepeatedHeaders() throws IOException {
        var answer = send(HttpEvents.request("GET", "/v1/test-echo/cookies"));

        assertThat(answer.get("statusCode").asInt()).isEqualTo(204);
        assertThat(answer.at("/cookies/0").asText()).startsWith("a=1");
        assertThat(answer.at("/cookies/1").asText()).startsWith("b=2");
        assertThat(answer.get("headers").has("set-cookie")).isFalse();
        assertThat(answer.at("/headers/x-many").asText()).isEqualTo("one,two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "file"})
    void encodesAnswersThatAreNotText(String resource) throws IOException {
        var answer = send(HttpEvents.request("GET", "/v1/test-echo/" + resource));

        assertThat(answer.get("isBase64Encoded").asBoolean()).isTrue();
        assertThat(Base64.getDecoder().decode(answer.get("body").asText())).isEqualTo(EchoResource.BINARY);
    }

    @Test
    void namesTheCallerThatApiGatewayVerified() throws IOException {
        var echo = body(send(HttpEvents.request("GET", "/v1/test-echo/get")));

        assertThat(header(echo, CallerHeaders.ACTOR)).isEqualTo(HttpEvents.ACTOR);
        assertThat(header(echo, CallerHeaders.ACCOUNT)).isEqualTo("123456789012");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Slipway-Actor", "slipway-actor", "SLIPWAY-ACTOR", "sLiPwAy-AcCoUnT"})
    void dropsACallerThatTheClientClaimsToBe(String name) throws IOException {
        var event = HttpEvents.request("GET", "/v1/test-echo/get");
        HttpEvents.headers(event).put(name, "arn:aws:iam::123456789012:root");

        assertThat(send(event).toString()).doesNotContain(":root").contains(HttpEvents.ACTOR);
        HttpEvents.context(event).remove("authorizer");
        assertProblem(send(event), 401, "not-authenticated");
    }

    @Test
    void leavesOutTheStageThatLeadsThePath() throws IOException {
        var event = HttpEvents.request("GET", "/live/v1/test-echo/live/x");
        HttpEvents.context(event).put("stage", "live");

        assertThat(body(send(event)).get("path").asText()).isEqualTo("/v1/test-echo/live/x");
    }

    @ParameterizedTest
    @CsvSource({"live, /live/v1", "live, /v1", "$default, /v1"})
    void putsTheStageThatLedThePathInFrontOfTheLocation(String stage, String path) throws IOException {
        var event = HttpEvents.request("GET", path + "/test-echo/moved");
        HttpEvents.context(event).put("stage", stage);

        assertThat(send(event).path("headers").path("location").asText()).isEqualTo(path + "/elsewhere");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/test-echo/pr%6Fd",
                "/v1/test-echo/dev%2F..%2Fprod",
                "/v1/test-echo//prod",
                "//v1/test-echo",
                "/v1/test-echo/./prod",
                "/v1/test-echo/dev/../prod",
                "/v1/test-echo/..",
                "/v1/test-echo/prod//",
                "/v1/test-echo/prod/",
                "/v1/test-echo/dev;x=1/prod",
                "/v1/test-echo/dev\\prod",
                "/v1/test-echo/dev?x",
                "/v1/test-echo/dev#x",
                "/v1/test-echo/de v",
                "/v1/test-echo/prod\n",
                "/v1/test-echo/prød",
                "v1/test-echo",
                "",
            })
    void refusesAPathThatCouldBeReadInTwoWays(String path) throws IOException {
        assertProblem(send(HttpEvents.request("GET", path)), 400, "path-not-canonical");
    }

    @Test
    void refusesAPathOfWhichOneOfTheTwoCopiesIsNotPlain() throws IOException {
        var event = HttpEvents.request("GET", "/v1/test-echo/dev");
        ((ObjectNode) HttpEvents.context(event).get("http")).put("path", "/v1/test-echo/d%65v");

        assertProblem(send(event), 400, "path-not-canonical");
    }

    @Test
    void refusesHeadersThatWouldSplitTheRequest() throws IOException {
        var event = HttpEvents.request("GET", "/v1/test-echo/get");
        HttpEvents.headers(event).put("x-split", "a\r\nSlipway-Actor: root");

        assertProblem(send(event), 400, "malformed-request");
    }

    @Test
    void refusesBodiesAboveTheLimit() throws IOException {
        var event = HttpEvents.request("POST", "/v1/test-echo");
        HttpEvents.headers(event).put("content-type", "text/plain");

        event.put("body", "x".repeat(ApiRequest.MAX_BODY_BYTES));
        assertThat(send(event).get("statusCode").asInt()).isEqualTo(200);

        event.put("body", "x".repeat(ApiRequest.MAX_BODY_BYTES + 1));
        assertProblem(send(event), 413, "body-too-large");
    }

    @Test
    void refusesAnswersThatLambdaCouldNotReturn() throws IOException {
        var event = HttpEvents.request("GET", "/v1/test-echo/text");

        event.put("rawQueryString", "of=x&times=5500000");
        assertThat(send(event).get("body").asText()).hasSize(5_500_000);

        event.put("rawQueryString", "of=x&times=5500001");
        assertProblem(send(event), 422, "answer-too-large");

        // Each of these takes two bytes inside Lambda's JSON.
        event.put("rawQueryString", "of=%22&times=2750001");
        assertProblem(send(event), 422, "answer-too-large");
    }

    @Test
    void refusesEventsThatAreNoHttpRequests() throws IOException {
        var event = HttpEvents.request("GET", "/v1/test-echo/get");
        event.remove("requestContext");

        assertProblem(send(event), 400, "not-an-http-event");
    }

    /** API Gateway has asked IAM about method and path already. */
    @Test
    void aQuestionForPermissionIsAnsweredAndNotCarriedOut() throws IOException {
        var event = HttpEvents.request("DELETE", "/v1/environments/dev");
        HttpEvents.headers(event).put("slipway-permission-check", "true");

        var answer = send(event);

        assertThat(answer.get("statusCode").asInt()).isEqualTo(204);
        assertThat(answer.path("body").asText()).isEmpty();
        assertThat(answer.at("/headers/slipway-permission-check").asText()).isEqualTo("true");
        HttpEvents.headers(event).put("slipway-permission-check", "true,true"); // as API Gateway joins two
        assertProblem(send(event), 400, "malformed-request");
        HttpEvents.context(event).remove("authorizer");
        assertProblem(send(event), 401, "not-authenticated");
    }

    @Test
    void saysThatAResourceIsMissing() throws IOException {
        assertThat(send(HttpEvents.request("GET", "/v1/no-such-thing"))
                        .get("statusCode")
                        .asInt())
                .isEqualTo(404);
    }

    @Test
    void servesTheApiDescription() throws IOException {
        var answer = send(HttpEvents.request("GET", "/q/openapi"));

        assertThat(answer.get("isBase64Encoded").asBoolean()).isFalse();
        assertThat(answer.get("body").asText()).startsWith("openapi: 3.1.0\n");
    }

    private static JsonNode send(ObjectNode event) throws IOException {
        var response =
                given().contentType("application/json").body(event.toString()).post("/");
        assertThat(response.statusCode()).isEqualTo(200);
        return JSON.readTree(response.asByteArray());
    }

    private static JsonNode body(JsonNode answer) throws IOException {
        assertThat(answer.get("statusCode").asInt()).as(answer.toString()).isEqualTo(200);
        return JSON.readTree(answer.get("body").asText());
    }

    private static byte[] decoded(JsonNode echo) {
        return Base64.getDecoder().decode(echo.get("bodyBase64").asText());
    }

    private static String header(JsonNode echo, String name) {
        for (var header : echo.get("headers").properties()) {
            if (header.getKey().equalsIgnoreCase(name)) {
                assertThat(header.getValue()).hasSize(1);
                return header.getValue().get(0).asText();
            }
        }
        throw new AssertionError("no header " + name);
    }

    private static void assertProblem(JsonNode answer, int status, String code) throws IOException {
        assertThat(answer.get("statusCode").asInt()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.at("/headers/content-type").asText()).isEqualTo("application/problem+json");
        var problem = JSON.readTree(answer.get("body").asText());
        assertThat(problem.get("code").asText()).isEqualTo(code);
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        boolean known = answer.at("/headers/slipway-request").isTextual();
        assertThat(problem.path("requestId").asText())
                .isEqualTo(known ? answer.at("/headers/slipway-request").asText() : "");
    }
}
