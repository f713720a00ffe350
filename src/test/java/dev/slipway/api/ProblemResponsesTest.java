package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API says when it does not do what it was asked. */
@Tag("slow")
@QuarkusTest
class ProblemResponsesTest {
    private static final String ENVIRONMENTS = "/v1/environments";

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
    void namesEveryWrongFieldOfASpecAtOnce() {
        Http.Answer answer = http.put(
                        ENVIRONMENTS + "/bad/services/web", "container: {prot: 8000, cpu: 300}\ncount: many\n")
                .is(422, "invalid-spec");

        assertThat(answer.body().path("errors")).hasSizeGreaterThan(2);
        assertThat(answer.body().path("errors").toString()).contains("did you mean port?");
    }

    /** By it the lines of the log are found; a laptop makes one, and takes none that could not be one. */
    @Test
    void aProblemNamesTheRequestAsTheHeaderDoes() {
        Http.Answer first = http.get(ENVIRONMENTS + "/nowhere").is(404);
        Http.Answer second = http.get(ENVIRONMENTS + "?limit=none").is(400);
        Http.Answer odd = http.send("GET", ENVIRONMENTS, "", "Slipway-Request", "a \"b\" {c}");

        assertThat(first.body().path("requestId").asText())
                .isEqualTo(first.header("slipway-request"))
                .isNotEmpty()
                .isNotEqualTo(second.body().path("requestId").asText());
        assertThat(second.body().path("requestId").asText()).isEqualTo(second.header("slipway-request"));
        assertThat(odd.header("slipway-request")).matches("[0-9a-f-]{36}");
    }

