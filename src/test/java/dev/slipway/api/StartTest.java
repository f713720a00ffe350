package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is at hand for people and tools that come for the first time. */
@Tag("slow")
@QuarkusTest
class StartTest {
    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    @Test
    void tellsAPersonWhatThisIs() {
        Http http = new Http(base, simulation);

        Http.Answer text = http.get("/").is(200);
        assertThat(text.header("content-type")).startsWith("text/plain");
        assertThat(text.raw().body()).contains("/q/openapi");
        Http.Answer page =
                http.send("GET", "/", "", "Accept", "text/html,*/*;q=0.8").is(200);
        assertThat(page.header("content-type")).isEqualTo("text/html;charset=utf-8");
        assertThat(page.raw().body())
                .startsWith("<!doctype html>")
                .contains("api=" + base.resolve("/v1/environments"))
                .doesNotContain("src=", "<script");
    }

    @Test
    void linksOnlyToWhatIsThere() {
        Http http = new Http(base, simulation);
        String page =
                http.send("GET", "/", "", "Accept", "text/html").is(200).raw().body();

        assertThat(Pattern.compile("href=\"(/[^\"]*)\"").matcher(page).results())
                .hasSizeGreaterThan(3)
                .allSatisfy(link -> http.get(link.group(1)).is(200));
    }

    @Test
    void servesTheDescriptionAndTheSchemasOfSpecs() {
        Http http = new Http(base, simulation);

        assertThat(http.get("/q/openapi").is(200).raw().body()).startsWith("openapi: 3.1.0\n");
        assertThat(http.get("/q/openapi?format=json")
                        .is(200)
                        .body()
                        .path("openapi")
                        .asText())
                .isEqualTo("3.1.0");
        assertThat(http.send("GET", "/q/openapi", "", "Accept", "application/json")
                        .is(200)
                        .body()
                        .at("/components/schemas/ServiceSpec/type")
                        .asText())
                .isEqualTo("object");
        assertThat(http.get("/q/openapi?format=xml")
                        .is(400)
                        .body()
                        .path("detail")
                        .asText())
                .isEqualTo("format=xml is not allowed.");
        assertThat(http.get("/schemas/service.json")
                        .is(200)
                        .body()
                        .path("title")
                        .asText())
                .isEqualTo("a service");
    }
}
