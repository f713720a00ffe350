package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One file that is sent to two environments. */
@Tag("slow")
@QuarkusTest
class EnvironmentOverridesApiTest {
    private static final String FILE = """
            container: {port: 8000, environment: {MODE: fast}}
            routing: {paths: [/shop/*]}
            count: 1
            environments:
              odev: {container: {environment: {MODE: idle}}}
              oprod: {count: 3, container: {environment: {PIN: "4711"}}}
            """;
    private static final String DEV = "/v1/environments/odev";
    private static final String PROD = "/v1/environments/oprod";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    @Test
    void eachTakesItsOwnPartAndShowsNothingOfTheOther() {
        Http http = new Http(base, simulation);
        http.put(DEV, "network: {cidr: 10.31.0.0/16}").is(202);
        http.settled(DEV);

        Http.Answer accepted = http.put(DEV + "/services/web", FILE).is(202);
        assertThat(accepted.body().path("warnings").toString())
                .contains("/environments/oprod is for an environment that there is not");
        Http.Answer dev = http.settled(DEV + "/services/web");
        assertThat(dev.body().at("/declared/container/environment").toString()).isEqualTo("{\"MODE\":\"idle\"}");
        assertThat(dev.body().at("/declared/count").asInt()).isEqualTo(1);

        http.put(PROD, "network: {cidr: 10.32.0.0/16}").is(202);
        http.settled(PROD);
        assertThat(http.put(PROD + "/services/web", FILE)
                        .is(202)
                        .body()
                        .path("warnings")
                        .toString())
                .doesNotContain("there is not");
        assertThat(http.settled(PROD + "/services/web")
                        .body()
                        .at("/declared/count")
                        .asInt())
                .isEqualTo(3);

        Http.Answer planned = http.post(
                        DEV + "/services/web/plans",
                        FILE.replace("fast", "quick").replace("count: 1", "count: 2"),
                        "Content-Type",
                        "application/yaml")
                .is(202);
        http.settled(DEV + "/services/web");
        String plans = http.get(DEV + "/services/web/plans").is(200).raw().body();
        assertThat(plans).contains("\"idle\"").contains("\"count\":2");
        assertThat(plans
                        + planned.raw().body()
                        + dev.raw().body()
                        + http.get(DEV + "/services/web/operations").raw().body()
                        + http.get(DEV + "/services/web/ledger").raw().body())
                .doesNotContain("4711", "PIN");

        // What other rules find is named in the file, too.
        Http.Answer taken = http.put(DEV + "/services/other", """
                container: {port: 8000}
                routing: {paths: [/mine/*]}
                environments: {odev: {routing: {paths: [/shop/*]}}}
                """).is(422, "invalid-spec");
        assertThat(taken.body().at("/errors/0/field").asText()).isEqualTo("/environments/odev/routing/paths/0");
    }
}
