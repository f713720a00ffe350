package dev.slipway.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page with answers that are made here: of an API that refuses, fails or is gone, has much to tell, or what seldom happens. */
@QuarkusTest
class AnswersPageTest {
    private static final String ENVIRONMENT = "/v1/environments/prod";
    private static final String WEB = ENVIRONMENT + "/services/web";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    private Chromium chromium;
    private Page page;
    private final Map<String, Consumer<Route>> answers = new LinkedHashMap<>();
    private @Nullable Consumer<Route> outage;

    @BeforeEach
    void start() {
        chromium = new Chromium(base);
        page = chromium.page(1200, ColorScheme.LIGHT);
        page.clock().install();
        page.route("**/v1/**", route -> {
            String path = URI.create(route.request().url()).getPath();
            (outage != null ? outage : answers.getOrDefault(path, answer(404, "{\"message\": \"Not Found\"}")))
                    .accept(route);
        });
        answers.put(ENVIRONMENT, answer(200, "{\"name\": \"prod\", \"declared\": {}}"));
        answers.put(WEB, answer(200, "{\"name\": \"web\", \"declared\": {}}"));
        answers.put(WEB + "/status", answer(200, """
                {"service": "web", "environment": "prod", "state": "HEALTHY", "checkedAt": "2026-03-01T12:00:00Z"}"""));
        answers.put(WEB + "/rollouts", answer(200, "{\"items\": []}"));
    }

    @AfterEach
    void stop() {
        chromium.close();
    }

    private static Consumer<Route> answer(int status, String body) {
        return route -> route.fulfill(new Route.FulfillOptions()
                .setStatus(status)
                .setContentType("application/json")
                .setBody(body));
    }

    private Locator alert() {
        return page.getByRole(AriaRole.ALERT).first();
    }

