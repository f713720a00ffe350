package dev.slipway.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.slipway.api.Http;
import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the page does with two environments: comparison, promotion, drift, grants, firewall. By keys, where something is done. */
@Tag("slow")
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EnvironmentsPageTest {
    private static final String NORTH = "/v1/environments/north";
    private static final String SOUTH = "/v1/environments/south";
    private static final String WEB = "/services/web";
    private static final String YAML = "application/yaml";
    private static final String[] JSON = {"Content-Type", "application/json"};

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    private Http http;
    private Chromium chromium;
    private Page page;

    @BeforeAll
    void twoEnvironments() {
        http = new Http(base, simulation);
        declare(NORTH, "network: {cidr: 10.78.0.0/16}\nterminationProtection: false\npromoteTo: [south]\n");
        declare(
                SOUTH,
                "network: {cidr: 10.79.0.0/16}\nterminationProtection: false\nfirewall: {managedRules: {sql: block}}\n");
        declare(NORTH + WEB, "container: {port: 8000, environment: {MODE: loud}}\n");
        declare(SOUTH + WEB, "container: {port: 8000, cpu: 512, memory: 1024}\n");
        declare(NORTH + "/services/api", "container: {port: 8000}\nrouting: {paths: ['/api/*']}\n");
        live(NORTH + WEB, "v1");
        live(SOUTH + WEB, "v1"); // so that the image is there, too
        live(SOUTH + WEB, "v0");
    }

    private void declare(String path, String spec) {
        http.send("PUT", path, spec, "Content-Type", YAML).is(202);
        http.settled(path);
    }

    private void live(String service, String image) {
        http.send("POST", service + "/rollouts", "{\"image\": \"%s\"}".formatted(image), JSON)
                .is(202);
        http.settled(service);
    }

    @AfterAll
    void neither() {
        for (String service : new String[] {NORTH + WEB, SOUTH + WEB, NORTH + "/services/api"}) {
            http.settled(service);
            http.send("DELETE", service + "?confirm=" + service.substring(service.lastIndexOf('/') + 1), "");
            http.settled(service);
        }
        for (String environment : new String[] {NORTH, SOUTH}) {
            http.send("DELETE", environment, "");
            http.settled(environment).is(404, "environment-not-found");
        }
    }

    @BeforeEach
    void start() {
        chromium = new Chromium(base);
        page = chromium.page(1200, ColorScheme.LIGHT);
    }

    @AfterEach
    void stop() {
        chromium.close();
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private Locator link(String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private Locator table(String name) {
        return page.getByRole(
                AriaRole.TABLE, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** Asked by keys alone, and confirmed in the dialog. */
    private void press(String name, String... texts) {
        button(name).focus();
        page.keyboard().press("Enter");
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        assertThat(dialog).isVisible();
        for (String text : texts) {
            page.keyboard().type(text);
        }
        dialog.locator("button[type=submit]").focus();
        page.keyboard().press("Enter");
        assertThat(dialog).hasCount(0);
    }

    private void until(Locator shown) {
        for (int i = 0; i < 200 && !shown.first().isVisible(); i++) {
            simulation.advance(Duration.ofSeconds(15));
            chromium.look(page);
        }
        assertThat(shown.first()).isVisible();
    }

    @Test
    void whatIsLiveInOneIsPromotedToTheOtherOnceItsDifferencesWereSeen() {
        chromium.open(page, "/environments/north/services/web");
        link("Promote to south …").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).hasText("web: north → south");
        assertThat(page.locator("h1")).isFocused();
        assertThat(table("Differences")).containsText("container.environment.MODE");
        assertThat(table("Differences")).not().containsText("loud");
        assertThat(table("Differences")).containsText("256");
        assertThat(page.locator("main")).containsText("no verdict was given on it");
        assertThat(page.locator("main")).containsText("Roll it out in north by a strategy that gives a verdict");
        chromium.accessibleEverywhere(page, "promotion");

        press("Promote to south", "seen by hand");

        assertThat(page.locator("h1")).hasText(Pattern.compile("Rollout .*at south/web"));
        until(page.locator(".standing").getByText("succeeded"));
        assertThat(page.locator("main")).containsText("Promoted all the same: seen by hand");
    }

    @Test
    void whereThereIsNoLeaveForAPromotionItIsSaid() {
        chromium.open(page, "/diff/south/north/services/web");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("promoteTo");
        assertThat(button("Promote to north")).hasCount(0);
        link("The other way round").click();
        assertThat(button("Promote to south")).isEnabled();
    }

    @Test
    void allServicesOfTwoEnvironmentsAreCompared() {
        chromium.open(page, "/environments/north?tab=compare");
        link("north → south").focus();
        page.keyboard().press("Enter");
        Locator services = table("Services of north and south");
        assertThat(services).containsText("only in north");
        assertThat(services).containsText("container.cpu");
        chromium.accessibleEverywhere(page, "comparison");
        services.getByRole(AriaRole.LINK).first().click();
        assertThat(page.locator("h1")).hasText("web: north → south");
        page.locator(".trail").getByText("north → south").click();
        assertThat(page.locator("h1")).hasText("north → south");
    }

    @Test
    void driftIsLookedForAndPutBack() {
        http.send("POST", "/simulated/changes", """
                        {"environment": "north", "service": "web", "resource": "LogGroup", "property": "RetentionInDays", "value": 1}""").is(200);
        simulation.advance(Duration.ofMinutes(6)); // CloudTrail tells of it
        chromium.open(page, "/environments/north/services/web?tab=drift");
        press("Look now");
        until(table("Drift"));
        assertThat(table("Drift")).containsText("RetentionInDays");
        assertThat(table("Drift")).containsText("ann");
        assertThat(table("Drift")).containsText("Have it put back. An apply of the same spec leaves it as it is.");
        assertThat(table("Drift")).containsText("To keep it, say in the spec: logs.retentionDays: 1");
        chromium.accessibleEverywhere(page, "drift");

        press("Put it back");

        until(page.locator(".standing").getByText("succeeded"));
        chromium.open(page, "/environments/north/services/web?tab=drift");
        until(page.getByText("Nothing is otherwise than it was deployed"));
    }

    @Test
    void aPipelineIsGivenAGrantAndLosesIt() {
        chromium.open(page, "/environments/north?tab=grants");
        assertThat(page.locator("main")).containsText("No pipeline may deploy here.");
        press("Grant", "web");
        assertThat(table("Grants")).containsText("local");
        chromium.accessibleEverywhere(page, "grants");
        http.send("GET", NORTH + "/grants/web", "").is(200);
        press("Revoke");
        assertThat(page.locator("main")).containsText("No pipeline may deploy here.");
        http.send("GET", NORTH + "/grants/web", "").is(404);
    }

    @Test
    void whatTheFirewallHasRefusedIsShown() {
        http.send("POST", "/simulated/requests", """
                        {"environment": "south", "path": "/search?q=1%27%20or%201=1", "times": 3}""").is(200);
        simulation.advance(Duration.ofMinutes(2));
        chromium.open(page, "/environments/south?tab=firewall");
        assertThat(table("Matches")).containsText("/search");
        assertThat(table("Matches")).containsText("block");
        assertThat(table("Matches")).not().containsText("or%201");
        chromium.accessibleEverywhere(page, "firewall");
        chromium.open(page, "/environments/north?tab=firewall");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("firewall");
    }

    @Test
    void theStartPageLeadsHere() {
        page.navigate(base.toString());
        page.getByText("The page").click();
        assertThat(page.locator("h1")).hasText("Environments and services");
        assertThat(link("north")).isVisible();
        chromium.accessibleEverywhere(page, "list");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /environments/nosuch/services/x             | There is no service x in nosuch       | it must have 2 to 24 lower-case letters
            /environments/nosuch/services/web           | There is no service web in nosuch     | There is no environment nosuch either.
            /environments/nosuch                        | There is no environment nosuch        | north,
            /environments/a                             | There is no environment a             | it must have 2 to 10 lower-case letters
            /environments/north/services/webb           | There is no service webb in north     | There are api, web.
            /environments/north/services/web/rollouts/1 | There is no rollout 1 of north/web    | north/web has no rollout 1.
            /environments/north/services/web/plans/1    | There is no plan 1 of north/web       | north/web has no plan 1.
            /environments/north/operations/1            | There is no operation 1 in north      | north has no operation 1.
            /pipelines/nosuch                           | There is no pipeline nosuch           | All pipelines
            """)
    void whatIsNotThereIsToldWithAWayOn(String path, String heading, String told) {
        chromium.open(page, path);
        assertThat(page.locator("h1")).hasText(heading);
        assertThat(page.locator("h1")).isFocused();
        assertThat(page.locator("main")).containsText(told);
        assertThat(page.locator("main")).not().containsText("must match");
        assertThat(page.getByRole(AriaRole.TAB)).hasCount(0);
        assertThat(page.getByRole(AriaRole.ALERT)).hasCount(0);
        chromium.accessible(page, "missing");
        link("All environments and services").click();
        assertThat(page.locator("h1")).hasText("Environments and services");
    }

    /** From what is wrong to what is applied, by keys alone. */
    @Test
    void aPlanIsMadeReadAndApplied() {
        chromium.open(page, "/environments/north/services/api?tab=plans");
        link("Plan a change …").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).hasText("Plan of a change of north/api");
        Locator spec = page.getByLabel("Spec, as JSON or YAML");
        assertThat(spec).hasValue(Pattern.compile("\"port\": 8000"));
        String present = spec.inputValue();

        spec.fill(present.replace("\"port\": 8000", "\"port\": 70000").replace("\"routing\"", "\"rooting\""));
        button("Make the plan").focus();
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("2 fields are wrong");
        assertThat(page.locator("#spec-problem li")).hasCount(2);
        assertThat(page.locator("#spec-problem")).containsText("/container/port: 70000 must be from 1 to 65535");
        chromium.accessibleEverywhere(page, "plan-refused");
        button("/container/port").focus();
        page.keyboard().press("Enter");
        assertThat(spec).isFocused();
        assertThat(page.evaluate("getSelection().toString()")).isEqualTo("\"port\":");

        spec.fill("container: {port: 8000\n");
        button("Make the plan").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("Line ");

        spec.fill(present.replace("\"/api/*\"", "\"/api/*\", \"/v2/*\""));
        button("Make the plan").click();
        assertThat(page.locator("h1")).hasText("Plan for north/api");
        until(page.locator(".standing").getByText("ready"));
        assertThat(page.locator(".diff").first()).containsText("routing.paths");
        assertThat(page.locator("main")).containsText("a month");
        chromium.accessibleEverywhere(page, "plan-made");
        page.goBack();
        assertThat(spec).hasValue(Pattern.compile("/v2/\\*"));
        page.goForward();
        press("Apply");
        until(page.locator(".standing").getByText("succeeded"));
        assertThat(http.send("GET", NORTH + "/services/api", "")
                        .body()
                        .at("/declared/routing/paths")
                        .toString())
                .contains("/v2/*");
        chromium.open(page, "/environments/north/services/api?tab=plans");
        assertThat(table("Plans").locator("tbody tr")).hasCount(1);
    }

    @Test
    void anEnvironmentIsPlannedAndWhatItCannotBecomeIsNamed() {
        chromium.open(page, "/environments/north/plans");
        Locator spec = page.getByLabel("Spec, as JSON or YAML");
        assertThat(spec).hasValue(Pattern.compile("10\\.78\\.0\\.0/16"));
        String present = spec.inputValue();
        spec.fill(present.replace("10.78.0.0/16", "10.80.0.0/16"));
        button("Make the plan").click();
        assertThat(page.locator("#spec-problem")).containsText("/network/cidr");
        spec.fill(present.replace("\"retentionDays\": 90", "\"retentionDays\": 30"));
        button("Make the plan").click();
        until(page.locator(".standing").getByText("ready"));
        assertThat(page.locator("main")).containsText("accessLogs.retentionDays: 90 → 30");
    }

    @Test
    void aServiceThatIsYetToComeIsPlanned() {
        chromium.open(page, "/environments/north/services/fresh");
        link("Plan it …").click();
        assertThat(page.locator("h1")).hasText("Plan of north/fresh, which is new");
        button("Make the plan").click();
        until(page.locator(".standing").getByText("ready"));
        assertThat(page.locator(".diff")).containsText("TargetGroup");
    }

    /** As somebody does who has never seen a spec: what stands there at first is planned, and nothing is refused of it. */
    private void planNew(String place, String what, String name) {
        chromium.open(page, place);
        Locator field = page.getByLabel("New " + what);
        field.focus();
        page.keyboard().type(name);
        chromium.accessibleEverywhere(page, "new-" + what);
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).containsText(name + ", which is new");
        Locator spec = page.getByLabel("Spec, as JSON or YAML");
        assertThat(spec).hasValue(Pattern.compile("^# "));
        button("Make the plan").focus();
        page.keyboard().press("Enter");
        until(page.locator(".standing").getByText("ready"));
        assertThat(page.locator(".diff .add").first()).isVisible();
        assertThat(page.locator(".risks .bad")).hasCount(0);
    }

    @Test
    void aNewEnvironmentGetsAddressesThatNoOtherHas() {
        declare("/v1/environments/first", "network: {cidr: 10.0.0.0/20}\nterminationProtection: false\n");
        planNew("/", "environment", "west");
        assertThat(page.locator(".risks")).hasCount(0);
        page.getByText("The spec, with every default").click();
        assertThat(page.locator("pre")).containsText("10.1.0.0/16");
        http.send("DELETE", "/v1/environments/first", "");
        http.settled("/v1/environments/first").is(404, "environment-not-found");
    }

    @Test
    void aNewServiceHasItsOwnPathsAndThePlanTellsWhoseTheyWere() {
        planNew("/environments/north", "service", "cart");
        assertThat(page.locator(".risks li")).hasCount(1);
        assertThat(page.locator(".risks")).containsText("takes /cart/* from web");
        page.getByText("The spec, with every default").click();
        assertThat(page.locator("pre")).containsText("/cart/*");
    }

    @Test
    void aNewPipelineStartsWithAnEnvironmentThatThereIs() {
        chromium.open(page, "/pipelines");
        page.getByLabel("New pipeline").fill("cart");
        page.keyboard().press("Enter");
        Http.Answer environments = http.send("GET", "/v1/environments", ""); // other tests have theirs, too
        String first = environments.body().at("/items/0/name").asText();
        assertThat(page.getByLabel("Spec, as JSON or YAML")).hasValue(Pattern.compile("environment: " + first + "\\n"));
    }

    @Test
    void aNameThatIsTakenOrNoneIsToldBesideIt() {
        chromium.open(page, "/environments/north");
        Locator name = page.getByLabel("New service");
        for (String[] wrong : new String[][] {
            {"web", "There is a service web already."},
            {"Web!", "“Web!” is no name here"},
            {"a/services/b", "“a/services/b” is no name here"},
            {"w", "it must have 2 to 24 lower-case letters"}
        }) {
            name.fill(wrong[0]);
            page.keyboard().press("Enter");
            assertThat(page.locator(".new .error")).containsText(wrong[1]);
            assertThat(page.locator(".new .error")).not().containsText("must match");
            assertThat(name).hasAttribute("aria-invalid", "true");
        }
        chromium.accessibleEverywhere(page, "new-refused");
        name.fill("web");
        page.keyboard().press("Enter");
        link("Its page").click();
        assertThat(page.locator("h1")).hasText("north/web");
    }

    @Test
    void allFieldsOfASpecAreReadWhenTheyAreWanted() {
        chromium.open(page, "/environments/north/services/api/plans");
        assertThat(page.getByLabel("Spec, as JSON or YAML")).isVisible();
        assertThat(chromium.requests()).noneMatch(request -> request.contains("/schemas/"));
        page.getByText("All fields of the spec").focus();
        page.keyboard().press("Enter");
        Locator strategy = table("Fields")
                .locator("tbody tr")
                .filter(new Locator.FilterOptions()
                        .setHas(page.getByText("rollout.strategy", new Page.GetByTextOptions().setExact(true))));
        assertThat(strategy).containsText("rolling, blue-green, canary, linear");
        assertThat(table("Fields")).containsText("rollout.checks[].path");
        chromium.accessible(page, "fields");
    }

    /** A dry run says what would happen, what is wrong stands beside its field, and what is chosen holds for this rollout only. */
    @Test
    void aDeployMayHaveSettingsOfItsOwn() {
        chromium.open(page, "/environments/north" + WEB);
        button("Deploy").focus();
        page.keyboard().press("Enter");
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        dialog.getByLabel("Image: a tag or digest").fill("v1");
        assertThat(dialog.getByLabel("Strategy")).not().isVisible();
        dialog.getByText("More settings").focus();
        page.keyboard().press("Enter");
        dialog.getByLabel("Strategy").selectOption("canary");
        dialog.getByLabel("Approval").selectOption("before-production");
        dialog.getByLabel("Canary: percent").fill("1000");
        dialog.getByLabel("Canary: minutes").fill("ten");
        page.keyboard().press("Enter");
        assertThat(dialog.locator(".wrong"))
                .hasText(new Pattern[] {Pattern.compile("1000 must be from 0.1"), Pattern.compile("whole number")});
        assertThat(dialog.getByLabel("Canary: percent")).isFocused();
        assertThat(dialog.getByLabel("Canary: percent")).hasAttribute("aria-invalid", "true");
        chromium.accessibleEverywhere(page, "deploy-refused");
        dialog.getByLabel("Canary: percent").fill("20");
        dialog.getByLabel("Canary: minutes").fill("12");
        long before = chromium.sent(request -> request.method().equals("POST")).size();
        dialog.getByText("What would happen?").click();
        assertThat(dialog.getByRole(AriaRole.STATUS)).containsText("About ");
        assertThat(chromium.sent(request -> request.method().equals("POST"))).hasSize((int) before + 1);
        chromium.accessibleEverywhere(page, "deploy-previewed");
        dialog.getByLabel("Canary: minutes").fill("13");
        assertThat(dialog.getByRole(AriaRole.STATUS)).hasCount(0); // that was of twelve
        dialog.getByLabel("Canary: minutes").fill("12");
        dialog.locator("button.primary").click();
        assertThat(page).hasURL(Pattern.compile("/rollouts/"));
        String rollout = page.url().substring(page.url().indexOf('#') + 1);
        Http.Answer begun = http.send("GET", "/v1" + rollout, "");
        assertThat(begun.body().at("/strategy/strategy").asText()).isEqualTo("canary");
        assertThat(begun.body().at("/strategy/canary/percent").asDouble()).isEqualTo(20);
        assertThat(begun.body().at("/strategy/canary/bakeMinutes").asInt()).isEqualTo(12);
        assertThat(begun.body().at("/strategy/approval/when").asText()).isEqualTo("before-production");
        http.send("POST", "/v1" + rollout + "/cancel", "");
        http.settled(NORTH + WEB);
    }
}
