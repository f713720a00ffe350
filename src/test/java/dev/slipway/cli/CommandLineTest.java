package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.slipway.api.Http;
import dev.slipway.cli.Shell.Printed;
import dev.slipway.cli.dashboard.Browser;
import dev.slipway.cli.dashboard.Browser.Received;
import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each verb against the running product, as a person and as a script. */
@Tag("slow")
@QuarkusTest
class CommandLineTest {
    private static final String ENVIRONMENT = "network: {cidr: 10.19.0.0/16}\nterminationProtection: false\n";
    private static final String SERVICE = "container: {port: 8000}\ncount: 2\n";
    private static final String CANARY = SERVICE + "rollout: {strategy: canary}\n";
    private static final String APPROVED =
            SERVICE + "rollout: {strategy: blue-green, approval: {when: before-production, by: anyone}}\n";

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    private Shell shell;

    @BeforeEach
    void start() {
        shell = new Shell(directory, time -> simulation.advance(Duration.ofSeconds(20)))
                .with("SLIPWAY_URL", "http://localhost:" + base.getPort());
    }

    /** Other tests have environments of their own. */
    @AfterEach
    void goHome() {
        Http http = new Http(base, simulation);
        for (String environment : List.of("cli", "other")) {
            shell.run("cancel", environment + "/shop", "--wait");
            shell.run("delete", environment + "/shop", "--confirm", environment + "/shop");
            shell.run("delete", environment, "--confirm", environment);
            assertThat(http.send("GET", "/v1/environments/" + environment, "").status())
                    .isEqualTo(404);
        }
    }