    @Test
    void suggestsTheFieldOfABodyThatWasMeant() {
        Http.Answer answer = http.post(ENVIRONMENTS + "/bad/services/web/rollouts", "{\"imgae\": \"v1\"}")
                .is(400, "malformed-body");

        assertThat(answer.body().at("/errors/0/field").asText()).isEqualTo("/imgae");
        assertThat(answer.body().at("/errors/0/message").asText()).contains("did you mean image?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"image\": 1}", "[]", "null", "{", "{\"image\": \"v1\"} trailing"})
    void refusesABodyThatDoesNotSayTheImage(String body) {
        http.post(ENVIRONMENTS + "/bad/services/web/rollouts", body).is(400, "malformed-body");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "services/web/rollouts, {\"image\": 7}, /image, 7, must be text",
                "services/web/rollouts, {\"image\": [\"v1\"]}, /image, [\"v1\"], must be text",
                "override/services/web/rollouts, `{\"image\": \"v1\", \"freezes\": 1}`, /freezes, 1, must be a list of texts",
                "override/services/web/rollouts, `{\"image\": \"v1\", \"freezes\": [null]}`, /freezes/0, null, must be text",
                "services/web/plans/1/apply, {\"allow\": [null]}, /allow/0, null, must be text",
                "services/web/rollback, {\"release\": 1.5}, /release, 1.5, `must be a whole number, up to 2147483647`",
                "services/web/rollback, {\"release\": \"1\"}, /release, \"1\", `must be a whole number, up to 2147483647`",
                "services/web/rollback, {\"release\": 3000000000}, /release, 3000000000, `must be a whole number, up to 2147483647`",
            })
    void namesTheFieldOfABodyItsValueAndWhatWouldBeRight(
            String path, String body, String field, String value, String message) {
        Http.Answer answer = http.post(ENVIRONMENTS + "/bad/" + path, body).is(400, "malformed-body");

        assertThat(answer.body().at("/errors/0/field").asText()).isEqualTo(field);
        assertThat(answer.body().at("/errors/0/value").asText()).isEqualTo(value);
        assertThat(answer.body().at("/errors/0/message").asText()).isEqualTo(message);
    }

    @Test
    void refusesABodyThatSaysTheSameTwice() {
        Http.Answer answer = http.post(
                        ENVIRONMENTS + "/bad/services/web/rollouts", "{\"image\": \"v1\", \"image\": \"v2\"}")
                .is(400, "malformed-body");

        assertThat(answer.body().path("detail").asText()).isEqualTo("The field image appears twice.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Prod", "a", "with-hyphen", "elevenchars"})
    void refusesNamesThatAreNone(String name) {
        Http.Answer answer = http.get(ENVIRONMENTS + "/" + name).is(422, "invalid-name");

        assertThat(answer.body().path("detail").asText())
                .contains("2 to 10 lower-case letters and digits, the first a letter");
    }

    @Test
    void saysWhatIsNotThere() {
        http.get(ENVIRONMENTS + "/nope").is(404, "environment-not-found");
        http.get(ENVIRONMENTS + "/nope/services").is(404, "environment-not-found");
        http.get(ENVIRONMENTS + "/nope/services/web").is(404, "service-not-found");
        http.get(ENVIRONMENTS + "/nope/plans/1").is(404, "plan-not-found");
        http.get(ENVIRONMENTS + "/nope/operations/1").is(404, "operation-not-found");
        http.get(ENVIRONMENTS + "/nope/services/web/rollouts/1").is(404, "rollout-not-found");
        http.get("/v2").is(404, "no-such-path");
        http.get("/schemas/other.json").is(404, "no-such-path");
        HttpResponse<String> wrongMethod = http.send("PATCH", ENVIRONMENTS, "")
                .is(405, "method-not-allowed")
                .raw();
        assertThat(wrongMethod.headers().firstValue("Allow")).hasValue("GET");
        assertThat(http.send("POST", ENVIRONMENTS + "/prod/services/web", "")
                        .is(405, "method-not-allowed")
                        .raw()
                        .headers()
                        .firstValue("Allow"))
                .hasValue("DELETE, GET, PUT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=101", "limit=ten", "limit=-1", "next=!"})
    void refusesPagesThatAreNone(String query) {
        http.get(ENVIRONMENTS + "?" + query).is(400, "invalid-parameter");
        http.get(ENVIRONMENTS + "/nope/operations?" + query).is(400, "invalid-parameter");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "W/\"1\"", "\"one\"", "\"1\", \"2\""})
    void refusesAnIfMatchThatIsNoRevision(String match) {
        http.send("PUT", ENVIRONMENTS + "/bad", "{}", "Content-Type", "application/json", "If-Match", match)
                .is(400, "malformed-precondition");
    }

    @Test
    void changesOnlyWhatTheCallerHasSeen() {
        String path = ENVIRONMENTS + "/seen";
        String spec = "network: {cidr: 172.30.0.0/16}";
        http.send("PUT", path, spec, "Content-Type", "application/yaml", "If-Match", "\"1\"")
                .is(412, "revision-mismatch");
        http.send("PUT", path, spec, "Content-Type", "application/yaml", "If-None-Match", "*")
                .is(202);
        http.put(path, spec).is(409, "operation-in-progress");
        http.settled(path);
        http.send("PUT", path, spec, "Content-Type", "application/yaml", "If-Match", "*")
                .is(202);
        http.settled(path);
        http.send("PUT", ENVIRONMENTS + "/unseen", spec, "Content-Type", "application/yaml", "If-Match", "*")
                .is(412, "revision-mismatch");
        http.send("PUT", path, spec, "Content-Type", "application/yaml", "If-None-Match", "*")
                .is(412, "revision-mismatch");
        http.send("PUT", path, spec, "Content-Type", "application/yaml", "If-Match", "\"1\"")
                .is(202);
        http.settled(path);
        assertThat(http.get(path).raw().headers().firstValue("ETag"))
                .as("a spec that changes nothing is no new revision")
                .hasValue("\"1\"");
    }

    @Test
    void refusesABodyThatIsTooLargeWithADocument() {
        String large = "#".repeat(300 * 1024);
        http.put(ENVIRONMENTS + "/large", large).is(413, "document-too-large");
        http.post(ENVIRONMENTS + "/large/plans/1/apply", large).is(413, "document-too-large");
        http.put(ENVIRONMENTS + "/large", "#".repeat(9 * 1024 * 1024)).is(413, "document-too-large");
        http.put(ENVIRONMENTS + "/large", "#".repeat(12 * 1024 * 1024)).is(413, "body-too-large");
    }

    @Test
    void answersARepetitionAsTheFirstRequest() {
        String path = ENVIRONMENTS + "/twice/plans";
        String[] headers = {"Content-Type", "application/yaml", "Idempotency-Key", "key-1"};
        String first = http.post(path, "network: {cidr: 172.31.0.0/16}", headers)
                .is(202)
                .location();

        assertThat(http.post(path, "network: {cidr: 172.31.0.0/16}", headers)
                        .is(202)
                        .location())
                .isEqualTo(first);
        http.post(path, "network: {cidr: 172.29.0.0/16}", headers).is(409, "idempotency-key-reused");
        http.post(path, "{}", "Content-Type", "application/yaml", "Idempotency-Key", "x".repeat(129))
                .is(400, "invalid-idempotency-key");
    }

    /** The answer was lost, and by the next attempt there is nothing left to delete. */
    @Test
    void answersARepeatedDeletionAlsoWhenAllIsGone() {
        String path = ENVIRONMENTS + "/gone";
        http.put(path, "network: {cidr: 172.28.0.0/16}\nterminationProtection: false\n")
                .is(202);
        http.settled(path);
        String[] key = {"Idempotency-Key", "deletion-1"};
        String first = http.send("DELETE", path, "", key).is(202).location();
        http.settled(path);
        http.get(path).is(404, "environment-not-found");

        assertThat(http.send("DELETE", path, "", key).is(202).location()).isEqualTo(first);
        http.delete(path).is(404, "environment-not-found");
        http.send("DELETE", ENVIRONMENTS + "/other", "", key).is(409, "idempotency-key-reused");
    }

    @Test
    void refusesSpecsThatAreNeitherYamlNorJson() {
        http.send("PUT", ENVIRONMENTS + "/bad", "<a/>", "Content-Type", "text/html")
                .is(415);
        http.put(ENVIRONMENTS + "/bad", "a: [").is(400, "malformed-document");
    }
}
