package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the API says when AWS, the table or Slipway itself fails. */
@Tag("slow")
@QuarkusTest
class FailuresTest {
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

    /** The category tells who has to act; Retry-After that nobody has, but wait. */
    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource(textBlock = """
            throttled,         503, aws-unavailable, dependency, 5
            too-many-requests, 503, aws-unavailable, dependency, 5
            unavailable,       503, aws-unavailable, dependency, 5
            unreachable,       503, aws-unavailable, dependency, 5
            unknown,           503, unknown-outcome, dependency, 5
            newer,             503, newer-version,   internal,   60
            denied,            502, access-denied,   user,       ''
            denied-by-ec2,     502, access-denied,   user,       ''
            wrong,             502, aws-error,       dependency, ''
            ours,              500, internal-error,  internal,   ''
            """)
    void saysWhoseFaultItIsAndWhenToTryAgain(String how, int status, String code, String category, String retryAfter) {
        Http.Answer answer = http.get("/v1/test-failing/" + how).is(status, code);

        assertThat(answer.body().path("category").asText()).isEqualTo(category);
        assertThat(answer.header("retry-after")).isEqualTo(retryAfter);
        assertThat(answer.raw().body()).doesNotContain("secret");
    }

    @Test
    void aDeletionThatIsRepeatedWithItsKeyIsAnsweredAsTheFirst() {
        String path = "/v1/environments/twicegone";
        http.put(path, "{network: {cidr: 172.28.0.0/16}, terminationProtection: false}")
                .is(202);
        http.settled(path);
        Http.Answer first =
                http.send("DELETE", path, "", "Idempotency-Key", "gone-1").is(202);
        for (int i = 0; i < 100 && http.get(path).status() == 200; i++) {
            simulation.advance(Duration.ofMinutes(1));
        }

        Http.Answer again =
                http.send("DELETE", path, "", "Idempotency-Key", "gone-1").is(202);

        assertThat(again.location()).isEqualTo(first.location());
        assertThat(http.get(first.location()).is(200).body().path("state").asText())
                .isEqualTo("SUCCEEDED");
        http.send("DELETE", path, "", "Idempotency-Key", "gone-2").is(404, "environment-not-found");
    }

    /** A service's deletion says what to keep in its query: that is part of what is asked. */
    @Test
    void theSameKeyForAnotherDeletionIsAMistake() {
        String path = "/v1/environments/twokeys";
        http.put(path, "{network: {cidr: 172.27.0.0/16}, terminationProtection: false}")
                .is(202);
        http.settled(path);
        http.put(path + "/services/web", "container: {port: 8000}").is(202);
        http.settled(path + "/services/web");
        http.send("DELETE", path + "/services/web?keep=registry", "", "Idempotency-Key", "keep-1")
                .is(202);

        http.send("DELETE", path + "/services/web", "", "Idempotency-Key", "keep-1")
                .is(409, "idempotency-key-reused");
    }

    @Test
    void locationIsAPathSinceTheFunctionDoesNotKnowByWhichNameItIsReached() {
        Http.Answer answer = http.post(
                        "/v1/environments/somewhere/plans",
                        "network: {cidr: 172.26.0.0/16}",
                        "Content-Type",
                        "application/yaml")
                .is(202);

        assertThat(answer.header("location")).isEqualTo(answer.location()).startsWith("/v1/environments/somewhere/");
    }
}
