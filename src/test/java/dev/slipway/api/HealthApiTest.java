package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.operation.WorkQueue;
import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What Slipway tells of itself over HTTP. */
@Tag("slow")
@QuarkusTest
class HealthApiTest {
    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    @Inject
    WorkQueue queue;

    private Http http;

    @BeforeEach
    void start() {
        http = new Http(base, simulation);
    }

    @Test
    void healthHasTheVersionOfTheBuildAndASentenceForEachCheck() {
        simulation.advance(Duration.ofMinutes(6));
        JsonNode health = http.get("/v1/health").is(200).body();

        assertThat(health.path("version").asText()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(health.path("checks").findValuesAsText("name"))
                .containsExactly("table", "queue", "dead-letters", "resync", "operations");
        assertThat(health.path("checks").findValuesAsText("message")).allMatch(sentence -> sentence.endsWith("."));
        assertThat(health.at("/checks/3/state").asText()).isEqualTo("OK");
    }

    @Test
    void deadLettersAreListedAndSentAgain() {
        queue.deadLetter("{\"target\":\"nowhere/web\"}");
        List<String> ids = new ArrayList<>();
        http.get("/v1/dead-letters").is(200).body().path("items").forEach(letter -> {
            if (letter.path("target").asText().equals("nowhere/web")) {
                ids.add(letter.path("id").asText());
            }
        });

        assertThat(ids).hasSize(1);
        String redrive = "/v1/dead-letters/" + ids.getFirst() + "/redrive";
        assertThat(http.post(redrive, "").is(200).body().at("/redriven/0").asText())
                .isEqualTo(ids.getFirst());
        http.post(redrive, "").is(404, "no-such-dead-letter");
        assertThat(http.post("/v1/dead-letters/redrive", "")
                        .is(200)
                        .body()
                        .path("redriven")
                        .isArray())
                .isTrue();
    }

    @Test
    void whatTheseRequestsDoNotTakeIsRefused() {
        http.get("/v1/health?verbose=true").is(400, "invalid-parameter");
        http.get("/v1/dead-letters?limit=5").is(400, "invalid-parameter");
        http.post("/v1/dead-letters/redrive", "{}").is(400, "malformed-body");
        http.post("/v1/health", "").is(405, "method-not-allowed");
    }

    @Test
    void theSupportBundleIsOneDocument() {
        JsonNode bundle = http.get("/v1/support-bundle").is(200).body();

        assertThat(bundle.at("/health/version").asText())
                .isEqualTo(bundle.path("version").asText());
        assertThat(bundle.has("deadLetters")).isTrue();
    }
}