    private void write(String file, String text) {
        try {
            Path path = directory.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void created(String service) {
        write("slipway/environments/cli.yaml", ENVIRONMENT);
        write("slipway/services/shop.yaml", service);
        ok(shell.run("apply", "cli", "--yes", "--quiet"));
        ok(shell.run("apply", "cli/shop", "--yes", "--quiet"));
    }

    private void live(String service) {
        created(service);
        ok(shell.run("deploy", "cli/shop", "v1", "--wait"));
    }

    private static Printed ok(Printed printed) {
        assertThat(printed.exitCode()).as(printed.out() + printed.err()).isZero();
        return printed;
    }

    private static Printed ends(int exitCode, Printed printed) {
        assertThat(printed.exitCode()).as(printed.out() + printed.err()).isEqualTo(exitCode);
        return printed;
    }

    @Test
    void fromAnEmptyDirectoryToALiveRelease() throws IOException {
        write("Dockerfile", "FROM build\nEXPOSE 9000\nFROM run\nEXPOSE 8000/tcp\n");

        Printed written = ok(shell.typed("shop\ncli\n\n/health\n", "init"));
        assertThat(written.err()).contains("Port the container listens on [8000]: ");
        assertThat(Files.readString(directory.resolve("slipway/services/shop.yaml")))
                .contains("port: 8000", "path: /health");
        assertThat(ok(shell.run("init", "--yes", "--service", "shop", "--environment", "cli"))
                        .out())
                .isEqualTo("kept     slipway/environments/cli.yaml\nkept     slipway/services/shop.yaml\n");

        write("slipway/environments/cli.yaml", ENVIRONMENT);
        Printed plan = ok(shell.run("plan", "cli"));
        assertThat(plan.out()).startsWith("cli:\n+ ").contains("AWS::EC2::VPC", "Cost: It will cost $");
        Printed applied = ok(shell.typed("y\n", "apply", "cli"));
        assertThat(applied.err()).contains("Apply this to cli? [y/N] ");
        assertThat(applied.out()).contains("Vpc", "\u001b[", "SUCCEEDED");
        ok(shell.run("apply", "cli/shop", "--yes"));
        assertThat(ok(shell.run("cost", "cli/shop")).out())
                .contains(
                        "Declared, not running: no release is live yet", "not in the price list: data to the internet");
        assertThat(ok(shell.run("cost", "cli")).out()).containsPattern("service shop +declared, not running ");
        assertThat(ends(2, shell.run("rollback", "cli/shop")).err())
                .contains("No release of cli/shop has been live.", "Roll one out: `slipway deploy cli/shop IMAGE`");
        Printed deployed = ok(shell.run("deploy", "cli/shop", "--commit", "3f2c8a91b7d0e5f6a7b8", "--wait"));
        assertThat(deployed.out()).isEqualTo("SUCCEEDED Release 1 is live, the service's first, with 2 of 2 tasks.\n");
        assertThat(deployed.err()).contains("cli/shop release 1 (3f2c8a91b7d0): succeeded");

        assertThat(ok(shell.run("apply", "cli/shop", "--yes")).out()).isEqualTo("cli/shop: nothing to change.\n");
        assertThat(ok(shell.run("status")).out()).containsPattern("(?m)^cli/shop +[A-Z]+ +1 ");
        assertThat(ok(shell.run("status", "cli")).out()).containsPattern("^cli  [A-Z]+\n");
        assertThat(ok(shell.run("status", "cli/shop")).out())
                .contains("release 1, 2 of 2 tasks", "TASK ", "RUNNING")
                .doesNotContain("\u001b");
        assertThat(ok(shell.run("releases", "cli/shop")).out()).contains("3f2c8a91b7d0");
        assertThat(ok(shell.run("open", "cli/shop")).out()).contains("stack", "https://", "url");
        assertThat(ok(shell.run("open", "cli/shop", "logs")).out()).startsWith("https://");
        ends(3, shell.run("open", "cli/shop", "nonsense"));
        assertThat(ok(shell.run("cost", "cli")).out())
                .contains("service shop", "together")
                .doesNotContain("not running");
        assertThat(ok(shell.run("ledger", "cli/shop", "--type", "ROLLOUT_ENDED", "--lines"))
                        .out())
                .startsWith("{\"id\":");
        assertThat(ok(shell.run("drift", "cli/shop", "--detect")).out()).startsWith("cli/shop  IN_SYNC at ");
        assertThat(ok(shell.run("logs", "cli/shop", "--since", "3d")).out()).contains("ready to serve");
        assertThat(ok(shell.run("logs", "cli/shop", "--errors")).out()).startsWith("Nothing from ");
        assertThat(ok(shell.run("logs", "cli/shop", "--since", "3d", "-o", "json"))
                        .out()
                        .lines())
                .allMatch(line -> line.startsWith("{\"at\":"));
    }

    @Test
    void aReleaseThatCrashesEndsWithItsCauseAndWhatMendsIt() {
        live(SERVICE);

        Printed failed = ends(1, shell.run("deploy", "cli/shop", "v2-crash", "--wait"));

        assertThat(failed.out())
                .startsWith("ROLLED_BACK Release 2 was rolled back: ")
                .contains("\n1. Container shop ended with exit code 1", "   Do: ", "   Playbook: ");
        assertThat(ok(shell.run("why", "cli/shop")).out())
                .contains("Now: ", "Last failure, ", "1. Container shop ended with exit code 1");
        assertThat(ok(shell.run("rollouts", "cli/shop")).out()).contains("ROLLED_BACK", "v2-crash");
        assertThat(ends(1, shell.run("watch", "cli/shop")).out()).startsWith("ROLLED_BACK ");
    }

    @Test
    void aCanaryIsDrawnInPlaceOnATerminalAndToldInLinesElsewhere() {
        live(CANARY);

        Printed drawn = ok(shell.typed("", "deploy", "cli/shop", "v2", "--wait"));
        assertThat(drawn.out())
                .contains(
                        "\u001b[",
                        "█",
                        "Traffic",
                        "10 % release 2, 90 % release 1",
                        "Tasks",
                        "Verdict",
                        "requests failed on");
        assertThat(drawn.out().lines())
                .allMatch(line ->
                        line.replaceAll("\u001b\\[[0-9;]*[a-zA-Z]", "").length() <= 100 || line.contains("SUCCEEDED"));

        Printed told = ok(shell.run("deploy", "cli/shop", "v3", "--wait"));
        assertThat(told.err())
                .contains("cli/shop release 3 (v3): running, production traffic shift, 10 % of the traffic")
                .doesNotContain("\u001b");
        assertThat(told.err().lines().count()).isLessThan(40);
        assertThat(told.out()).startsWith("SUCCEEDED Release 3 is live.");
    }

    @Test
    void colourIsLeftOutWhenItIsNotWanted() {
        live(SERVICE);

        assertThat(shell.typed("", "status").out()).contains("\u001b[");
        assertThat(shell.with("NO_COLOR", "1").typed("", "status").out()).doesNotContain("\u001b[3");
    }

    @Test
    void whoeverWaitsIsToldThatAPersonHasToApprove() {
        created(SERVICE);
        ok(shell.run("deploy", "cli/shop", "v1", "--wait"));
        write("slipway/services/shop.yaml", APPROVED);
        ok(shell.run("apply", "cli/shop", "--yes", "-q"));

        Printed waits = ends(4, shell.run("deploy", "cli/shop", "v2", "--wait"));
        assertThat(waits.err()).contains("Release 2 waits for approval", "slipway approve cli/shop");
        assertThat(ends(3, shell.run("approve", "cli/shop")).err()).contains("--release 2 --percent 100");
        ends(3, shell.run("approve", "cli/shop", "--yes"));
        ends(2, shell.typed("n\n", "approve", "cli/shop"));
        ends(2, shell.run("approve", "cli/shop", "--yes", "--release", "1", "--percent", "100"));

        Printed approved = ok(shell.typed("y\n", "approve", "cli/shop", "--reason", "seen", "--wait"));
        assertThat(approved.err()).contains("Approve release 2, 100 % of the traffic?");
        assertThat(approved.out()).contains("SUCCEEDED");

        ends(4, shell.run("deploy", "cli/shop", "v3", "--wait"));
        ok(shell.run("reject", "cli/shop", "--yes", "--release", "3", "--percent", "100", "--reason", "no"));
        ends(1, shell.run("watch", "cli/shop"));
        ends(2, shell.run("approve", "cli/shop"));
    }

    @Test
    void goingBackCancellingAndRestarting() {
        live(SERVICE);
        ok(shell.run("deploy", "cli/shop", "v2", "--wait"));

        assertThat(ok(shell.run("rollback", "cli/shop", "--wait")).out()).contains("Release 1 is live");
        assertThat(ok(shell.run("restart", "cli/shop", "--wait")).out()).contains("Release 3 is live");
        assertThat(ok(shell.run("deploy", "cli/shop", "v4")).out()).startsWith("Accepted: rollout ");
        assertThat(ends(2, shell.run("deploy", "cli/shop", "v5")).err())
                .contains("is being changed by operation", "Wait until");
        ok(shell.run("cancel", "cli/shop", "--wait"));
        ends(2, shell.run("cancel", "cli/shop"));
        ends(2, shell.run("rollback", "cli/shop", "99"));
    }

    @Test
    void whatIsLiveInOneEnvironmentIsComparedAndPromoted() {
        write("slipway/environments/other.yaml", ENVIRONMENT.replace("10.19.", "10.20."));
        created(SERVICE);
        write("slipway/environments/cli.yaml", ENVIRONMENT + "promoteTo: [other]\n");
        assertThat(ends(2, shell.run("apply", "cli", "--yes")).err()).contains("promoteTo", "--override");
        ok(shell.run("apply", "cli", "--yes", "--override", "other is new"));
        ok(shell.run("deploy", "cli/shop", "v1", "--wait"));
        ok(shell.run("apply", "other", "--yes", "-q"));
        write("slipway/services/other/shop.yaml", "container: {port: 8000}\ncount: 3\n");
        ok(shell.run("apply", "other/shop", "--yes", "-q"));

        assertThat(ok(shell.run("diff", "cli", "other")).out()).contains("shop", "count", "2", "3");
        assertThat(ends(2, shell.run("promote", "cli/shop", "other", "--dry-run"))
                        .out())
                .contains("no verdict", "Roll it out in cli by a strategy that gives a verdict");
        ends(2, shell.run("promote", "cli/shop", "other"));
        Printed promoted = shell.run("promote", "cli/shop", "other", "--reason", "it is known", "--wait");
        assertThat(promoted.exitCode()).as(promoted.err()).isIn(0, 1, 2);
    }

    @Test
    void theDocumentsAreTheApisOwn() throws IOException {
        live(SERVICE);

        assertThat(ok(shell.run("status", "cli/shop", "-o", "json"))
                        .json()
                        .path("counts")
                        .path("running")
                        .asInt())
                .isEqualTo(2);
        assertThat(new YAMLMapper()
                        .readTree(ok(shell.run("status", "cli/shop", "--output", "yaml"))
                                .out())
                        .path("release")
                        .asInt())
                .isEqualTo(1);
        assertThat(ok(shell.run("deploy", "cli/shop", "v2", "--wait", "-o", "json"))
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("SUCCEEDED");
        assertThat(ends(2, shell.run("status", "cli/none", "-o", "json"))
                        .json()
                        .path("code")
                        .asText())
                .isEqualTo("service-not-found");
        assertThat(new ObjectMapper()
                        .readTree(ok(shell.run("rollouts", "cli/shop", "--limit", "2", "-o", "json"))
                                .out()))
                .hasSize(2);
    }

    @Test
    void whatIsExportedAppliesWithoutAChange() {
        live(SERVICE);

        Printed exported = ok(shell.run("export", "--directory", "copy"));
        assertThat(exported.err()).contains("cli.yaml");
        ends(3, shell.run("export", "--directory", "copy"));
        ok(shell.run("export", "-d", "copy", "--force"));
        assertThat(ok(shell.run("export", "cli/shop", "-d", "one")).out()).isEqualTo("1 spec written.\n");
        assertThat(ok(shell.run("export", "cli", "-d", "two")).out()).isEqualTo("2 specs written.\n");
        assertThat(ends(3, shell.run("export", "cli", "-d", "one")).err())
                .contains("services/cli/shop.yaml is there already.");
        assertThat(directory.resolve("one/slipway/environments")).doesNotExist();

        assertThat(ok(shell.run("plan", "cli/shop", "-f", "copy/slipway/services/cli/shop.yaml"))
                        .out())
                .isEqualTo("cli/shop: nothing to change.\n");
        assertThat(ok(shell.run("plan", "cli", "-f", "copy/slipway/environments/cli.yaml"))
                        .out())
                .isEqualTo("cli: nothing to change.\n");
    }

    @Test
    void aPipelineIsDeclaredShownAndDeleted() {
        created(SERVICE);
        write("slipway/pipelines/shop.yaml", "repository: {id: acme/shop}\ndeploy: [{environment: cli}]\n");

        assertThat(ends(2, shell.run("apply", "pipeline:shop", "--yes", "-q")).err())
                .contains("has no grant");
        ok(shell.run("grant", "cli", "shop"));
        ok(shell.run("apply", "pipeline:shop", "--yes", "-q"));
        assertThat(ok(shell.run("runs", "shop")).out()).isNotBlank();
        assertThat(ok(shell.run("status", "pipeline:shop")).out()).isNotBlank();
        ok(shell.run("revoke", "cli", "shop"));
        ok(shell.run("delete", "pipeline:shop", "--confirm", "pipeline:shop"));
        ends(2, shell.run("runs", "shop"));
        ends(2, shell.run("revoke", "cli", "shop"));
    }

    @Test
    void whatWasChangedByHandIsFoundAndPutBack() {
        live(SERVICE);
        ends(2, shell.run("drift", "cli/shop", "--detect", "--mend", "--yes"));
        new Http(base, simulation)
                .send(
                        "POST",
                        "/simulated/changes",
                        "{\"environment\": \"cli\", \"service\": \"shop\", \"resource\": \"LogGroup\","
                                + " \"property\": \"RetentionInDays\", \"value\": 1}",
                        "Content-Type",
                        "application/json");

        Printed drift = ok(shell.run("drift", "cli/shop", "--detect"));
        assertThat(drift.out())
                .contains(
                        "cli/shop  DRIFTED at ",
                        "LogGroup /RetentionInDays: 30 → 1",
                        "Have it put back: ",
                        "to keep it, in the spec: logs.retentionDays: 1");
        ends(3, shell.run("drift", "cli/shop", "--mend"));
        ends(2, shell.typed("n\n", "drift", "cli/shop", "--mend"));
        assertThat(ok(shell.typed("y\n", "drift", "cli/shop", "--mend")).err()).contains("Put this back at cli/shop?");

        assertThat(ok(shell.run("drift", "cli/shop", "--detect")).out()).startsWith("cli/shop  IN_SYNC at ");
    }

    @Test
    void theDashboardAsksSlipwayForOneBrowser() throws InterruptedException, ExecutionException {
        created(SERVICE);
        StringWriter printed = new StringWriter();
        Future<Integer> ended = shell.inBackground(printed, "dashboard", "--no-open");
        String address = "";
        while (!address.endsWith("\n")) {
            Thread.sleep(10);
            address = printed.toString().lines().findFirst().orElse("")
                    + (printed.toString().contains("\n") ? "\n" : "");
        }
        address = address.strip();
        Browser browser = new Browser(address);
        browser.get("/v1/environments").isProblem(403, "unknown-browser");
        browser.opened(address);

        assertThat(browser.get("/v1/environments").body()).contains("\"name\":\"cli\"");
        assertThat(browser.get("/schemas/service.json").header("content-type")).startsWith("application/schema+json");
        Received allowed =
                browser.own("DELETE", "/v1/environments/cli/services/shop", "", "Slipway-Permission-Check", "true");
        assertThat(allowed.status()).isEqualTo(204);
        assertThat(allowed.header("slipway-permission-check")).isEqualTo("true");
        Received plan = browser.own(
                "POST", "/v1/environments/cli/services/shop/plans", SERVICE, "Content-Type", "application/yaml");
        assertThat(plan.status()).as(plan.body()).isEqualTo(202);
        assertThat(plan.header("location")).startsWith("/v1/environments/cli/services/shop/plans/");
        shell.run("watch", "cli/shop"); // until the plan is there
        String port = Integer.toString(URI.create(address).getPort());
        assertThat(ends(3, shell.run("dashboard", "--no-open", "--port", port)).err())
                .contains("Port " + port + " cannot be had: Address already in use", "--port");
        assertThat(ends(3, shell.run("dashboard", "--port", "65536")).err()).contains("65536 is no port");

        shell.interrupt();
        assertThat(ended.get()).isZero();
        assertThat(ends(5, shell.run("status", "--url", "http://127.0.0.1:" + port))
                        .err())
                .contains("does not answer");
    }

    @Test
    void theFieldsThatAreWrongAreNamed() {
        write("slipway/environments/cli.yaml", "network: {zones: 9, cider: 10.0.0.0/16}\n");

        Printed refused = ends(2, shell.run("apply", "cli", "--yes"));

        assertThat(refused.err()).startsWith("Error: ").contains("/network/zones", "(it is ", "/network/cider");
    }

    @Test
    void whoIsCalledWronglySaysHow() {
        assertThat(ends(3, shell.run("deplo")).err()).contains("Did you mean: slipway deploy");
        assertThat(ends(3, shell.run("status", "Prod")).err()).contains("Prod names nothing", "prod/web for a service");
        assertThat(ends(3, shell.run("watch", "cli/shop", "--timeout", "soon")).err())
                .contains("soon is no time");
        assertThat(ends(3, shell.run("apply", "cli/shop")).err()).contains("There is no spec of cli/shop");
        assertThat(ends(3, shell.run("deploy", "cli/shop")).err()).contains("--commit");
        assertThat(ends(3, shell.run("why", "cli")).err()).contains("cli is no service");
        ends(3, shell.run("status", "--output", "xml"));
        assertThat(ok(shell.run("--help")).out()).contains("rollback", "approve", "why");
        assertThat(ok(shell.run("--version")).out()).startsWith("slipway ");
        assertThat(ok(shell.run("completion")).out()).contains("complete -F");
        write("slipway/environments/cli.yaml", ENVIRONMENT);
        assertThat(ends(3, shell.run("apply", "cli")).err()).contains("--yes");
        assertThat(ends(2, shell.typed("n\n", "apply", "cli")).err()).contains("Nothing has changed.");
    }

    @Test
    void oneCanEnterATaskOnlyWhereTheSpecLetsOne() {
        live(SERVICE);
        assertThat(ends(2, shell.run("exec", "cli/shop")).err()).contains("exec: true");
        write("slipway/services/shop.yaml", SERVICE + "exec: true\n");
        ok(shell.run("apply", "cli/shop", "--yes"));

        assertThat(ok(shell.run("exec", "cli/shop", "--print", "cat", "/etc/hosts"))
                        .out())
                .matches("aws ecs execute-command --cluster slipway-cli --task [0-9a-f]{32} --container shop"
                        + " --interactive --command 'cat /etc/hosts' --region eu-central-1\n");
        assertThat(ends(2, shell.run("exec", "cli/shop")).err()).contains("simulated account");
        String printed = printedTask();
        assertThat(printed).matches("[0-9a-f]{8}");
        assertThat(ok(shell.run("exec", "cli/shop", "--print", "--task", printed))
                        .out())
                .containsPattern(" --task " + printed + "[0-9a-f]{24} ");
        assertThat(ok(shell.run("logs", "cli/shop", "--since", "3d", "--task", printed))
                        .out())
                .contains(" " + printed + " ready to serve");
        assertThat(ends(2, shell.run("exec", "cli/shop", "--print", "--task", "0123456f"))
                        .err())
                .contains("cli/shop has no running task 0123456f");
    }

    /** As a line of the log names its task. */
    private String printedTask() {
        return ok(shell.run("logs", "cli/shop", "--since", "3d"))
                .out()
                .lines()
                .findFirst()
                .orElseThrow()
                .split(" ")[3];
    }

    @Test
    void waitingHasAnEnd() {
        live(CANARY);

        Printed gaveUp = ends(6, shell.run("deploy", "cli/shop", "v2", "--wait", "--timeout", "2s"));

        assertThat(gaveUp.err()).contains("It has not ended within 2 s.", "slipway watch cli/shop");
        ok(shell.run("watch", "cli/shop"));
    }

    @Test
    void whereNobodyAnswersItSaysSo() {
        Printed alone = ends(5, shell.with("SLIPWAY_URL", "http://127.0.0.1:9").run("status"));

        assertThat(alone.err()).contains("http://127.0.0.1:9/ does not answer", "SLIPWAY_URL");
        shell.with("SLIPWAY_URL", "http://localhost:" + base.getPort());
        assertThat(ends(3, shell.run("status", "--url", "http://example.com")).err())
                .contains("not encrypted");
        assertThat(ends(3, shell.run("status", "--url", "nonsense")).err()).contains("is no address");
    }
}
