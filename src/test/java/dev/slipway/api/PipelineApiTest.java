package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A pipeline over HTTP, from its grants to a push in production, a build that fails, and back to nothing. */
@Tag("slow")
@QuarkusTest
class PipelineApiTest {
    private static final String CART = "/v1/pipelines/cart";
    private static final String FIRST = "/v1/environments/pipedev";
    private static final String SECOND = "/v1/environments/pipeprod";
    private static final String SPEC =
            "repository: {id: acme/cart}\ndeploy: [{environment: pipedev}, {environment: pipeprod}]\n";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    private Http http;

    @BeforeEach
    void start() {
        http = new Http(base, simulation);
    }

    @Test
    void takesAPushToProductionAndSaysWhatAFailedBuildSaid() {
        http.get(CART).is(404);
        declaresTheServices();
        isRefusedWithoutGrants();
        showsWhatItWouldMake();
        isMadeAndWaitsForAPerson();
        aPushGoesToProduction();
        anEnvironmentThatItDoesNotDeployToIsNotShownIt();
        aBuildThatFailsSaysWhy();
        isDeletedWithAllButTheBucket();
    }

    private void declaresTheServices() {
        int network = 61;
        for (String environment : new String[] {FIRST, SECOND}) {
            http.put(environment, "network: {cidr: 10.%d.0.0/16}\n".formatted(network++))
                    .is(202);
            http.settled(environment);
            http.put(environment + "/services/cart", "container: {port: 8000}\nrollout: {strategy: rolling}\n")
                    .is(202);
            http.settled(environment + "/services/cart");
        }
    }

    private void isRefusedWithoutGrants() {
        JsonNode refused = http.put(CART, SPEC).is(422).body();
        assertThat(refused.path("code").asText()).isEqualTo("invalid-spec");
        assertThat(refused.path("errors")).hasSize(2);
        assertThat(refused.at("/errors/1/field").asText()).isEqualTo("/deploy/1/environment");
        assertThat(refused.at("/errors/1/message").asText())
                .contains("somebody who may change pipeprod has to give it");
        http.put(FIRST + "/grants/cart", "").is(200);
        http.put(SECOND + "/grants/cart", "").is(200);
        assertThat(http.get(SECOND + "/ledger")
                        .is(200)
                        .body()
                        .at("/items/0/type")
                        .asText())
                .isEqualTo("GRANTED");
    }

    private void showsWhatItWouldMake() {
        String plan = http.send("POST", CART + "/plans", SPEC, "Content-Type", "application/yaml")
                .is(202)
                .location();
        simulation.advance(Duration.ofMinutes(1));
        JsonNode ready = http.get(plan).is(200).body();
        assertThat(ready.path("state").asText()).isEqualTo("READY");
        assertThat(ready.path("changes").findValuesAsText("type"))
                .contains("AWS::CodePipeline::Pipeline", "AWS::CodeBuild::Project", "AWS::S3::Bucket");
        assertThat(http.get(CART + "/plans").is(200).body().path("items")).hasSize(1);
    }

    private void isMadeAndWaitsForAPerson() {
        http.put(CART, SPEC).is(202);
        JsonNode made = http.settled(CART).body();
        assertThat(made.at("/last/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(made.at("/last/notes/0").asText()).contains("waits for a person");
        assertThat(made.at("/connection/status").asText()).isEqualTo("PENDING");
        assertThat(made.at("/connection/approve").asText()).startsWith("https://");
        assertThat(http.get(CART).header("etag")).isEqualTo("\"1\"");
        assertThat(http.get("/v1/pipelines").is(200).body().at("/items").findValuesAsText("name"))
                .contains("cart");
        assertThat(http.get(CART + "/operations").is(200).body().path("items")).hasSize(2);

        http.send("POST", "/simulated/connections/approve", "{\"service\": \"cart\"}")
                .is(200);
        JsonNode approved = http.get(CART).body();
        assertThat(approved.at("/connection/status").asText()).isEqualTo("AVAILABLE");
        assertThat(approved.at("/connection").has("approve")).isFalse();
    }

    private void push(String more) {
        http.send("POST", "/simulated/push", "{\"service\": \"cart\", \"author\": \"Ann\"" + more + "}")
                .is(202);
    }

    private void aPushGoesToProduction() {
        push(", \"message\": \"Say it shorter\"");
        simulation.advance(Duration.ofMinutes(30));
        JsonNode execution = http.get(CART).is(200).body().at("/executions/0");
        assertThat(execution.path("state").asText()).isEqualTo("SUCCEEDED");
        assertThat(execution.path("author").asText()).isEqualTo("Ann");
        assertThat(execution.path("message").asText()).isEqualTo("Say it shorter");
        assertThat(execution.path("seconds").asLong()).isBetween(60L, 1800L);
        JsonNode service = http.get(SECOND + "/services/cart").is(200).body();
        assertThat(service.at("/live/release/commit").asText())
                .isEqualTo(execution.path("commit").asText());
        assertThat(service.at("/pipeline/self").asText()).isEqualTo(CART);
        assertThat(service.at("/pipeline/execution/author").asText()).isEqualTo("Ann");
        assertThat(service.at("/pipeline/deployment/reported").asBoolean()).isTrue();
    }

    private void anEnvironmentThatItDoesNotDeployToIsNotShownIt() {
        http.put(CART, SPEC.replace("{environment: pipedev}, ", "")).is(202);
        assertThat(http.settled(CART).body().at("/last/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(http.get(FIRST + "/services/cart").is(200).body().has("pipeline"))
                .isFalse();
        assertThat(http.get(SECOND + "/services/cart").is(200).body().has("pipeline"))
                .isTrue();
        http.put(CART, SPEC).is(202);
        http.settled(CART);
    }

    private void aBuildThatFailsSaysWhy() {
        push(", \"tag\": \"v2-build-fails\"");
        simulation.advance(Duration.ofMinutes(10));
        JsonNode execution = http.get(FIRST + "/services/cart").is(200).body().at("/pipeline/execution");
        assertThat(execution.path("state").asText()).isEqualTo("FAILED");
        assertThat(execution.path("stages"))
                .filteredOn(stage -> stage.path("name").asText().equals("Build/Build"))
                .singleElement()
                .satisfies(stage -> assertThat(stage.path("log")).hasSizeGreaterThan(3));
    }

    private void isDeletedWithAllButTheBucket() {
        http.send("DELETE", CART, "").is(409);
        http.send("DELETE", CART + "?confirm=cart", "").is(202);
        for (int i = 0; i < 20 && http.get(CART).status() == 200; i++) {
            simulation.advance(Duration.ofMinutes(1));
        }
        http.get(CART).is(404);
        JsonNode ledger = http.get(CART + "/ledger").is(200).body();
        assertThat(ledger.at("/items/0/type").asText()).isEqualTo("DELETED");
        assertThat(http.get(CART + "/operations?limit=1")
                        .body()
                        .at("/items/0/notes/0")
                        .asText())
                .startsWith("Left: sources and build results in the bucket slipway-pipeline-cart");
        http.put(CART, SPEC).is(422); // the grants were for the one before
        http.put(FIRST + "/grants/cart", "").is(200);
        http.put(SECOND + "/grants/cart", "").is(200);
        http.put(CART, SPEC).is(202);
        assertThat(http.settled(CART).body().at("/last/state").asText()).isEqualTo("SUCCEEDED");
        http.send("DELETE", CART + "?confirm=cart", "").is(202);
        simulation.advance(Duration.ofMinutes(20));
    }
}
