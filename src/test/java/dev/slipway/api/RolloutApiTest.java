package dev.slipway.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.Simulation;
import dev.slipway.simulated.sns.SnsMessage;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rollouts that shift traffic, as a caller sees them: over HTTP, and as events of API Gateway. */
@Tag("slow")
@QuarkusTest
class RolloutApiTest {
    private static final String ENVIRONMENT = "/v1/environments/shift";
    private static final String WEB = ENVIRONMENT + "/services/web";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOPIC = "arn:aws:sns:eu-central-1:123456789012:slipway-shared-rollouts";
    private static final String SEEN = "{\"release\": 2, \"percent\": 100}";
    private static final String ANN = "arn:aws:sts::123456789012:assumed-role/Developer/ann";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    private Http http;

    @BeforeEach
    void start() {
        http = new Http(base, simulation);
        http.put(ENVIRONMENT, "network: {cidr: 10.9.0.0/16}\nterminationProtection: false\n")
                .is(202);
        assertThat(http.settled(ENVIRONMENT).body().at("/last/state").asText()).isEqualTo("SUCCEEDED");
    }

    @AfterEach
    void removeAll() {
        http.settled(WEB);
        http.delete(WEB + "?confirm=web");
        http.settled(ENVIRONMENT);
        for (int i = 0; i < 100 && http.get(WEB).status() == 200; i++) {
            simulation.advance(Duration.ofMinutes(1));
        }
        http.delete(ENVIRONMENT).is(202);
        for (int i = 0; i < 100 && http.get(ENVIRONMENT).status() == 200; i++) {
            simulation.advance(Duration.ofMinutes(1));
        }
        assertThat(http.get(ENVIRONMENT).status()).isEqualTo(404);
    }

    private void service(String rollout) throws IOException {
        http.put(WEB, "container: {port: 8000}\nrollout: %s\n".formatted(rollout))
                .is(202);
        http.settled(WEB);
        String first = rollOut("v1");
        if (rollout.contains("approval")) {
            waiting(first);
            assertThat(send("POST", first + "/approve", SEEN.replace("2", "1"))
                            .path("statusCode")
                            .asInt())
                    .isEqualTo(202);
        }
        assertThat(rolledOut(first).body().path("state").asText()).isEqualTo("SUCCEEDED");
    }

    private String rollOut(String image) {
        return http.post(WEB + "/rollouts", "{\"image\": \"%s\"}".formatted(image))
                .is(202)
                .location();
    }

    private Http.Answer rolledOut(String rollout) {
        http.settled(WEB);
        return http.get(rollout).is(200);
    }

    private Http.Answer waiting(String rollout) {
        for (int i = 0; i < 100; i++) {
            Http.Answer view = http.get(rollout).is(200);
            if (view.body().path("waitsFor").asText().contains("approv")) {
                return view;
            }
            simulation.advance(Duration.ofMinutes(1));
        }
        throw new AssertionError("asks nobody: " + http.get(rollout).raw().body());
    }

    @Test
    void aBadCanaryIsRolledBackAndTheRolloutSaysWhy() throws IOException {
        service("{strategy: canary}");
        String rollout = rollOut("v2-prod-errors-20");
        Http.Answer first = http.get(rollout + "/minutes").is(200);
        assertThat(first.body().path("minutes")).isEmpty();
        assertThat(first.body().path("shifts")).isEmpty();

        JsonNode bad = rolledOut(rollout).body();

        assertThat(bad.path("state").asText()).isEqualTo("ROLLED_BACK");
        assertThat(bad.at("/stop/cause").asText()).isEqualTo("UNHEALTHY");
        assertThat(bad.at("/stop/by").asText()).isEqualTo("slipway");
        assertThat(bad.at("/verdict/outcome").asText()).isEqualTo("UNHEALTHY");
        assertThat(bad.at("/verdict/basis").asText()).isEqualTo("COMPARISON");
        assertThat(bad.toString()).doesNotContain(":null"); // what there is not is left out
        assertThat(bad.at("/verdict/errors/candidateFailures").asLong()).isPositive();
        assertThat(bad.at("/stage/percent").asDouble()).isEqualTo(10);
        assertThat(bad.at("/gate/0/stage").asText()).isEqualTo("POST_TEST_TRAFFIC_SHIFT");
        assertThat(bad.at("/failure/code").asText()).isEqualTo("rolled-back");
        JsonNode judged = http.get(rollout + "/minutes").is(200).body();
        assertThat(judged.at("/shifts/0/percent").asDouble()).isEqualTo(10);
        assertThat(judged.path("minutes").findValuesAsText("outcome"))
                .startsWith("NOT_ENOUGH_EVIDENCE")
                .endsWith("UNHEALTHY");
        assertThat(judged.at("/minutes/0/candidate/failures").asLong()).isPositive();
        assertThat(judged.at("/thresholds/errors/worseEValue").asDouble()).isEqualTo(222.222);
        assertThat(judged.has("slowMillis")).isFalse();
        assertThat(judged.path("cut").isBoolean()).isTrue();
        assertThat(judged.toString()).doesNotContain("null");
        http.get(rollout + "/minutes?limit=10").is(400, "invalid-parameter");
        http.get(WEB + "/rollouts/nothing/minutes").is(404, "rollout-not-found");
        JsonNode service = http.get(WEB).is(200).body();
        assertThat(service.at("/live/release/tag").asText()).isEqualTo("v1");
        assertThat(http.get(WEB + "/releases")
                        .is(200)
                        .body()
                        .at("/items/0/rolledBack")
                        .asText())
                .contains("failed");
    }

