package dev.slipway.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.slipway.api.Http;
import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page in a real browser, against the running product with the simulated account. */
@Tag("slow")
@QuarkusTest
class PageTest {
    private static final String PROD = "/v1/environments/page";
    private static final String WEB = PROD + "/services/web";
    private static final String PIPELINE = "/v1/pipelines/web";
    private static final String YAML = "application/yaml";
    private static final String SERVICE = """
            container: {port: 8000}
            count: 2
            rollout:
              strategy: canary
              canary: {percent: 10, bakeMinutes: 10}
            """;

    private static final String SLOWNESS_JUDGED = SERVICE + "  verdict: {slowMillis: 500}\n";
    private static final String APPROVED = SERVICE + "  approval: {when: before-production, by: anyone}\n";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    private Http http;
    private Chromium chromium;

    @BeforeEach
    void start() {
        http = new Http(base, simulation);
        chromium = new Chromium(base);
    }

    @AfterEach
    void goHome() {
        try {
            chromium.close();
        } finally {
            http.send("POST", newest() + "/cancel", "");
            http.settled(WEB);
            http.send("DELETE", WEB + "?confirm=web", "");
            http.settled(WEB);
            http.send("DELETE", PROD, "");
            http.settled(PROD).is(404, "environment-not-found");
        }
    }

    private String newest() {
        String id = http.send("GET", WEB + "/rollouts?limit=1", "")
                .body()
                .path("items")
                .path(0)
                .path("id")
                .asText();
        return WEB + "/rollouts/" + id;
    }

    private void live(String service) {
        http.send("PUT", PROD, "network: {cidr: 10.77.0.0/16}\nterminationProtection: false\n", "Content-Type", YAML)
                .is(202);
        http.settled(PROD);
        // The service of another test had other controls.
        http.send("PUT", PROD + "/override/services/web?reason=test", service, "Content-Type", YAML)
                .is(202);
        http.settled(WEB);
        http.send("POST", WEB + "/rollouts", "{\"image\": \"v1\"}", "Content-Type", "application/json")
                .is(202);
        http.settled(WEB);
        simulation.advance(Duration.ofMinutes(70));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** The dialog that asks once more. */
    private static Locator dialog(Page page) {
        return page.getByRole(AriaRole.DIALOG);
    }

    private static Locator heading(Page page, String text) {
        return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(Pattern.compile(text)));
    }

    private static Locator standing(Page page) {
        return page.locator(".standing");
    }

    /** Time passes in small steps until the page shows it. */
    private void until(Locator shown) {
        for (int i = 0; i < 400 && !shown.first().isVisible(); i++) {
            simulation.advance(Duration.ofSeconds(30));
            chromium.look(shown.page());
        }
        chromium.picture(shown.page(), "until");
        assertThat(shown.first()).isVisible();
    }

