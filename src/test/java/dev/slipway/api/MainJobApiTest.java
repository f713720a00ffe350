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

/** The founding use case over HTTP, from nothing to two releases, a rollback and back to nothing. */
@Tag("slow")
@QuarkusTest
class MainJobApiTest {
    private static final String PROD = "/v1/environments/prod";
    private static final String WEB = PROD + "/services/web";

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
    void takesTheGoServerFromNothingToLiveAndBackToNothing() {
        createsTheEnvironment();
        createsTheService();
        rollsOutTwice();
        looksWithoutTouching();
        waitsInsteadOfBeingRefused();
        rollsABadImageBack();
        appliesAPlan();
        goesBackToAnEarlierRelease();
        isFrozen();
        deletesBoth();
    }

    private void createsTheEnvironment() {
        Http.Answer accepted =
                http.put(PROD, Http.example("go-server/environment.yaml")).is(202);
        assertThat(accepted.header("location")).endsWith(accepted.location());
        assertThat(accepted.location()).startsWith(PROD + "/operations/");
        Http.Answer under = http.get(PROD).is(200);
        assertThat(under.body().at("/operation/state").asText()).isEqualTo("RUNNING");
        assertThat(under.body().path("state").asText()).isEqualTo("IN_PROGRESS");

        Http.Answer there = http.settled(PROD);

        assertThat(there.body().at("/last/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(there.body().path("state").asText()).isEqualTo("SUCCEEDED");
        assertThat(there.body().path("address").asText()).startsWith("http://");
        assertThat(there.header("etag")).isEqualTo("\"1\"");
        assertThat(http.get(accepted.location()).is(200).body().path("state").asText())
                .isEqualTo("SUCCEEDED");
    }

    private void createsTheService() {
        http.put(WEB, Http.example("go-server/service.yaml")).is(202);
        Http.Answer there = http.settled(WEB);
        assertThat(there.body().at("/last/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(there.body().path("drift").asText()).startsWith("No release is live yet: push an image to");
        assertThat(there.body().has("live")).isFalse();
        assertThat(http.get(PROD + "/services")
                        .is(200)
                        .body()
                        .at("/items/0/name")
                        .asText())
                .isEqualTo("web");
    }

    private void rollsOutTwice() {
        String first =
                http.post(WEB + "/rollouts", "{\"image\": \"v1\"}").is(202).location();
        http.post(WEB + "/rollouts", "{\"image\": \"v2\"}").is(409, "operation-in-progress");
        Http.Answer live = http.settled(WEB);
        assertThat(live.body().at("/live/release/tag").asText()).isEqualTo("v1");
        assertThat(live.body().at("/live/tasks/desired").asInt()).isEqualTo(2);
        assertThat(live.body().at("/live/trafficPercent/a").asInt()).isEqualTo(100);
        assertThat(live.body().has("drift")).as(live.raw().body()).isFalse();
        assertThat(live.body().at("/alarms/state").asText()).isIn("OK", "ALARM"); // a first release: no metrics yet
        assertThat(http.get(PROD).is(200).body().at("/alarms/state").asText()).isIn("OK", "ALARM");
        assertThat(http.get(first).body().path("state").asText()).isEqualTo("SUCCEEDED");

        http.post(WEB + "/rollouts", "{\"image\": \"v2\", \"commit\": \"3f2c8a91b7d0\"}")
                .is(202);
        assertThat(http.settled(WEB).body().at("/live/release/commit").asText()).isEqualTo("3f2c8a91b7d0");
        http.post(WEB + "/rollouts", "{\"image\": \"missing\"}").is(422);
    }

    private void waitsInsteadOfBeingRefused() {
        http.post(WEB + "/rollouts", "{\"image\": \"v1\", \"concurrencyPolicy\": \"perhaps\"}")
                .is(400, "malformed-body");
        http.post(WEB + "/rollouts", "{\"image\": \"v1\"}").is(202);
        String second = http.post(WEB + "/rollouts", "{\"image\": \"v2\", \"concurrencyPolicy\": \"queue\"}")
                .is(202)
                .location();
        Http.Answer waiting = http.get(second).is(200);
        assertThat(waiting.body().path("state").asText()).isEqualTo("QUEUED");
        assertThat(waiting.body().path("waitsFor").asText()).startsWith("Waits for the end of " + WEB + "/operations/");
        assertThat(waiting.body().has("operation")).isFalse();
        assertThat(http.get(WEB + "/rollouts").is(200).body().path("items").get(0))
                .as("the list shows what the single one shows")
                .isEqualTo(waiting.body());

        http.post(second + "/cancel", "").is(202);

        assertThat(http.get(second).is(200).body().path("state").asText()).isEqualTo("CANCELLED");
        http.settled(WEB);
        http.post(WEB + "/rollback", "{}").is(202);
        http.settled(WEB);
        Http.Answer ledger = http.get(WEB + "/ledger?limit=3").is(200);
        assertThat(ledger.body().at("/items/0/type").asText()).isEqualTo("ROLLOUT_ENDED");
        assertThat(ledger.body().at("/items/0/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(ledger.body().has("next")).isTrue();
        http.get(PROD + "/ledger").is(200);
        HttpResponse<String> lines = http.get(
                        WEB + "/ledger?limit=2&format=jsonl&type=ROLLOUT_STARTED&type=ROLLOUT_ENDED")
                .is(200)
                .raw();
        assertThat(lines.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/jsonl"));
        assertThat(lines.body().lines()).hasSize(3).satisfies(found -> {
            assertThat(found.getFirst()).contains("\"ROLLOUT_");
            assertThat(found.getLast()).startsWith("{\"next\":");
        });
        assertThat(http.get(WEB + "/status").is(200).body().path("state").asText())
                .isEqualTo("HEALTHY");
        assertThat(http.get(PROD + "/status").is(200).body().path("environment").asText())
                .isEqualTo("prod");
        assertThat(http.get("/v1/services?limit=100")
                        .is(200)
                        .body()
                        .path("items")
                        .findValuesAsText("environment"))
                .contains("prod");
        assertThat(http.get(WEB + "/dora?days=7")
                        .is(200)
                        .body()
                        .at("/deploymentFrequency/deployments")
                        .asInt())
                .isPositive();
        http.get(PROD + "/services/nobody/ledger").is(404, "service-not-found");
    }

    private void isFrozen() {
        String spec = Http.example("go-server/service.yaml")
                + "\nfreezes: [{name: always, start: '* * * * *', durationMinutes: 60, timeZone: UTC}]\n";
        http.put(WEB, spec).is(202);
        http.settled(WEB);
        http.post(WEB + "/rollouts", "{\"image\": \"v1\"}").is(409, "frozen");
        http.post(WEB + "/rollouts", "{\"image\": \"v1\", \"freezes\": [\"always\"], \"reason\": \"why not\"}")
                .is(400, "malformed-body");
        String override = PROD + "/override/services/web";
        http.post(override + "/rollouts", "{\"image\": \"v1\", \"freezes\": [\"always\"]}")
                .is(400, "malformed-body");
        http.put(override + "?freezes=always", spec).is(400, "invalid-parameter");
        http.put(override + "?freezes=always&reason=it+is+urgent", spec).is(202);
        http.settled(WEB);
        http.put(WEB, Http.example("go-server/service.yaml")).is(403, "override-required");
        http.put(override + "?reason=it+is+over", Http.example("go-server/service.yaml"))
                .is(202);
        http.settled(WEB);
    }

    private void looksWithoutTouching() {
        Http.Answer answer =
                http.post(WEB + "/rollouts?dryRun=true", "{\"image\": \"v2\"}").is(200);
        assertThat(answer.body().path("findings").isArray()).isTrue();
        assertThat(answer.body().path("findings")).isEmpty();
        assertThat(answer.body().at("/forecast/seconds").asInt()).isPositive();
        Http.Answer missing = http.post(WEB + "/rollouts?dryRun=true", "{\"image\": \"missing\"}")
                .is(200);
        assertThat(missing.body().at("/findings/0/code").asText()).isEqualTo("image-not-found");
        http.get(WEB + "/operations?limit=1").is(200);
        assertThat(http.get(WEB + "/rollouts").body().path("items")).hasSize(2);
    }

    private void rollsABadImageBack() {
        String bad = http.post(WEB + "/rollouts", "{\"image\": \"v3-crash\"}")
                .is(202)
                .location();
        Http.Answer after = http.settled(WEB);
        assertThat(after.body().at("/live/release/tag").asText()).isEqualTo("v2");
        Http.Answer rollout = http.get(bad).is(200);
        assertThat(rollout.body().path("state").asText()).isEqualTo("ROLLED_BACK");
        assertThat(rollout.body().path("detail").asText()).isNotEmpty();
        assertThat(rollout.body().has("manifest")).isFalse();
        http.post(bad + "/cancel", "").is(409, "rollout-ended");
    }

    private void appliesAPlan() {
        String more = Http.example("go-server/service.yaml").replace("memory: 512", "memory: 1024");
        String plan = http.post(WEB + "/plans", more, "Content-Type", "application/yaml")
                .is(202)
                .location();
        http.settled(WEB);
        Http.Answer ready = http.get(plan).is(200);
        assertThat(ready.body().path("state").asText()).isEqualTo("READY");
        assertThat(ready.body().at("/release/memory/after").asText()).isEqualTo("1024");
        http.post(ready.body().path("apply").asText(), "{\"alow\": []}").is(400, "malformed-body");
        http.post(ready.body().path("apply").asText(), "").is(202);
        Http.Answer live = http.settled(WEB);
        assertThat(live.body().at("/live/release/container/memory").asInt()).isEqualTo(1024);
        assertThat(live.body().path("revision").asLong()).isEqualTo(2);
        http.post(plan + "/apply", "").is(409, "plan-stale");
    }

    private void goesBackToAnEarlierRelease() {
        http.post(WEB + "/rollback", "{\"release\": 1}").is(202);
        Http.Answer live = http.settled(WEB);
        assertThat(live.body().at("/live/release/number").asInt()).isEqualTo(1);
        assertThat(live.body().path("drift").asText()).contains("container settings are not those of release 1");
        Http.Answer page = http.get(WEB + "/releases?limit=2").is(200);
        assertThat(page.body().path("items")).hasSize(2);
        Http.Answer rest = http.get(WEB + "/releases?limit=100&next="
                        + page.body().path("next").asText())
                .is(200);
        assertThat(rest.body().has("next")).isFalse();
        http.get(WEB + "/releases?next=nonsense").is(400, "invalid-parameter");
    }

    private void deletesBoth() {
        http.send("DELETE", WEB + "?keep=everything", "").is(400, "invalid-parameter");
        http.delete(PROD).is(409, "environment-has-services");
        http.send("DELETE", WEB, "", "If-Match", "\"1\"").is(412, "revision-mismatch");
        Http.Answer asked = http.delete(WEB).is(409, "confirmation-required");
        assertThat(asked.body().path("detail").asText())
                .contains("slipway-prod-web", "the registry slipway-prod-web with all images", "/slipway/prod/web");
        http.delete(WEB + "?confirm=wbe").is(409, "confirmation-required");
        Http.Answer deleted = http.delete(WEB + "?confirm=web").is(202);
        assertThat(deleted.body().at("/warnings/0").asText()).contains("It removes the stack slipway-prod-web");
        assertThat(http.get(WEB + "/ledger?limit=1")
                        .body()
                        .at("/items/0/message")
                        .asText())
                .contains("It removes the stack slipway-prod-web");
        http.settled(WEB).is(404, "service-not-found");
        http.delete(PROD).is(409, "termination-protected");
        http.put(PROD + "/override?reason=it+goes", "terminationProtection: false")
                .is(202);
        http.settled(PROD).is(200);
        http.delete(PROD).is(202);
        http.settled(PROD).is(404, "environment-not-found");
    }
}