    /** Timers of the page run as if so many seconds passed, with the answers in between. */
    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            page.clock().runFor(1000);
            page.waitForTimeout(15);
        }
    }

    private int requests(Runnable during) {
        int before = chromium.requests().size();
        during.run();
        return chromium.requests().size() - before;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            401 | {"title": "No credentials", "detail": "The AWS credentials have expired.", "code": "no-credentials", "action": "Log in: aws sso login"} | Log in: aws sso login
            403 | {"title": "Unknown browser", "detail": "This browser has not opened the dashboard.", "code": "unknown-browser", "action": "Run slipway dashboard again."} | Run slipway dashboard again.
            429 | {"message": "Too Many Requests"} | Too Many Requests
            500 | {"title": "Internal", "detail": "Something went wrong in Slipway.", "code": "internal", "action": "Try again."} | Something went wrong in Slipway.
            502 | {"title": "Unreachable", "detail": "https://slipway.example/ does not answer.", "code": "unreachable"} | does not answer.
            503 | {"message": "Service Unavailable"} | Service Unavailable
            504 | <h1>Gateway Timeout</h1> | The answer was 504
            0   | | Slipway does not answer.
            """)
    void whatFailsIsToldAndGetsWellByItself(int status, @Nullable String body, String told) {
        chromium.open(page, "/environments/prod/services/web");
        assertThat(page.locator(".standing")).containsText("healthy");
        outage = status == 0 ? Route::abort : answer(status, body == null ? "" : body);

        pass(20);
        assertThat(alert()).containsText(told);
        assertThat(alert()).containsText("What stands below is as it was at");
        assertThat(page.getByRole(AriaRole.ALERT)).hasCount(1);
        assertThat(page.locator("p.quiet:has-text('As it was at')").first()).isVisible();
        assertThat(page.locator(".standing")).containsText("healthy");
        assertThat(requests(() -> pass(120)))
                .as("it asks seldom, and does not give up")
                .isBetween(4, 24);

        outage = null;
        pass(61);
        assertThat(page.getByRole(AriaRole.ALERT)).hasCount(0);
        assertThat(page.locator(".standing")).containsText("healthy");
        assertThat(page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Deploy")))
                .isEnabled();
    }

    /** Also what is read only once. */
    @Test
    void whatFailsAtFirstIsReadLater() {
        outage = answer(503, "{\"message\": \"Service Unavailable\"}");
        answers.put(ENVIRONMENT + "/cost", answer(200, """
                {"cost": {"parts": [], "prices": "As of today."}, "dollarsPerMonth": 12}"""));
        chromium.open(page, "/environments/prod?tab=cost");
        assertThat(alert()).containsText("Service Unavailable");
        outage = null;
        pass(10);
        assertThat(page.getByText("$12.00 a month")).isVisible();
        answers.put(ENVIRONMENT + "/cost", answer(404, "{\"message\": \"Not Found\"}"));
        assertThat(requests(() -> pass(60)))
                .as("the environment and its status")
                .isLessThan(6);
    }

    @Test
    void itWaitsAsLongAsItIsTold() {
        AtomicInteger asked = new AtomicInteger();
        answers.put(WEB + "/status", route -> {
            asked.incrementAndGet();
            route.fulfill(new Route.FulfillOptions()
                    .setStatus(429)
                    .setHeaders(Map.of("Retry-After", "50", "Content-Type", "application/json"))
                    .setBody("{\"message\": \"Too Many Requests\"}"));
        });
        chromium.open(page, "/environments/prod/services/web");
        assertThat(alert()).containsText("Too Many Requests");
        pass(45);
        assertThat(asked).hasValue(1);
        pass(10);
        assertThat(asked).hasValue(2);
    }

    @Test
    void aTabThatIsNotLookedAtAsksNothing() {
        chromium.open(page, "/environments/prod/services/web");
        assertThat(page.locator(".standing")).containsText("healthy");
        pass(1);
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})");
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
        assertThat(requests(() -> pass(120))).isZero();
        page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})");
        assertThat(requests(() -> {
                    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
                    pass(1);
                }))
                .as("what was seen last is read at once")
                .isGreaterThan(1);
    }

    @Test
    void everyWrongFieldOfWhatIsRefusedIsNamed() {
        answers.put(
                WEB + "/rollouts",
                route -> answer(
                                route.request().method().equals("GET") ? 200 : 422,
                                route.request().method().equals("GET") ? "{\"items\": []}" : """
                        {"title": "Invalid spec", "detail": "Two fields are wrong.", "code": "invalid-spec", "status": 422, "errors": [
                          {"field": "/image", "value": "\\"v 1\\"", "message": "must be a tag or a digest"},
                          {"field": "/commit", "message": "must have 1 to 200 characters"}]}""")
                        .accept(route));
        chromium.open(page, "/environments/prod/services/web");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Deploy"))
                .click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        dialog.getByLabel("Image: a tag or digest").fill("v 1");
        dialog.locator("button[type=submit]").click();
        assertThat(dialog.locator(".error li")).hasText(new String[] {
            "/image: \"v 1\" must be a tag or a digest", "/commit must have 1 to 200 characters"
        });
        assertThat(dialog.getByLabel("Image: a tag or digest")).hasValue("v 1");
        chromium.accessibleEverywhere(page, "refused-deploy");
    }

    @Test
    void anOperationThatFailedNamesItsFieldsItsEventsAndWhatIsLeft() {
        answers.put(WEB + "/operations/1", answer(200, """
                {"id": "1", "target": "prod/web", "type": "APPLY", "state": "FAILED", "phase": "stack", "actor": "ann",
                 "acceptedAt": "2026-03-01T12:00:00Z", "endedAt": "2026-03-01T12:01:00Z",
                 "failure": {"code": "invalid-spec", "category": "user", "detail": "The spec does not fit any more.", "action": "Change it.",
                   "errors": [{"field": "/routing/paths/0", "value": "\\"/*\\"", "message": "is taken"}]},
                 "leftovers": [{"resource": "Acl", "type": "AWS::WAFv2::WebACL", "physicalId": "acl-1", "reason": "in use"}],
                 "progress": {"done": 1, "total": 2, "recent": [
                   {"at": "2026-03-01T12:00:30Z", "logicalId": "Cluster", "type": "AWS::ECS::Cluster", "status": "CREATE_FAILED", "reason": "no role"}]}}"""));
        chromium.open(page, "/environments/prod/services/web/operations/1");
        assertThat(alert()).containsText("The spec does not fit any more.");
        assertThat(alert()).containsText("/routing/paths/0: \"/*\" is taken");
        assertThat(page.locator("main")).containsText("acl-1");
        page.getByText("Events of the stack").click();
        assertThat(page.locator("main")).containsText("create failed");
        chromium.accessibleEverywhere(page, "failed-operation");
    }

    @Test
    void ofALongPropertyOfAPlanThePartThatDiffersIsShown() {
        String same = "widget ".repeat(200);
        answers.put(WEB + "/plans/1", answer(200, """
                {"id": "1", "state": "READY", "createdBy": "ann", "createdAt": "2026-03-01T12:00:00Z", "risks": [], "release": {}, "settings": {},
                 "apply": "/v1/environments/prod/services/web/plans/1/apply", "cost": {"message": "It costs the same."}, "spec": {},
                 "changes": [{"action": "MODIFY", "logicalId": "Dashboard", "type": "AWS::CloudWatch::Dashboard", "properties": [
                   {"path": "/Body", "before": "%s1%s", "after": "%s27%s"}, {"path": "/Rule", "before": "a", "after": "a"}]}]}""".formatted(same, same, same, same)));
        chromium.open(page, "/environments/prod/services/web/plans/1");
        assertThat(page.locator(".diff del")).hasText("… idget widget widget 1widget widget widget …");
        assertThat(page.locator(".diff ins")).hasText("… idget widget widget 27widget widget widget …");
        assertThat(page.locator(".diff")).containsText("/Rule: known only then");
        chromium.accessibleEverywhere(page, "long-plan");
    }

    @Test
    void aPipelineShowsWhatIsYetToCome() {
        answers.put("/v1/pipelines/web", answer(200, """
                {"name": "web", "state": "SUCCEEDED", "declared": {"deploy": [{"environment": "dev"}, {"environment": "prod"}]},
                 "executions": [{"id": "1", "state": "STARTED", "message": "Say it", "stages": [
                   {"name": "Source", "state": "SUCCEEDED"}, {"name": "Deploy-dev", "state": "STARTED"}]}],
                 "pushes": [{"environment": "dev", "tag": "v7", "digest": "sha256:00", "pushedAt": "2026-03-01T12:00:00Z", "problem": "There is a freeze."}]}"""));
        chromium.open(page, "/pipelines/web");
        assertThat(page.locator(".pipeline > li")).hasCount(3);
        assertThat(page.locator(".pipeline > li").last()).hasText(Pattern.compile("Deploy-prod\\s*not yet"));
        assertThat(page.locator("main")).containsText("There is a freeze.");
        chromium.accessibleEverywhere(page, "pipeline-to-come");
    }

    @Test
    void aRaisedAlarmLeadsToItsPlaybook() {
        answers.put(WEB + "/status", answer(200, """
                {"service": "web", "environment": "prod", "state": "DEGRADED", "checkedAt": "2026-03-01T12:00:00Z", "reasons": [
                  {"level": "ALARMS", "state": "DEGRADED", "message": "slipway-prod/web/slow is in ALARM since 2026-03-01T11:00:00Z.",
                   "more": "https://docs.example/playbooks/slow.md"}]}"""));
        chromium.open(page, "/environments/prod/services/web");
        assertThat(page.locator(".reasons"))
                .containsText("slipway-prod/web/slow is in ALARM since 2026-03-01 11:00:00.");
        assertThat(page.getByText("https://docs.example/playbooks/slow.md"))
                .hasAttribute("href", "https://docs.example/playbooks/slow.md");
        chromium.accessibleEverywhere(page, "alarm");
    }

    @Test
    void whatHasTheFocusKeepsItWhenItIsReadAgain() {
        answers.put(WEB + "/rollouts", answer(200, """
                {"items": [{"id": "1", "self": "/v1/environments/prod/services/web/rollouts/1", "reason": "DEPLOY", "state": "RUNNING", "release": 1,
                  "strategy": {"strategy": "canary"}, "startedBy": "ann", "startedAt": "2026-03-01T12:00:00Z"}]}"""));
        chromium.open(page, "/environments/prod/services/web");
        Locator row = page.locator("tbody a");
        row.focus();
        answers.put(WEB + "/rollouts", answer(200, """
                {"items": [{"id": "2", "self": "/v1/environments/prod/services/web/rollouts/2", "reason": "RESTART", "state": "QUEUED", "release": 2,
                  "strategy": {"strategy": "canary"}, "startedBy": "ben", "startedAt": "2026-03-01T13:00:00Z"},
                 {"id": "1", "self": "/v1/environments/prod/services/web/rollouts/1", "reason": "DEPLOY", "state": "SUCCEEDED", "release": 1,
                  "strategy": {"strategy": "canary"}, "startedBy": "ann", "startedAt": "2026-03-01T12:00:00Z"}]}"""));
        pass(16);
        assertThat(row).hasCount(2);
        assertThat(row.last()).isFocused();

        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Deploy"))
                .click();
        Locator image = page.getByLabel("Image: a tag or digest");
        image.fill("v2");
        pass(31);
        assertThat(image).isFocused();
        assertThat(image).hasValue("v2");
    }

    /** A list of ten pages is read a tenth as often as one of a page. */
    @Test
    void aThousandServicesAreOneListThatAsksNoMoreThanASmallOne() {
        answers.put(
                "/v1/environments",
                answer(
                        200,
                        IntStream.range(0, 20)
                                .mapToObj(i ->
                                        "{\"name\": \"env-%d\", \"self\": \"/v1/environments/env-%d\"}".formatted(i, i))
                                .collect(Collectors.joining(",", "{\"items\": [", "]}"))));
        answers.put("/v1/services", route -> {
            String url = route.request().url();
            int from = url.contains("next=") ? Integer.parseInt(url.replaceAll(".*next=", "")) : 0;
            String items = IntStream.range(from, from + 100)
                    .mapToObj(i -> """
                            {"service": "s%d", "environment": "env-%d", "self": "/v1/environments/env-%d/services/s%d/status", "state": "HEALTHY"}""".formatted(i, i / 50, i / 50, i))
                    .collect(Collectors.joining(",", "\"items\": [", "]"));
            answer(200, from == 900 ? "{%s}".formatted(items) : "{%s, \"next\": \"%d\"}".formatted(items, from + 100))
                    .accept(route);
        });
        for (int i = 0; i < 20; i++) {
            answers.put("/v1/environments/env-%d/status".formatted(i), answer(200, "{\"state\": \"HEALTHY\"}"));
        }
        chromium.open(page, "/");
        assertThat(page.getByText("1000 of 1000 services")).isVisible();
        page.waitForTimeout(500);
        assertThat(chromium.requests().stream()
                        .filter(request -> request.contains("/v1/services"))
                        .count())
                .isEqualTo(10);
        assertThat(requests(() -> pass(300)) / 5).as("calls a minute").isBetween(6, 13);
        page.setViewportSize(390, 844);
        chromium.picture(page, "a-thousand");
        page.getByLabel("Find").fill("s999");
        assertThat(page.locator("tbody tr")).hasCount(1);
        chromium.accessible(page, "one-of-a-thousand");
    }
}