    @Test
    void aCanaryThatFailsIsSeenToBeRolledBack() {
        live(SLOWNESS_JUDGED);
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        chromium.open(page, "/");
        page.locator("a[href='#/environments/page/services/web']").click();
        assertThat(standing(page)).containsText("healthy");
        chromium.accessible(page, "service");

        button(page, "Deploy").click();
        dialog(page).getByLabel("Image: a tag or digest").fill("v2-prod-errors-20");
        chromium.accessible(page, "deploy");
        dialog(page)
                .getByText("Deploy", new Locator.GetByTextOptions().setExact(true))
                .last()
                .click();
        assertThat(page.locator("h1")).isFocused();
        until(page.getByText("10 % release 2, 90 % release 1"));
        until(page.getByText("Failed requests", new Page.GetByTextOptions().setExact(true)));
        chromium.accessible(page, "canary");

        until(standing(page).getByText("rolled back"));
        assertThat(page.locator("figure canvas")).not().hasCount(0);
        assertThat(page.getByText(Pattern.compile("of .* requests failed on the new release"))
                        .first())
                .isVisible();
        assertThat(page.getByText("To do: Look at the verdict's numbers").first())
                .isVisible();
        Locator ledger = page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Ledger"));
        assertThat(ledger).containsText("asked for deploy of v2-prod-errors-20");
        assertThat(ledger).containsText("UNHEALTHY");
        chromium.accessible(page, "rolled-back");
        page.getByText("The numbers: Failed requests").click();
        assertThat(page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Failed requests")))
                .containsText("release 2 (new)");

        for (String tab :
                new String[] {"tasks", "why", "logs", "releases", "plans", "operations", "ledger", "delivery", "cost"
                }) {
            chromium.open(page, "/environments/page/services/web?tab=" + tab);
            assertThat(page.getByRole(AriaRole.TABPANEL))
                    .not()
                    .containsText("Asking", new LocatorAssertions.ContainsTextOptions().setTimeout(30_000));
            chromium.accessible(page, "service-" + tab);
        }
    }

    @Test
    void aCanaryIsApprovedOnAPhoneInTheDark() {
        live(SERVICE);
        http.send("PUT", PROD + "/override/services/web?reason=test", APPROVED, "Content-Type", YAML)
                .is(202);
        http.settled(WEB);
        Page page = chromium.page(390, ColorScheme.DARK);
        http.send("POST", WEB + "/rollouts", "{\"image\": \"v2\"}", "Content-Type", "application/json")
                .is(202);
        chromium.open(page, "/");
        until(heading(page, "Waits for somebody to approve"));
        chromium.accessible(page, "waiting");
        page.locator(".waiting a").click();
        button(page, "Approve").click();
        dialog(page).getByLabel("Reason").fill("seen in staging");
        dialog(page).locator("button[type=submit]").click();
        assertThat(dialog(page)).hasCount(0);
        until(page.getByText("10 % release 2, 90 % release 1"));
        chromium.accessible(page, "approved");
        for (int i = 0; i < 400 && !standing(page).getByText("succeeded").isVisible(); i++) {
            simulation.advance(Duration.ofSeconds(60));
            chromium.look(page);
        }
        assertThat(standing(page)).containsText("succeeded");
        page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Gate and checks"))
                .click();
        assertThat(page.getByRole(AriaRole.TABPANEL)).containsText("seen in staging");
        chromium.accessible(page, "live");
    }

    @Test
    void thePlanOfASmallerServiceTellsTheRiskAndIsApplied() {
        live(SERVICE);
        http.send("POST", WEB + "/plans", SERVICE.replace("count: 2", "count: 1"), "Content-Type", YAML)
                .is(202);
        Page page = chromium.page(1000, ColorScheme.DARK);
        chromium.open(page, "/environments/page/services/web?tab=plans");
        page.locator("tbody a").first().click();
        until(page.getByText("count leaves 1 of 2 tasks"));
        assertThat(page.locator(".diff")).containsText("count: 2 → 1");
        chromium.accessible(page, "plan");
        button(page, "Apply").click();
        dialog(page).locator("button[type=submit]").click();
        until(standing(page).getByText("succeeded"));
        chromium.accessible(page, "operation");
        chromium.open(page, "/environments/page?tab=cost");
        assertThat(page.getByRole(AriaRole.TABPANEL)).containsText("a month");
        chromium.accessible(page, "environment");
    }

    @Test
    void aPushIsFollowedThroughItsPipelineToItsRollout() {
        live(SERVICE);
        http.send("PUT", PROD + "/grants/web", "").is(200);
        String pipeline = "repository: {id: acme/web}\ndeploy: [{environment: page}]\n";
        http.send("PUT", PIPELINE, pipeline, "Content-Type", YAML).is(202);
        http.settled(PIPELINE);
        http.send("POST", "/simulated/connections/approve", "{\"service\": \"web\"}")
                .is(200);
        http.send(
                        "POST",
                        "/simulated/push",
                        "{\"service\": \"web\", \"message\": \"Say it shorter\", \"author\": \"Ann\"}")
                .is(202);
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        chromium.open(page, "/pipelines");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("web").setExact(true))
                .click();
        until(page.getByText("Rollout at page"));
        assertThat(page.locator("main")).containsText("Say it shorter by Ann");
        assertThat(page.locator(".pipeline > li")).hasCount(3);
        chromium.accessible(page, "pipeline");
        page.getByText("Rollout at page").click();
        assertThat(page.locator("h1")).containsText("at page/web");
        chromium.open(page, "/pipelines/web");
        until(page.locator(".pipeline > li").last().getByText("succeeded").first());
        chromium.accessible(page, "pipeline-done");
        http.send("DELETE", PIPELINE + "?confirm=web", "");
        http.settled(PIPELINE);
    }

