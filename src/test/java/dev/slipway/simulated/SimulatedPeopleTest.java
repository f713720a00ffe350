package dev.slipway.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.api.Http;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people do outside of Slipway, played over HTTP on a laptop. */
@Tag("slow")
@QuarkusTest
class SimulatedPeopleTest {
    private static final String URI_OF_REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/slipway-played-shop";
    private static final String NAME = "slipway-pipeline-shop";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    private Http http() {
        return new Http(base, simulation);
    }

    private Http.Answer post(String path, String body) {
        return http().send("POST", "/simulated/" + path, body);
    }

    @BeforeEach
    void aPipeline() {
        if (simulation.account().pipelines().connectionOf(NAME).isPresent()) {
            return;
        }
        put("/v1/environments/played", "network: {cidr: 10.88.0.0/16}");
        put("/v1/environments/played/services/shop", "container: {port: 8000}");
        http().send("PUT", "/v1/environments/played/grants/shop", "").is(200);
        put("/v1/pipelines/shop", "repository: {id: acme/shop}\ndeploy: [{environment: played}]");
    }

    private void put(String path, String spec) {
        http().send("PUT", path, spec, "Content-Type", "application/yaml").is(202);
        simulation.advance(Duration.ofMinutes(10));
    }

    @Test
    void requestsMeetTheFirewallWhichReportsThem() {
        put("/v1/environments/walled", "network: {cidr: 10.89.0.0/16}\nfirewall: {managedRules: {sql: block}}");
        http().send("GET", "/v1/environments/played/firewall", "").is(404);
        post("requests", "{\"environment\": \"walled\", \"path\": \"/?q=1%27%20or%201=1\", \"times\": 3}")
                .is(200);
        simulation.advance(Duration.ofMinutes(11)); // strangers have come

        JsonNode report = http().send("GET", "/v1/environments/walled/firewall?hours=2", "")
                .is(200)
                .body();

        assertThat(report.at("/rules/sql").asText()).isEqualTo("block");
        assertThat(report.path("matches"))
                .extracting(match -> match.path("action").asText() + " "
                        + match.path("managedRule").asText() + " "
                        + match.path("path").asText())
                .contains("BLOCK SQLi_QUERYARGUMENTS /", "BLOCK SQLi_QUERYARGUMENTS /search")
                .contains("COUNT SizeRestrictions_BODY /upload/picture.jpg");
        assertThat(report.toString()).doesNotContain("secret", "or%201");
        http().send(
                        "POST",
                        "/v1/environments/walled/plans",
                        "network: {cidr: 10.89.0.0/16}\nfirewall: {block: [192.0.2.0/24]}",
                        "Content-Type",
                        "application/yaml")
                .is(202);
        JsonNode plan = http().send("GET", "/v1/environments/walled/plans", "")
                .is(200)
                .body()
                .at("/items/0");
        assertThat(plan.at("/firewallCost/dollarsPerMonth").asDouble()).isEqualTo(10);
        assertThat(plan.at("/risks/0/message").asText()).contains("firewall.managedRules.sql");
        http().send("GET", "/v1/environments/walled/firewall?hours=25", "").is(400);
        post("requests", "{\"environment\": \"walled\", \"address\": \"here\"}").is(400);
    }

    @Test
    void anExecutionIsStoppedAndAFailedOneRetried() {
        post("connections/approve", "{\"service\": \"shop\"}").is(200);
        post("push", "{\"service\": \"shop\", \"tag\": \"v9-build-fails\"}").is(202);
        simulation.advance(Duration.ofSeconds(30));
        assertThat(post("executions/stop", "{\"service\": \"shop\"}")
                        .is(200)
                        .body()
                        .path("status")
                        .asText())
                .isEqualTo("Stopped");
        post("executions/stop", "{\"service\": \"shop\"}").is(409);

        post("push", "{\"service\": \"shop\", \"tag\": \"v9-build-fails\"}").is(202);
        simulation.advance(Duration.ofMinutes(6));
        assertThat(post("executions/retry", "{\"service\": \"shop\"}")
                        .is(200)
                        .body()
                        .path("status")
                        .asText())
                .isEqualTo("InProgress");
        simulation.advance(Duration.ofMinutes(6));
        post("executions/retry", "{\"service\": \"nobody\"}").is(404);
    }

