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

/** Whoever asks whether they may do something does not do it. */
@Tag("slow")
@QuarkusTest
class PermissionCheckTest {
    private static final String ASKED = "/v1/environments/asked";
    private static final String SHOP = ASKED + "/services/shop";
    private static final String[] CHECK = {PermissionCheck.HEADER, "true"};

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

    private static void isAllowed(Http.Answer answer, String of) {
        assertThat(answer.status()).as(of + " " + answer.raw().body()).isEqualTo(204);
        assertThat(answer.raw().body()).as(of).isEmpty();
        assertThat(answer.header(PermissionCheck.HEADER)).as(of).isEqualTo("true");
        assertThat(answer.header("cache-control")).as(of).isEqualTo("no-store");
        assertThat(answer.header("slipway-request")).as(of).isNotEmpty();
    }

    /** IAM has judged method and path, and nothing else is: neither a body nor whether there is such a thing. */
    @Test
    void everyOperationAnswersThatItIsAllowedAndLooksAtNothing() {
        OpenApiTest.methods().keySet().forEach(operation -> {
            String[] at = operation.split(" ");
            String path = at[1].replaceAll("\\{[a-z]+}", "Not-A-Name");
            isAllowed(http.send(at[0], path, "", CHECK), operation);
            if (!at[0].equals("GET")) {
                isAllowed(
                        http.send(
                                at[0],
                                path + "?unheard=1",
                                "{no: \"spec",
                                "Slipway-Permission-Check",
                                "true",
                                "Content-Type",
                                "text/plain",
                                "If-Match",
                                "*"),
                        operation);
            }
        });
        isAllowed(http.send("HEAD", "/v1/environments", "", CHECK), "HEAD");
    }

    @Test
    void nothingIsDoneByTheQuestionAndItsKeyIsStillFree() {
        String spec = "container: {port: 8000}\ncount: 2\n"
                + "rollout: {strategy: blue-green, approval: {when: before-production, by: anyone}}\n";
        http.put(ASKED, "network: {cidr: 10.81.0.0/16}\nterminationProtection: false\n")
                .is(202);
        http.settled(ASKED);
        http.put(SHOP, spec).is(202);
        http.settled(SHOP);
        String rollout =
                http.post(SHOP + "/rollouts", "{\"image\": \"v1\"}").is(202).location();
        for (int i = 0; i < 500 && !http.get(rollout).body().has("approval"); i++) {
            simulation.advance(Duration.ofSeconds(10));
        }
        String waiting = http.get(rollout).body().path("approval").toString();
        String ledger = http.get(ASKED + "/ledger?limit=100").raw().body()
                + http.get(SHOP + "/ledger?limit=100").raw().body();
        String view = http.get(SHOP).raw().body();

        String approval = "{\"release\": 1, \"percent\": 100}";
        String[] keyed = {"Idempotency-Key", "asked-1", "Slipway-Permission-Check", "true"};
        isAllowed(http.post(rollout + "/approve", approval, keyed), "approve");
        isAllowed(http.post(rollout + "/reject", approval, keyed), "reject");
        isAllowed(http.post(rollout + "/cancel", "", keyed), "cancel");
        isAllowed(http.send("DELETE", SHOP + "?confirm=shop", "", keyed), "delete");
        isAllowed(http.send("PUT", SHOP, spec.replace("2", "5"), keyed), "apply");
        isAllowed(http.send("PUT", ASKED + "/grants/shop", "", keyed), "grant");
        isAllowed(http.send("DELETE", ASKED, "", keyed), "delete the environment");
        // As the page asks one that has never heard of the header: nobody takes this body.
        OpenApiTest.methods().keySet().stream()
                .filter(operation -> !operation.startsWith("GET"))
                .forEach(operation -> {
                    String path = operation
                            .split(" ")[1]
                            .replace("/v1/environments/{environment}", ASKED)
                            .replace("services/{service}", "services/shop")
                            .replace("{rollout}", rollout.substring(rollout.lastIndexOf('/') + 1))
                            .replaceAll("\\{[a-z]+}", "shop");
                    assertThat(http.send(
                                            operation.split(" ")[0],
                                            path,
                                            "{\"permissionCheck\":true}",
                                            "Content-Type",
                                            "application/json")
                                    .status())
                            .as(operation)
                            .isIn(400, 404, 415, 422);
                });

        assertThat(waiting).contains("\"release\":1");
        assertThat(http.get(rollout).body().path("approval").toString()).isEqualTo(waiting);
        assertThat(http.get(ASKED + "/ledger?limit=100").raw().body()
                        + http.get(SHOP + "/ledger?limit=100").raw().body())
                .isEqualTo(ledger);
        assertThat(http.get(SHOP).raw().body()).isEqualTo(view);
        http.post(rollout + "/approve", approval, "Idempotency-Key", "asked-1").is(202);
        http.settled(SHOP);
        assertThat(http.get(rollout).body().path("state").asText()).isEqualTo("SUCCEEDED");

        http.send("DELETE", SHOP + "?confirm=shop", "").is(202);
        http.settled(SHOP);
        http.delete(ASKED).is(202);
        http.settled(ASKED).is(404);
    }

    @ParameterizedTest
    @CsvSource({"false, false", "TRUE, TRUE", "1, 1", "'', empty", "'true, true', 'true, true'", "yes, yes"})
    void anyOtherValueIsRefusedAndDoesNothing(String value, String shown) {
        Http.Answer refused = http.send("PUT", ASKED, "network: {}\n", PermissionCheck.HEADER, value)
                .is(400, "malformed-request");

        assertThat(refused.body().path("detail").asText())
                .isEqualTo("The header Slipway-Permission-Check is " + shown + "; nothing has been done.");
        assertThat(refused.body().path("action").asText()).contains("Slipway-Permission-Check: true");
        http.get(ASKED).is(404);
    }

    @Test
    void sentTwiceItIsRefusedToo() {
        http.send("DELETE", ASKED, "", PermissionCheck.HEADER, "true", PermissionCheck.HEADER, "true")
                .is(400, "malformed-request");
    }

    /** Under another name the request would be done. */
    @ParameterizedTest
    @CsvSource({
        "X-Slipway-Permission-Check, 400",
        "Slipway-Permissions-Check, 400",
        "Slipway_Permission_Check, 400",
        "Slipway-Permision-Check, 400",
        "Permission-Check, 400",
        "Slipway-Actor, 404",
        "Slipway-Request, 404",
        "Slipway-Account, 404"
    })
    void aMisspelledQuestionIsNoRequest(String header, int status) {
        Http.Answer answer = http.send("DELETE", ASKED, "", header, "true").is(status);

        if (status == 400) {
            assertThat(answer.body().path("action").asText()).isEqualTo("Did you mean Slipway-Permission-Check?");
        }
    }

    @Test
    void whereNothingIsThereIsNoPermissionEither() {
        http.send("POST", "/v1/nothing", "", CHECK).is(404, "no-such-path");
        http.send("POST", "/v1/environments", "", CHECK).is(405, "method-not-allowed");
        http.send("PATCH", ASKED, "", CHECK).is(405, "method-not-allowed");
    }
}