    @Test
    void everythingIsReachedByKeys() {
        live(SERVICE);
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        chromium.open(page, "/environments/page/services/web");
        assertThat(standing(page)).isVisible();
        page.keyboard().press("Tab");
        assertThat(page.getByText("Skip to the content")).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("main")).isFocused();
        Locator deploy = button(page, "Deploy");
        for (int i = 0; i < 20 && !(boolean) deploy.evaluate("node => node === document.activeElement"); i++) {
            page.keyboard().press("Tab");
        }
        assertThat(deploy).isFocused();
        page.keyboard().press("Enter");
        assertThat(dialog(page)).isVisible();
        page.keyboard().press("Escape");
        assertThat(dialog(page)).hasCount(0);
        assertThat(deploy).isFocused();
        for (int i = 0; i < 20 && page.locator("[role=tab]:focus").count() == 0; i++) {
            page.keyboard().press("Tab");
        }
        page.keyboard().press("ArrowRight");
        assertThat(page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Tasks")))
                .isFocused();
        assertThat(page.getByRole(AriaRole.TABPANEL)).containsText("Stopped in the last hour");
        page.keyboard().press("End");
        assertThat(page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Cost")))
                .isFocused();
        assertThat(page).hasURL(Pattern.compile("tab=cost$"));
    }

    private static void answer(Route route, String json) {
        route.fulfill(
                new Route.FulfillOptions().setContentType("application/json").setBody(json));
    }

    private static String services(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> """
                        {"service": "s%d", "environment": "env-%d", "self": "/v1/environments/env-%d/services/s%d/status",
                         "state": "%s", "since": "2026-03-01T12:00:00Z", "release": %d, "reason": "Its tasks fail their checks."}""".formatted(i, i / 50, i / 50, i, i % 40 == 0 ? "DOWN" : "HEALTHY", i))
                .collect(Collectors.joining(","));
    }

    @Test
    void twoHundredServicesAreOneListAndAreFound() {
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        page.route(
                "**/v1/environments",
                route -> answer(
                        route,
                        IntStream.range(0, 4)
                                .mapToObj(i ->
                                        "{\"name\": \"env-%d\", \"self\": \"/v1/environments/env-%d\"}".formatted(i, i))
                                .collect(Collectors.joining(",", "{\"items\": [", "]}"))));
        page.route(
                "**/v1/services?**",
                route -> answer(
                        route,
                        route.request().url().contains("next=")
                                ? "{\"items\": [%s]}".formatted(services(100, 200))
                                : "{\"items\": [%s], \"next\": \"env-1.\"}".formatted(services(0, 100))));
        chromium.open(page, "/");
        assertThat(page.locator("tbody tr")).hasCount(200);
        assertThat(page.getByText("200 of 200 services")).isVisible();
        chromium.accessible(page, "two-hundred");
        page.getByLabel("State").selectOption("DOWN");
        assertThat(page.locator("tbody tr")).hasCount(5);
        page.getByLabel("Find").fill("env-3/");
        assertThat(page.locator("tbody tr")).hasCount(1);
    }

    @Test
    void anApiThatIsSlowAndFailsKeepsWhatWasSeen() {
        live(SERVICE);
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        page.clock().install();
        AtomicBoolean fails = new AtomicBoolean();
        page.route("**/v1/**", route -> {
            if (fails.get()) {
                route.fulfill(new Route.FulfillOptions()
                        .setStatus(503)
                        .setContentType("text/html")
                        .setBody("<h1>503</h1>"));
            } else {
                route.resume();
            }
        });
        chromium.open(page, "/environments/page/services/web");
        assertThat(standing(page)).containsText("healthy");
        fails.set(true);
        chromium.pass(page, 40);
        assertThat(page.getByRole(AriaRole.ALERT).first()).containsText("The answer was 503");
        assertThat(page.getByRole(AriaRole.ALERT).first()).containsText("What stands below is as it was at");
        assertThat(standing(page)).containsText("healthy");
        chromium.accessible(page, "failing");
        fails.set(false);
        chromium.pass(page, 90);
        assertThat(page.getByRole(AriaRole.ALERT)).hasCount(0);

        page.route("**/v1/services/**", Route::abort);
        page.route("**/v1/services?**", Route::abort);
        chromium.open(page, "/");
        assertThat(page.getByText("Slipway does not answer.")).isVisible();
        chromium.accessible(page, "unreachable");
    }