    @Test
    void aPushBuildsAnImageOnceThePersonHasApprovedTheConnection() {
        JsonNode approved =
                post("connections/approve", "{\"service\": \"shop\"}").is(200).body();
        assertThat(approved.path("status").asText()).isEqualTo("AVAILABLE");
        post(
                        "connections/approve",
                        "{\"arn\": \"%s\"}"
                                .formatted(approved.path("connection").asText()))
                .is(200);

        JsonNode push = post("push", "{\"service\": \"shop\", \"message\": \"Say hello\"}")
                .is(202)
                .body();
        assertThat(push.path("started").asBoolean()).isTrue();
        assertThat(push.path("commit").asText()).matches("[0-9a-f]{40}");
        simulation.advance(Duration.ofMinutes(6));

        JsonNode execution = http().send("GET", "/v1/pipelines/shop", "")
                .is(200)
                .body()
                .path("executions")
                .path(0);
        assertThat(execution.path("id").asText())
                .isEqualTo(push.path("execution").asText());
        assertThat(execution.path("commit").asText())
                .isEqualTo(push.path("commit").asText());
        assertThat(execution.path("message").asText()).isEqualTo("Say hello");
        assertThat(simulation.account().pipelines().stage(push.path("execution").asText()))
                .isEqualTo("Deploy-played");

        JsonNode ignored = post("push", "{\"service\": \"shop\", \"branch\": \"feature\"}")
                .is(202)
                .body();
        assertThat(ignored.path("started").asBoolean()).isFalse();
        assertThat(ignored.path("reason").asText()).contains("feature");
    }

    @Test
    void anotherCiPushesAnImage() {
        JsonNode image = post("images", "{\"service\": \"shop\", \"environment\": \"played\", \"tag\": \"v7\"}")
                .is(202)
                .body();

        assertThat(image.path("image").asText()).isEqualTo(URI_OF_REGISTRY + ":v7");
        assertThat(image.path("digest").asText()).startsWith("sha256:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "push | {} | 400 | malformed-body",
                "push | {\"service\": \"shop\", \"commit\": \"3f2c\"} | 400 | malformed-body",
                "push | {\"service\": \"shop\", \"paths\": [null]} | 400 | malformed-body",
                "push | {\"service\": \"shop\", \"paths\": \"a\"} | 400 | malformed-body",
                "push | {\"service\": \"shop\", \"tag\": \"a b\"} | 400 | malformed-body",
                "push | {\"service\": \"shop\", \"message\": \" \"} | 400 | malformed-body",
                "push | {\"service\": \"shop\", \"pahts\": []} | 400 | malformed-body",
                "push | {\"service\": \"Shop\"} | 422 | invalid-name",
                "push | {\"service\": \"none\"} | 404 | simulated-pipeline-not-found",
                "images | {\"service\": \"shop\", \"environment\": \"played\"} | 400 | malformed-body",
                "images | {\"service\": \"none\", \"environment\": \"played\", \"tag\": \"v1\"} | 404 | simulated-registry-not-found",
                "connections/approve | {} | 400 | malformed-body",
                "connections/approve | {\"service\": \"none\"} | 404 | simulated-pipeline-not-found",
                "connections/approve | {\"arn\": \"arn:none\"} | 404 | simulated-connection-not-found"
            })
    void whatIsWrongIsAProblemDocument(String path, String body, int status, String code) {
        post(path, body).is(status, code);
    }

    @Test
    void theDescriptionOfTheApiDoesNotKnowThem() throws IOException {
        assertThat(Files.readString(Path.of("src/main/resources/META-INF/openapi.yaml")))
                .doesNotContain("/simulated");
    }

    @Test
    void aChangeInTheConsoleIsDriftUntilItIsMended() {
        String stack = "/v1/environments/played";
        post("changes", "{\"environment\": \"played\", \"resource\": \"Nothing\", \"property\": \"X\", \"value\": 1}")
                .is(404, "resource-not-found");
        post("changes", "{\"environment\": \"played\", \"resource\": \"PublicSubnetA\", \"property\": \"X\"}")
                .is(400, "malformed-body");
        post(
                        "changes",
                        "{\"environment\": \"played\", \"resource\": \"PublicSubnetA\","
                                + " \"property\": \"MapPublicIpOnLaunch\", \"value\": true}")
                .is(200);

        JsonNode found = compared(stack);
        assertThat(found.path("state").asText()).isEqualTo("DRIFTED");
        http().send("POST", stack + "/drift/mend", "{}").is(400, "malformed-body");
        http().send("POST", stack + "/drift/mend", "{\"checkedAt\": %s}".formatted(found.get("checkedAt")))
                .is(202);
        simulation.advance(Duration.ofMinutes(10));
        assertThat(http().send("GET", stack + "/drift", "").body().path("state").asText())
                .isEqualTo("IN_SYNC");
        http().send("GET", stack + "/services/shop/drift/spec", "").is(409, "nothing-to-adopt");
    }

    private JsonNode compared(String target) {
        http().send("POST", target + "/drift", "").is(202);
        simulation.advance(Duration.ofMinutes(2));
        return http().send("GET", target + "/drift", "").is(200).body();
    }
}