    @Test
    void anApprovalIsAskedForAndGivenOnce() throws IOException {
        simulation.account().sns().createTopic(topic -> topic.name("slipway-shared-rollouts"));
        service("{strategy: blue-green, approval: {when: before-production}, notifyTopic: %s}".formatted(TOPIC));
        String rollout = rollOut("v2");
        http.post(rollout + "/approve", SEEN).is(409, "no-approval-wanted");
        JsonNode asking = waiting(rollout).body();
        assertThat(asking.path("waitsFor").asText()).contains(rollout + "/approve");
        assertThat(http.get(WEB + "/rollouts").body().at("/items/0")).isEqualTo(asking);
        assertThat(http.get(WEB).body().path("state").asText()).isEqualTo("IN_PROGRESS");
        assertThat(http.get(WEB).body().at("/live/release/number").asInt()).isEqualTo(1);
        assertThat(http.get(WEB).body().at("/live/traffic").toString())
                .isEqualTo("[{\"release\":1,\"percent\":100.0}]");
        assertThat(asking.at("/stage/percent").asDouble()).isZero();
        assertThat(asking.path("approval").toString()).isEqualTo("{\"release\":2,\"percent\":100.0,\"by\":\"others\"}");
        http.post(rollout + "/approve", "{\"why\": \"\"}").is(400, "malformed-body");
        http.post(rollout + "/approve", "").is(400, "malformed-body");
        http.post(rollout + "/approve", "{\"release\": 2, \"percent\": 10}").is(409, "approval-mismatch");
        http.post(rollout + "/approve", SEEN).is(403, "own-rollout"); // both are local

        JsonNode answer = send("POST", rollout + "/approve", SEEN.replace("}", ", \"reason\": \"looks good\"}"));

        assertThat(answer.path("statusCode").asInt()).as(answer.toString()).isEqualTo(202);
        assertThat(answer.path("body").asText()).contains(rollout);
        http.post(rollout + "/approve", SEEN).is(409, "no-approval-wanted");
        JsonNode ended = rolledOut(rollout).body();
        assertThat(ended.path("state").asText()).isEqualTo("SUCCEEDED");
        assertThat(ended.path("gate"))
                .extracting(passage -> passage.path("approval"))
                .anySatisfy(approval -> {
                    assertThat(approval.path("approved").asBoolean()).isTrue();
                    assertThat(approval.path("by").asText()).isEqualTo(ANN);
                    assertThat(approval.path("reason").asText()).isEqualTo("looks good");
                });
        http.post(rollout + "/reject", SEEN).is(409, "no-approval-wanted");
        assertThat(notices(rollout))
                .extracting(notice -> notice.path("type").asText())
                .containsExactly("ROLLOUT_STARTED", "APPROVAL_REQUESTED", "VERDICT", "ROLLOUT_ENDED");
        assertThat(notices(rollout)).allSatisfy(notice -> {
            assertThat(notice.path("service").asText()).isEqualTo("shift/web");
            assertThat(notice.path("message").asText()).isNotEmpty();
        });
    }