    @Test
    void whatIamRefusesIsDisabledWithItsReason() {
        live(SERVICE);
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        String before = newest();
        AtomicInteger asked = new AtomicInteger();
        page.route("**/rollback", route -> {
            asked.incrementAndGet();
            route.fulfill(
                    new Route.FulfillOptions()
                            .setStatus(403)
                            .setContentType("application/json")
                            .setBody(
                                    "{\"message\": \"User: arn:aws:sts::1:assumed-role/dev is not authorized to perform: execute-api:Invoke\"}"));
        });
        chromium.open(page, "/environments/page/services/web");
        Locator rollback = button(page, "Roll back");
        assertThat(rollback).isDisabled();
        assertThat(page.getByText("is not authorized to perform: execute-api:Invoke"))
                .isVisible();
        rollback.dispatchEvent("click");
        assertThat(dialog(page)).hasCount(0);
        assertThat(button(page, "Deploy")).isEnabled();
        assertThat(asked).hasValue(1);
        chromium.accessible(page, "refused");
        assertThat(newest()).as("what was asked only whether it may be done").isEqualTo(before);
    }

    /** How many calls a page that is left open makes in a minute, which passes for its timers only. */
    private int callsPerMinute(Page page, String path) {
        chromium.open(page, path);
        assertThat(page.locator("tbody tr").first()).isVisible();
        chromium.pass(page, 1);
        long before = ownRequests();
        chromium.pass(page, 60);
        return (int) (ownRequests() - before);
    }

    /** Without those for the environments of other tests. */
    private long ownRequests() {
        return chromium.requests().stream()
                .filter(request -> !request.matches("GET /v1/environments/(?!page/).*"))
                .count();
    }

    /** What `make bench` tells of the page, in target/page.json. */
    @Test
    void anOpenPageAsksSeldom() throws IOException {
        live(SERVICE);
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        page.clock().install();
        int list = callsPerMinute(page, "/");
        // What the page asks for once something is seen is asked for after these.
        int first = chromium.requests().indexOf("GET /v1/services?limit=100") + 1;
        int service = callsPerMinute(page, "/environments/page/services/web");
        http.send("POST", WEB + "/rollouts", "{\"image\": \"v2\"}", "Content-Type", "application/json")
                .is(202);
        int rollout = callsPerMinute(page, newest().replace("/v1", ""));
        assertThat(list).as("the list").isBetween(4, 12);
        assertThat(service).as("a service").isBetween(8, 20);
        assertThat(rollout).as("a rollout").isBetween(12, 32);
        int bytes = 0;
        for (String file : List.of("", "app.js", "app.css")) {
            byte[] body = http.send("GET", "/ui/" + file, "").raw().body().getBytes(StandardCharsets.UTF_8);
            bytes += http.send("GET", "/ui/" + file, "", "Accept-Encoding", "gzip")
                    .raw()
                    .headers()
                    .firstValue("content-length")
                    .map(Integer::parseInt)
                    .orElse(body.length);
        }
        Files.writeString(
                Path.of("target/page.json"),
                "{\"bytes\": %d, \"requests\": %d, \"list\": %d, \"service\": %d, \"rollout\": %d}"
                        .formatted(bytes, first, list, service, rollout));
    }

    /** At most five requests until something is seen, and 200 KB. */
    @Test
    void theFirstViewIsSmall() {
        live(SERVICE);
        Page page = chromium.page(1200, ColorScheme.LIGHT);
        chromium.open(page, "/");
        assertThat(page.locator("tbody tr").first()).isVisible();
        assertThat(chromium.requests().subList(0, 5))
                .containsExactlyInAnyOrder(
                        "GET /ui/",
                        "GET /ui/app.css",
                        "GET /ui/app.js",
                        "GET /v1/environments",
                        "GET /v1/services?limit=100");
        for (String file : new String[] {"app.js", "app.css"}) {
            Http.Answer answer = http.send("GET", "/ui/" + file, "", "Accept-Encoding", "gzip");
            assertThat(answer.raw().headers().firstValue("content-encoding")).contains("gzip");
            assertThat(answer.raw().headers().firstValueAsLong("content-length").orElseThrow())
                    .as(file)
                    .isLessThan(100_000);
            String tag = answer.raw().headers().firstValue("etag").orElseThrow();
            assertThat(http.send("GET", "/ui/" + file, "", "Accept-Encoding", "gzip", "If-None-Match", tag)
                            .status())
                    .isEqualTo(304);
        }
        Http.Answer document = http.send("GET", "/ui/", "");
        assertThat(document.raw()
                        .headers()
                        .firstValue("content-security-policy")
                        .orElse(""))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(document.raw().body().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(2000);
        http.send("GET", "/ui/other.js", "").is(404, "no-such-path");
        assertThat(http.send("GET", "/ui", "").raw().body())
                .isEqualTo(document.raw().body());
    }
}
