package dev.slipway.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page with answers that are made here: of an API that refuses, fails or is gone, has much to tell, or what seldom happens. */
@Tag("slow")
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
        reader("UTC");
        answers.put(ENVIRONMENT, answer(200, "{\"name\": \"prod\", \"declared\": {}}"));
        answers.put(WEB, answer(200, "{\"name\": \"web\", \"declared\": {}}"));
        answers.put(WEB + "/status", answer(200, """
                {"service": "web", "environment": "prod", "state": "HEALTHY", "checkedAt": "2026-03-01T12:00:00Z"}"""));
        answers.put(WEB + "/rollouts", answer(200, "{\"items\": []}"));
    }

    /** A page of somebody in that time zone. */
    private void reader(String timeZone) {
        page = chromium.page(1200, ColorScheme.LIGHT, timeZone);
        page.clock().install();
        page.route("**/v1/**", route -> {
            String path = URI.create(route.request().url()).getPath();
            (outage != null ? outage : answers.getOrDefault(path, answer(404, "{\"message\": \"Not Found\"}")))
                    .accept(route);
        });
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
        chromium.pass(page, seconds);
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
        page.waitForCondition(() -> asked.get() == 2);
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
                          {"field": "/commit", "message": "must have 1 to 200 characters"},
                          {"field": "/rollout/alarms", "message": "must have at most 5"}]}""")
                        .accept(route));
        chromium.open(page, "/environments/prod/services/web");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Deploy"))
                .click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        dialog.getByLabel("Image: a tag or digest").fill("v 1");
        dialog.locator("button[type=submit]").click();
        assertThat(dialog.locator(".wrong"))
                .hasText(new String[] {"\"v 1\" must be a tag or a digest", "must have 1 to 200 characters"});
        assertThat(dialog.locator(".error li")).hasText("/rollout/alarms must have at most 5");
        assertThat(dialog.getByLabel("Image: a tag or digest")).isFocused();
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
        assertThat(requests(() -> pass(300)) / 5).as("calls a minute").isBetween(4, 13);
        page.setViewportSize(390, 844);
        chromium.picture(page, "a-thousand");
        page.getByLabel("Find").fill("s999");
        assertThat(page.locator("tbody tr")).hasCount(1);
        chromium.accessible(page, "one-of-a-thousand");
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private Locator dialog() {
        return page.getByRole(AriaRole.DIALOG);
    }

    /** Not the question whether it may be asked. */
    private static boolean isAsked(Request request) {
        return !request.method().equals("GET") && !request.headers().containsKey("slipway-permission-check");
    }

    private static final String ENDED_OPERATIONS = """
            {"items": [
              {"id": "3", "self": "/v1/environments/prod/services/web/operations/3", "target": "prod/web", "type": "ROLLOUT", "state": "FAILED",
               "phase": "monitor", "actor": "ann", "acceptedAt": "2026-03-01T12:00:00Z", "endedAt": "2026-03-01T12:01:00Z",
               "failure": {"code": "cancelled", "category": "user", "detail": "Cancelled by ben."}},
              {"id": "2", "self": "/v1/environments/prod/services/web/operations/2", "target": "prod/web", "type": "ROLLOUT", "state": "FAILED",
               "phase": "monitor", "actor": "ann", "acceptedAt": "2026-03-01T11:00:00Z", "endedAt": "2026-03-01T11:01:00Z",
               "failure": {"code": "rolled-back", "category": "user", "detail": "Release 2 was rolled back."}},
              {"id": "1", "self": "/v1/environments/prod/services/web/operations/1", "target": "prod/web", "type": "APPLY", "state": "FAILED",
               "phase": "stack", "actor": "ann", "acceptedAt": "2026-03-01T10:00:00Z", "endedAt": "2026-03-01T10:01:00Z",
               "failure": {"code": "invalid-spec", "category": "user", "detail": "The spec does not fit any more.", "action": "Change it.",
                 "errors": [{"field": "/routing/paths/0", "value": "\\"/*\\"", "message": "is taken"}]}}]}""";

    @Test
    void anOperationSaysHowItsRolloutEnded() {
        answers.put(WEB + "/operations", answer(200, ENDED_OPERATIONS));
        answers.put(WEB + "/operations/3", answer(200, """
                {"id": "3", "target": "prod/web", "type": "ROLLOUT", "state": "FAILED", "phase": "monitor", "actor": "ann",
                 "acceptedAt": "2026-03-01T12:00:00Z", "endedAt": "2026-03-01T12:01:00Z",
                 "failure": {"code": "cancelled", "category": "user", "detail": "Cancelled by ben."}}"""));
        chromium.open(page, "/environments/prod/services/web?tab=operations");
        Locator rows = page.locator("tbody tr");
        assertThat(rows.nth(0)).containsText("cancelled");
        assertThat(rows.nth(0)).not().containsText("failed");
        assertThat(rows.nth(1)).containsText("rolled back");
        assertThat(rows.nth(2)).containsText("failed");
        assertThat(rows.nth(2)).containsText("/routing/paths/0: \"/*\" is taken");
        assertThat(rows.nth(2)).containsText("Change it.");
        chromium.accessibleEverywhere(page, "operations");
        rows.nth(0).getByRole(AriaRole.LINK).click();
        assertThat(page.locator(".standing")).containsText("cancelled rollout of prod/web");
        assertThat(page.locator("main")).containsText("Cancelled by ben.");
        assertThat(page.getByRole(AriaRole.ALERT)).hasCount(0);
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-03-01T12:00:00Z, 2026-03-01 13:00:00, UTC+1",
        "Europe/Berlin, 2026-07-01T12:00:00Z, 2026-07-01 14:00:00, UTC+2",
        "Asia/Tehran, 2026-03-01T21:00:00Z, 2026-03-02 00:30:00, UTC+3:30",
        "America/St_Johns, 2026-03-01T02:00:00Z, 2026-02-28 22:30:00, UTC-3:30",
    })
    void timesAreTheReadersAndSayOfWhichZone(String zone, String instant, String local, String offset) {
        answers.put(WEB + "/status", answer(200, """
                {"service": "web", "environment": "prod", "state": "DEGRADED", "checkedAt": "%s", "reasons": [
                  {"level": "ALARMS", "state": "DEGRADED", "message": "slow is in ALARM since %s."}]}""".formatted(instant, instant)));
        reader(zone);
        chromium.open(page, "/environments/prod/services/web");
        String utc = instant.replace('T', ' ').replace("Z", "");
        Locator checked = page.locator(".standing time");
        Locator said = page.locator(".reasons time");
        for (Locator time : new Locator[] {checked, said}) {
            assertThat(time).hasText(local);
            assertThat(time).hasAttribute("datetime", instant);
            assertThat(time).hasAttribute("title", "%s %s, %s UTC".formatted(local, offset, utc));
        }
        Locator zones = page.getByLabel("Times in");
        assertThat(zones.locator("option").first()).containsText(zone + " (UTC");

        zones.selectOption("UTC");
        assertThat(checked).hasText(utc);
        assertThat(said).hasText(utc);
        page.reload();
        assertThat(checked).hasText(utc);
        zones.selectOption(zone);
        assertThat(said).hasText(local);
    }

    @Test
    void whoseClockIsUtcHasNothingToChoose() {
        chromium.open(page, "/environments/prod/services/web");
        assertThat(page.locator("header")).containsText("Times in UTC");
        assertThat(page.locator("header select")).hasCount(0);
    }

    @Test
    void oneTaskIsNotManyTasks() {
        answers.put(WEB, answer(200, """
                {"name": "web", "declared": {}, "live": {"release": {"number": 1, "tag": "v1"}, "tasks": {"running": 1, "desired": 1}}}"""));
        answers.put("/v1/services", answer(200, """
                {"items": [{"service": "web", "environment": "prod", "self": "/v1/environments/prod/services/web/status", "state": "HEALTHY"}]}"""));
        answers.put(
                "/v1/environments",
                answer(200, "{\"items\": [{\"name\": \"prod\", \"self\": \"/v1/environments/prod\"}]}"));
        chromium.open(page, "/environments/prod/services/web");
        assertThat(page.locator(".facts")).containsText("1 of 1 task running");
        chromium.open(page, "/");
        assertThat(page.locator(".count")).hasText("1 of 1 service");
    }

    private static final String PLAN = """
            {"id": "1", "state": "READY", "createdBy": "ann", "createdAt": "2026-03-01T12:00:00Z", "release": {}, "settings": {}, "revision": 3,
             "apply": "/v1/environments/prod/services/web/plans/1/apply", "cost": {"message": "It costs the same."},
             "spec": {"container": {"port": 8000}}, "changes": [], "risks": [
               {"logicalId": "TargetGroup", "message": "It is replaced.", "blocking": true},
               {"logicalId": "count", "message": "One task is left.", "blocking": false}]}""";

    @Test
    void whatWouldBeLostIsAllowedByNameBeforeAPlanIsApplied() {
        AtomicReference<String> sent = new AtomicReference<>();
        answers.put(WEB + "/plans/1", answer(200, PLAN));
        answers.put(WEB + "/plans/1/apply", route -> {
            if (isAsked(route.request())) {
                sent.set(route.request().postData());
            }
            answer(
                            202,
                            "{\"location\": \"/v1/environments/prod/services/web/operations/1\", \"warnings\": [\"Take care.\"]}")
                    .accept(route);
        });
        answers.put(WEB + "/operations/1", answer(200, """
                {"id": "1", "target": "prod/web", "type": "APPLY", "state": "RUNNING", "phase": "stack", "actor": "ann",
                 "acceptedAt": "2026-03-01T12:00:00Z"}"""));
        chromium.open(page, "/environments/prod/services/web/plans/1");
        button("Apply").click();
        Locator allowed = dialog().getByRole(AriaRole.CHECKBOX);
        assertThat(allowed).hasCount(1);
        dialog().locator("button[type=submit]").click();
        assertThat(sent).hasValue(null);
        chromium.accessibleEverywhere(page, "allow");
        allowed.check();
        dialog().locator("button[type=submit]").click();
        assertThat(page.locator(".standing")).containsText("running apply of prod/web");
        assertThat(sent).hasValue("{\"allow\":[\"TargetGroup\"]}");
        assertThat(page.getByRole(AriaRole.NOTE)).hasText("Take care.");
        chromium.open(page, "/environments/prod/services/web");
        assertThat(page.getByRole(AriaRole.NOTE)).hasCount(0);
    }

    @Test
    void aSpecThatIsBeingWrittenOutlivesAReloadAndSaysWhenAnotherWasApplied() {
        answers.put(WEB, answer(200, "{\"name\": \"web\", \"revision\": 3, \"declared\": {\"count\": 2}}"));
        chromium.open(page, "/environments/prod/services/web/plans");
        Locator spec = page.getByLabel("Spec, as JSON or YAML");
        assertThat(spec).hasValue("{\n  \"count\": 2\n}\n");
        spec.fill("count: 3");
        answers.put(WEB, answer(200, "{\"name\": \"web\", \"revision\": 4, \"declared\": {\"count\": 4}}"));
        page.reload();
        assertThat(spec).hasValue("count: 3");
        assertThat(page.getByRole(AriaRole.NOTE)).containsText("began with revision 3; by now it is revision 4");
        button("Start again with the present spec").click();
        assertThat(spec).hasValue("{\n  \"count\": 4\n}\n");
        assertThat(page.getByRole(AriaRole.NOTE)).hasCount(0);
        assertThat(spec).isFocused();
        answers.put(WEB + "/plans/1", answer(200, PLAN));
        chromium.open(page, "/environments/prod/services/web/plans/1");
        page.getByText("Change the spec and plan again").click();
        assertThat(spec).hasValue("{\n  \"container\": {\n    \"port\": 8000\n  }\n}\n");
    }

    @Test
    void whoMayNotPlanIsToldSoBefore() {
        answers.put(
                WEB + "/plans",
                answer(403, "{\"message\": \"User: dev is not authorized to perform: execute-api:Invoke\"}"));
        chromium.open(page, "/environments/prod/services/web/plans");
        assertThat(button("Make the plan")).isDisabled();
        assertThat(page.getByText("is not authorized to perform")).isVisible();
        button("Make the plan").dispatchEvent("click");
        page.getByLabel("Spec, as JSON or YAML").press("Tab");
        assertThat(button("Make the plan")).isFocused();
        assertThat(chromium.sent(AnswersPageTest::isAsked)).isEmpty();
        chromium.accessibleEverywhere(page, "may-not-plan");
    }

    @Test
    void whoMayMakeNothingNewIsToldSoAndWhoMayMakeOneThatIsNamedSoCan() {
        String refused = "{\"message\": \"User: dev is not authorized to perform: execute-api:Invoke\"}";
        answers.put("/v1/environments/prod/services/new/plans", answer(403, refused));
        answers.put("/v1/environments/prod/services/team-cart/plans", answer(200, "{}"));
        answers.put("/v1/environments/prod", answer(200, "{\"name\": \"prod\", \"services\": [\"web\"]}"));
        answers.put("/v1/environments/prod/services", answer(200, "{\"items\": []}"));
        chromium.open(page, "/environments/prod");
        Locator plan = button("Plan the new service …");
        assertThat(plan).isDisabled();
        assertThat(page.locator(".new")).containsText("is not authorized to perform");
        chromium.accessibleEverywhere(page, "may-make-nothing");
        page.getByLabel("New service").fill("team-cart");
        assertThat(plan).isEnabled();
    }

    private static final String WAITING = """
            {"id": "1", "self": "/v1/environments/prod/services/web/rollouts/1", "reason": "DEPLOY", "state": "RUNNING", "release": 2, "previous": 1,
             "image": "web@sha256:00", "tag": "v2", "strategy": {"strategy": "canary"}, "container": {}, "startedBy": "ann",
             "startedAt": "2026-03-01T12:00:00Z"%s}""";

    private void rollout(String more) {
        answers.put(WEB + "/rollouts/1", answer(200, WAITING.formatted(more)));
    }

    private static final String ASKS = ", \"approval\": {\"release\": 2, \"percent\": 10, \"by\": \"others\"}";

    /** The answer is lost at first, and the second click comes before it. */
    @Test
    void anApprovalIsSentOnceHoweverOftenItIsClicked() {
        rollout(ASKS);
        AtomicInteger sent = new AtomicInteger();
        answers.put(WEB + "/rollouts/1/approve", route -> {
            if (!isAsked(route.request())) {
                answer(204, "").accept(route);
            } else if (sent.incrementAndGet() == 1) {
                page.waitForTimeout(100);
                route.abort();
            } else {
                rollout("");
                answer(200, "{}").accept(route);
            }
        });
        chromium.open(page, "/environments/prod/services/web/rollouts/1");
        button("Approve").click();
        Locator submit = dialog().locator("button[type=submit]");
        submit.dblclick();
        assertThat(dialog()).containsText("Slipway does not answer.");
        assertThat(sent).hasValue(1);
        assertThat(submit).isFocused();
        submit.click();
        assertThat(dialog()).hasCount(0);
        assertThat(chromium.sent(AnswersPageTest::isAsked))
                .extracting(request -> request.headers().get("idempotency-key"))
                .hasSize(2)
                .doesNotContainNull()
                .containsOnly(chromium.sent(AnswersPageTest::isAsked)
                        .getFirst()
                        .headers()
                        .get("idempotency-key"));
        assertThat(button("Approve")).hasCount(0);
        assertThat(page.locator("h1")).isFocused();
    }

    private static final String FINDING =
            "\"findings\": [{\"code\": \"alarm-firing\", \"blocks\": false, \"detail\": \"An alarm fires.\", \"action\": \"Find out why it fires.\"}]";

    @Test
    void whatWasSeenBeforeARolloutIsToldWithWhatToDo() {
        rollout(", " + FINDING);
        chromium.open(page, "/environments/prod/services/web/rollouts/1?tab=checks");
        assertThat(page.locator("main")).containsText("warning An alarm fires. Find out why it fires.");
    }

    /** To ask what would happen is none of them. */
    @Test
    void aDeployWhoseAnswerWasLostKeepsItsKeyWhileOneAsksWhatWouldHappen() {
        List<String> keys = new ArrayList<>();
        answers.put(WEB + "/rollouts", route -> {
            if (!isAsked(route.request())) {
                answer(200, "{\"items\": []}").accept(route);
            } else if (route.request().url().endsWith("?dryRun=true")) {
                answer(200, "{" + FINDING + "}").accept(route);
            } else {
                keys.add(route.request().headers().get("idempotency-key"));
                route.abort();
            }
        });
        chromium.open(page, "/environments/prod/services/web");
        button("Deploy").click();
        dialog().getByLabel("Image: a tag or digest").fill("v2");
        Locator submit = dialog().locator("button[type=submit]");
        submit.click();
        assertThat(dialog()).containsText("Slipway does not answer.");
        dialog().getByText("What would happen?").click();
        assertThat(dialog()).containsText("Note: An alarm fires. Find out why it fires.");
        assertThat(dialog()).not().containsText("Slipway does not answer.");
        submit.click();
        assertThat(dialog()).containsText("Slipway does not answer.");
        assertThat(dialog()).not().containsText("Note: An alarm fires. Find out why it fires.");
        assertThat(keys).hasSize(2).doesNotContainNull();
        assertThat(keys.get(1)).isEqualTo(keys.get(0));
    }

    @Test
    void whoIsAboutToApproveIsToldThatSomebodyElseHas() {
        rollout(ASKS);
        answers.put(WEB + "/rollouts/1/approve", answer(409, """
                {"title": "Not asked", "detail": "Release 2 is not waiting for an approval.", "code": "not-waiting"}"""));
        chromium.open(page, "/environments/prod/services/web/rollouts/1");
        button("Approve").click();
        dialog().getByLabel("Reason").fill("seen in stag");
        rollout("");
        pass(6);
        assertThat(dialog()).containsText("not asked for any more");
        assertThat(dialog().getByLabel("Reason")).isFocused();
        dialog().locator("button[type=submit]").click();
        assertThat(dialog()).containsText("Release 2 is not waiting for an approval.");
        page.keyboard().press("Escape");
        assertThat(page.getByRole(AriaRole.GROUP, new Page.GetByRoleOptions().setName("Approval")))
                .hasCount(0);
        assertThat(page.locator("h1")).isFocused();
    }

    /** What has ended stays as it is. */
    @Test
    void whatHasEndedIsHardlyAskedAboutAnyMore() {
        answers.put(
                WEB + "/rollouts/1",
                answer(
                        200,
                        WAITING.formatted(", \"endedAt\": \"2026-03-01T13:00:00Z\"")
                                .replace("RUNNING", "SUCCEEDED")));
        answers.put(WEB + "/ledger", answer(200, "{\"items\": []}"));
        answers.put(WEB + "/rollouts/1/minutes", answer(200, "{\"minutes\": []}"));
        answers.put(WEB + "/plans/1", answer(200, PLAN));
        answers.put(WEB + "/operations/1", answer(200, """
                {"id": "1", "target": "prod/web", "type": "APPLY", "state": "SUCCEEDED", "phase": "done", "actor": "ann",
                 "acceptedAt": "2026-03-01T12:00:00Z", "endedAt": "2026-03-01T12:01:00Z"}"""));
        for (String path : new String[] {"rollouts/1", "plans/1", "operations/1"}) {
            chromium.open(page, "/environments/prod/services/web/" + path);
            assertThat(page.locator(".standing")).isVisible();
            pass(2);
            assertThat(requests(() -> pass(60))).as(path).isLessThan(3);
        }
    }

    @Test
    void afterAPartOfThePageHasFailedTheOthersGoOn() {
        answers.put(WEB, answer(200, "{\"name\": \"web\", \"live\": {}}"));
        chromium.faultsExpected(() -> {
            chromium.open(page, "/environments/prod/services/web");
            assertThat(alert()).containsText("The page has failed");
        });
        chromium.open(page, "/environments/prod");
        assertThat(page.locator("h1")).hasText("prod");
        assertThat(page.getByText("The page has failed")).hasCount(0);
    }

    @Test
    void whatOthersHaveWrittenIsTextAndNothingElse() {
        String markup = "<img src=x onerror='document.title=1'> <b>&amp;</b> ${1} ${2}".repeat(5);
        answers.put(WEB + "/ledger", answer(200, """
                {"items": [{"id": "1", "at": "2026-03-01T12:00:00Z", "actor": "%1$s", "type": "OTHER", "message": "%1$s"}]}""".formatted(markup)));
        answers.put(WEB + "/logs", answer(200, """
                {"lines": [{"at": "2026-03-01T12:00:00Z", "message": "%s"}]}""".formatted(markup)));
        answers.put("/v1/pipelines/web", answer(200, """
                {"name": "web", "executions": [{"id": "1", "state": "FAILED", "message": "%1$s", "author": "%1$s", "stages": [
                   {"name": "%1$s", "state": "FAILED", "log": ["%1$s"], "summary": "%1$s"}]}]}""".formatted(markup)));
        for (String path : new String[] {
            "/environments/prod/services/web?tab=ledger", "/environments/prod/services/web?tab=logs", "/pipelines/web"
        }) {
            chromium.open(page, path);
            assertThat(page.getByText(markup.substring(0, 40)).first()).isVisible();
            assertThat(page.locator("main img, main b")).hasCount(0);
            page.setViewportSize(390, 844);
            chromium.accessible(page, "markup");
            page.setViewportSize(1200, 844);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /environments/Foo%20B               | There is no environment Foo B            | “Foo B” is no name here
            /environments/prod/services/%2e%2e  | There is no service .. in prod           | “..” is no name here
            /environments/../services/web       | There is no service web in ..            | “..” is no name here
            /environments/prod/services/web/rollouts/%3Cb%3E | There is no rollout <b> of prod/web | “<b>” is no name here
            /nonsense                           | There is no such page                    | All environments and services
            """)
    void aNameThatIsNoneIsToldInWordsAndNotAskedAbout(String path, String heading, String why) {
        int asked = requests(() -> {
            chromium.open(page, path);
            assertThat(page.locator("h1")).hasText(heading);
        });
        assertThat(page.locator("main")).containsText(why);
        assertThat(page.getByRole(AriaRole.TAB)).hasCount(0);
        assertThat(chromium.requests().stream().filter(request -> request.contains("..") || request.contains("%")))
                .isEmpty();
        assertThat(asked).as("the page itself, and what there is instead").isLessThan(5);
        assertThat(page).hasTitle(heading + " – Slipway");
        page.getByText("All environments and services").click();
        assertThat(page.locator("h1")).hasText("Environments and services");
    }

    @Test
    void whatHasNoReleaseIsNeitherRolledBackNorRestarted() {
        answers.put(WEB + "/status", answer(200, """
                {"service": "web", "environment": "prod", "state": "STOPPED", "checkedAt": "2026-03-01T12:00:00Z", "reasons": [
                  {"level": "SERVICE", "state": "STOPPED", "message": "It has no release yet.", "more": "POST /v1/environments/prod/services/web/rollouts"}]}"""));
        chromium.open(page, "/environments/prod/services/web");
        assertThat(button("Roll back")).isDisabled();
        assertThat(button("Restart")).isDisabled();
        assertThat(page.getByText("Nothing is live yet.").first()).isVisible();
        assertThat(button("Deploy")).isEnabled();
        assertThat(page.locator(".reasons")).not().containsText("POST");
    }

    @Test
    void linesOfAChartAreToldApartWithoutColour() {
        rollout("");
        reader("Europe/Berlin");
        answers.put(WEB + "/rollouts/1/minutes", answer(200, """
                {"thresholds": {"errors": {"worseEValue": 240, "nonInferiorEValue": 20}}, "minutes": [
                  {"start": "2026-03-01T12:00:00Z", "percent": 10, "judged": true, "candidate": {"requests": 10, "failures": 1},
                   "baseline": {"requests": 90, "failures": 1}, "errors": {"worseEValue": 2, "nonInferiorEValue": 0.5}}]}"""));
        chromium.open(page, "/environments/prod/services/web/rollouts/1");
        assertThat(page.locator("figure").nth(1).locator(".u-label"))
                .hasText(new String[] {"Minute", "—— release 2 (new)", "···· release 1 (old)"});
        assertThat(page.locator("figure").nth(2).locator(".u-label"))
                .hasText(new String[] {"Minute", "—— worse", "···· sound", "– – rolled back at", "– · goes on at"});
        assertThat(page.locator("main")).not().containsText("shown and not judged");
        chromium.accessibleEverywhere(page, "chart");
    }

    @Test
    void whatWasDoneIsSeenThoughAnAnswerFromBeforeComesAfterIt() {
        String grants = ENVIRONMENT + "/grants";
        String granted = """
                {"items": [{"pipeline": "web", "self": "/v1/environments/prod/grants/web", "grantedBy": "ann", "grantedAt": "2026-03-01T12:00:00Z"}]}""";
        answers.put(grants, answer(200, granted));
        chromium.open(page, "/environments/prod?tab=grants");
        assertThat(button("Revoke")).isEnabled();
        AtomicReference<Route> slow = new AtomicReference<>();
        answers.put(grants, slow::set);
        page.clock().runFor(31_000);
        page.waitForCondition(() -> slow.get() != null);
        answers.put(grants, answer(200, "{\"items\": []}"));
        answers.put(grants + "/web", answer(200, "{}"));
        button("Revoke").click();
        dialog().locator("button[type=submit]").click();
        assertThat(dialog()).hasCount(0);
        answer(200, granted).accept(slow.get());
        assertThat(page.locator("main")).containsText("No pipeline may deploy here.");
        assertThat(page.locator("h1")).isFocused();
    }
}