    private List<JsonNode> notices(String rollout) throws IOException {
        List<JsonNode> notices = new ArrayList<>();
        for (SnsMessage published : simulation.account().published()) {
            JsonNode notice = JSON.readTree(published.message());
            if (notice.path("rollout").asText().equals(rollout)) {
                assertThat(published.topicArn()).isEqualTo(TOPIC);
                assertThat(published.subject()).startsWith("shift/web: ");
                notices.add(notice);
            }
        }
        return notices;
    }

    @Test
    void aRejectedReleaseIsRolledBackInTheNameOfWhoRejectedIt() throws IOException {
        service("{strategy: blue-green, approval: {when: before-production}}");
        String rollout = rollOut("v2");
        waiting(rollout);

        assertThat(send("POST", rollout + "/reject", SEEN.replace("}", ", \"reason\": \"not today\"}"))
                        .path("statusCode")
                        .asInt())
                .isEqualTo(202);

        JsonNode ended = rolledOut(rollout).body();
        assertThat(ended.path("state").asText()).isEqualTo("ROLLED_BACK");
        assertThat(ended.at("/stop/cause").asText()).isEqualTo("REJECTED");
        assertThat(ended.at("/stop/by").asText()).isEqualTo(ANN);
        assertThat(ended.path("detail").asText()).contains("rejected release 2 for 100 % of the traffic: not today");
        http.post(WEB + "/rollouts/nothing/approve", SEEN).is(404, "rollout-not-found");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {strategy: canery}                                            | /rollout/strategy
            {strategy: canary, canary: {percent: 100}}                    | /rollout/canary/percent
            {strategy: canary, canary: {percent: 0.25}}                   | /rollout/canary/percent
            {strategy: linear, linear: {stepPercent: 2}}                  | /rollout/linear/stepPercent
            {strategy: canary, bakeMinutes: 1441}                         | /rollout/bakeMinutes
            {strategy: canary, checks: [{path: health}]}                  | /rollout/checks/0/path
            {strategy: canary, checkFunction: my-function}                | /rollout/checkFunction
            {strategy: canary, approval: {when: always}}                  | /rollout/approval/when
            {strategy: canary, verdict: {maxErrorPercent: 0}}             | /rollout/verdict/maxErrorPercent
            {strategy: canary, verdict: {onNoEvidence: hold}}          | /rollout/verdict/onNoEvidence
            {strategy: canary, verdict: {metrics: [{name: x}]}}           | /rollout/verdict/metrics/0/namespace
            {strategy: canary, before: {timeoutSeconds: 60}}              | /rollout/before/command
            {strategy: canary, notifyTopic: me@example.com}               | /rollout/notifyTopic
            """)
    void aWrongRolloutSettingIsRefusedByItsName(String rollout, String field) {
        Http.Answer refused = http.put(WEB, "container: {port: 8000}\nrollout: %s\n".formatted(rollout))
                .is(422, "invalid-spec");

        assertThat(refused.body().path("errors"))
                .extracting(error -> error.path("field").asText())
                .contains(field);
    }

    @Test
    void settingsThatARollingUpdateDoesNotHeedAreToldToBeSo() {
        Http.Answer accepted = http.put(WEB, "container: {port: 8000}\nrollout: {checks: [{path: /health}]}\n")
                .is(202);

        assertThat(accepted.body().at("/warnings/0").asText())
                .contains("/rollout/checks", "while the strategy is rolling");
    }

    /** An event of API Gateway, through the handler. */
    private static JsonNode send(String method, String path, String body) throws IOException {
        ObjectNode event = JSON.createObjectNode();
        event.put("version", "2.0").put("rawPath", path).put("rawQueryString", "");
        event.put("body", body).put("isBase64Encoded", false);
        event.putObject("headers")
                .put("host", "abc123.execute-api.eu-central-1.amazonaws.com")
                .put("content-type", "application/json");
        ObjectNode context = event.putObject("requestContext");
        context.put("stage", "$default").put("requestId", "JKJaXmPLvHcESHA=");
        context.putObject("authorizer").putObject("iam").put("userArn", ANN);
        context.putObject("http").put("method", method).put("path", path).put("sourceIp", "203.0.113.7");
        return JSON.readTree(given().contentType("application/json")
                .body(event.toString())
                .post("/")
                .then()
                .statusCode(200)
                .extract()
                .asString());
    }
}
