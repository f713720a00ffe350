package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing mistyped does something else: what a request does not take is refused, by whichever resource. */
@Tag("slow")
@QuarkusTest
class RequestRulesTest {
    private static final String WEB = "/v1/environments/strict/services/web";

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

    private static String plausible(String path) {
        return path.replace("{environment}", "strict")
                .replace("{service}", "web")
                .replace("{pipeline}", "web")
                .replace("{name}", "service")
                .replaceAll("\\{[a-z]+}", "1m85npb89qznmctad64");
    }

    @Test
    void everyOperationRefusesAParameterThatItDoesNotKnow() {
        OpenApiTest.methods().keySet().forEach(operation -> {
            String[] at = operation.split(" ");
            Http.Answer answer = http.send(at[0], plausible(at[1]) + "?unheard=1", "");
            assertThat(answer.status()).as(operation).isEqualTo(400);
            answer.is(400, "invalid-parameter");
            assertThat(answer.body().path("detail").asText()).as(operation).contains("unheard");
        });
    }

    @Test
    void everyOperationThatIsNotConditionalRefusesToBeMadeSo() {
        OpenApiTest.methods().forEach((operation, method) -> {
            String[] at = operation.split(" ");
            if (List.of("POST", "PUT", "DELETE").contains(at[0])
                    && !List.of("apply", "delete").contains(method.name())) {
                http.send(at[0], plausible(at[1]), "", "If-Match", "\"1\"").is(400, "malformed-precondition");
            }
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST   | /rollouts?dryRun=1                  | dryRun=1 is not allowed.               | dryRun may be true or false.
            POST   | /rollouts?dryRun                    | dryRun= is not allowed.                | dryRun may be true or false.
            POST   | /rollouts?dry_run=true              | There is no query parameter dry_run.   | Did you mean dryRun?
            POST   | /rollouts?dryRun=true&dryRun=false  | dryRun is in the query 2 times.        | Say it once.
            POST   | /promotions?dryrun=true             | There is no query parameter dryrun.    | Did you mean dryRun?
            POST   | /rollback?dryRun=true               | dryRun has no meaning here.            | This request takes no query parameter.
            DELETE | ?keeep=registry                     | There is no query parameter keeep.     | Did you mean keep?
            DELETE | ?keep=registery                     | keep=registery is not allowed.         | keep may be registry or logs.
            PUT    | ?overrideFreeze=weekend             | There is no query parameter overrideFreeze. | There is: allow
            PUT    | ?allow=Load-Balancer                | allow=Load-Balancer is not allowed.    | allow must be the logical id of a resource.
            GET    | /rollouts?status=RUNNING            | There is no query parameter status.    | There is: limit, next
            GET    | /ledger?type=NOTHING                | type=NOTHING is not allowed.           | type must be a type of entries such as CONTROLS_WEAKENED.
            GET    | /ledger?from=yesterday              | from=yesterday is not a time.          | Write it like 2026-11-28T00:00:00Z, in UTC.
            GET    | /ledger?to=2026-02-30T00:00:00Z     | to=2026-02-30T00:00:00Z is not a time. | Write it like 2026-11-28T00:00:00Z, in UTC.
            GET    | /ledger?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z | from=2026-02-01T00:00:00Z is not before to=2026-01-01T00:00:00Z. | Ask for a time that has a length.
            GET    | /ledger?format=yaml                 | format=yaml is not allowed.            | format may be json or jsonl.
            GET    | /dora?days=400                      | days=400 is not allowed.               | days must be a number from 1 to 365.
            GET    | /status?hours=1                     | hours has no meaning here.             | This request takes no query parameter.
            GET    | /rollouts?limit=5&limit=6           | limit is in the query 2 times.         | Say it once.
            """)
    void saysWhatIsWrongAndWhatWouldBeRight(String method, String path, String detail, String action) {
        Http.Answer answer = http.send(method, WEB + path, "").is(400, "invalid-parameter");

        assertThat(answer.body().path("detail").asText()).isEqualTo(detail);
        assertThat(answer.body().path("action").asText()).isEqualTo(action);
    }

    @Test
    void aBodyWhereNoneIsReadIsRefused() {
        String rollout = WEB + "/rollouts/1m85npb89qznmctad64";
        http.post(rollout + "/cancel", "{\"reason\": \"no\"}").is(400, "malformed-body");
        http.send("DELETE", WEB, "{\"keep\": [\"registry\"]}").is(400, "malformed-body");
        http.send("PUT", "/v1/environments/strict/grants/web", "{}").is(400, "malformed-body");
    }

    /** Under another name it would protect nothing, and nobody would know. */
    @ParameterizedTest
    @CsvSource({
        "If-Mach, If-Match",
        "Idempotency_Key, Idempotency-Key",
        "X-Idempotency-Key, Idempotency-Key",
        "Idempotence-Key, Idempotency-Key",
        "If-Non-Match, If-None-Match"
    })
    void aHeaderThatIsMisspelledIsRefusedWhereItWouldProtect(String header, String meant) {
        Http.Answer answer = http.post(WEB + "/rollouts", "{\"image\": \"v1\"}", header, "\"1\"");
        assertThat(answer.is(400, "malformed-request").body().path("action").asText())
                .isEqualTo("Did you mean " + meant + "?");
        assertThat(http.send("GET", "/v1/environments", "", header, "\"1\"").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"X-Dry-Run, true", "Dry_Run, 1", "dryRun, true", "Prefer, dry-run", "X-Confirm, web", "Keep, logs"})
    void aQueryParameterThatIsSentAsAHeaderIsRefusedWhereItWouldProtect(String header, String value) {
        http.post(WEB + "/rollouts", "{\"image\": \"v1\"}", header, value).is(400, "malformed-request");
        assertThat(http.send("GET", "/v1/environments", "", header, value).status())
                .isEqualTo(200);
    }

    @Test
    void aBodyOfJsonIsNotSaidToBeSomethingElse() {
        http.post(WEB + "/rollouts", "image: v1", "Content-Type", "application/yaml")
                .is(415, "unsupported-media-type");
        http.post(WEB + "/rollouts", "{}", "Content-Type", "application/json; charset=utf-8")
                .is(400, "malformed-body"); // read, and without an image
        http.post(WEB + "/rollouts", "{}", "Content-Type", "application/x-www-form-urlencoded")
                .is(400, "malformed-body");
    }

    @Test
    void aKeyHoldsForWhateverItIsSentWith() {
        String[] key = {"Idempotency-Key", "strict-1"};
        http.put("/v1/environments/strict", "network: {cidr: 10.77.0.0/16}\nterminationProtection: false\n")
                .is(202);
        http.settled("/v1/environments/strict");
        String grant = "/v1/environments/strict/grants/web";
        http.send("PUT", grant, "", key).is(200);
        Http.Answer reused = http.send("DELETE", grant, "", key).is(409, "idempotency-key-reused");
        assertThat(reused.body().path("detail").asText())
                .isEqualTo("The Idempotency-Key strict-1 was used for another request: PUT " + grant
                        + ", and not DELETE " + grant + ".");
        String[] other = {"Idempotency-Key", "strict-2"};
        String taken = http.send("DELETE", grant, "", other).is(200).body().toString();
        assertThat(http.send("DELETE", grant, "", other).is(200).body().toString())
                .isEqualTo(taken);
        http.send("DELETE", grant, "").is(404, "grant-not-found");
        http.send("PUT", grant, "", key).is(200);
        http.get(grant).is(404, "grant-not-found"); // a late repetition gives nothing anew
        http.delete("/v1/environments/strict").is(202);
        http.settled("/v1/environments/strict").is(404);
    }

    /** What the requests say that need to say something. */
    private static String body(String operation) {
        String[] at = operation.split(" ");
        if (at[0].equals("PUT") && !at[1].contains("/grants/") || at[1].endsWith("/plans")) {
            return at[1].contains("/pipelines/")
                    ? "repository: {id: acme/web}\ndeploy: [{environment: strict}]\n"
                    : at[1].contains("/services/") ? "container: {port: 8000}\n" : "network: {cidr: 10.77.0.0/16}\n";
        }
        String reason = at[1].contains("/override/") ? "\"reason\": \"because\"" : "";
        String said = Map.of(
                        "rollouts", "\"image\": \"v1\"",
                        "mend", "\"checkedAt\": \"2026-03-01T12:04:10Z\"",
                        "promotions", "\"from\": \"dev\"",
                        "approve", "\"release\": 1, \"percent\": 10",
                        "reject", "\"release\": 1, \"percent\": 10")
                .getOrDefault(at[1].substring(at[1].lastIndexOf('/') + 1), "");
        boolean spoken = at[0].equals("POST")
                && !at[1].endsWith("/cancel")
                && (!at[1].endsWith("/restart") || !reason.isEmpty())
                && !at[1].endsWith("/drift")
                && !at[1].endsWith("/redrive");
        return spoken ? "{" + said + (said.isEmpty() || reason.isEmpty() ? "" : ", ") + reason + "}" : "";
    }

    @Test
    void aKeyThatWasUsedDoesNothingElseWhateverItIsSentWith() {
        String[] key = {"Idempotency-Key", "strict-3", "Content-Type", "application/yaml"};
        http.send("POST", "/v1/environments/keyed/plans", "network: {cidr: 10.79.0.0/16}\n", key)
                .is(202);

        OpenApiTest.methods().forEach((operation, method) -> {
            String[] at = operation.split(" ");
            if (at[0].equals("GET")) {
                return;
            }
            boolean spec = List.of("apply", "plan").contains(method.name());
            String reason = spec && at[1].contains("/override") ? "?reason=because" : "";
            String type = spec ? "application/yaml" : "application/json";
            Http.Answer answer = http.send(
                    at[0],
                    plausible(at[1]) + reason,
                    body(operation),
                    "Idempotency-Key",
                    "strict-3",
                    "Content-Type",
                    type);
            assertThat(answer.status() + " " + answer.body().path("code").asText())
                    .as(operation + " " + answer.body())
                    .isEqualTo(at[1].endsWith("/redrive") ? "400 malformed-request" : "409 idempotency-key-reused");
        });
    }

    @Test
    void anEnvironmentsControlsAreWeakenedByAPathOfTheirOwn() {
        String path = "/v1/environments/looser";
        String less = "network: {cidr: 10.78.0.0/16}\nterminationProtection: false\n";
        http.put(path, less.replace("false", "true")).is(202);
        http.settled(path);

        Http.Answer refused = http.put(path, less).is(403, "override-required");
        assertThat(refused.body().at("/errors/0/field").asText()).isEqualTo("/terminationProtection");
        assertThat(refused.body().path("action").asText()).contains(path + "/override", "?reason=");
        http.put(path + "/override", less).is(400, "invalid-parameter");
        http.put(path + "/override?reason=it+goes&freezes=weekend", less).is(400, "invalid-parameter");
        String plan = http.post(path + "/plans", less, "Content-Type", "application/yaml")
                .is(202)
                .location();
        simulation.advance(Duration.ofMinutes(1));
        http.post(plan + "/apply", "").is(403, "override-required");
        String run = plan.replace("/plans/", "/override/plans/") + "/apply";
        http.post(run, "{}").is(400, "malformed-body");
        http.post(run, "{\"reason\": \"it goes\", \"freezes\": [\"weekend\"]}").is(400, "malformed-body");
        http.get(path + "/override").is(405, "method-not-allowed");

        http.post(run, "{\"reason\": \"it goes\"}").is(202);

        http.settled(path);
        assertThat(http.get(path + "/ledger").body().toString())
                .contains("CONTROLS_WEAKENED", "terminationProtection true → false: it goes");
        http.delete(path).is(202);
        http.settled(path).is(404);
    }
}
