package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.cli.PseudoTerminal.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person sees in a real terminal, at several moments. */
class TerminalIT {
    private static final String SERVICE = "/v1/environments/prod/services/web";
    private static final String ROLLOUT = SERVICE + "/rollouts/r1";
    private static final String VERDICT =
            "0 % of 57 requests failed on the new release in 1 minute, 0 % of 470 on the old one:"
                    + " too few to tell them apart.";

    private final ScriptedApi api = new ScriptedApi()
            .at(
                    "GET " + SERVICE,
                    "200 {\"operation\":{\"self\":\"/v1/op\"},\"live\":{\"tasks\":{\"running\":4,\"desired\":2,"
                            + "\"pending\":1}}}")
            .at("GET /v1/op", "200 {\"rollout\":\"r1\",\"state\":\"RUNNING\"}")
            .at("POST " + SERVICE + "/rollouts", "202 {\"location\":\"" + ROLLOUT + "\",\"warnings\":[]}");

    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        api.close();
    }

    private void at(int percent, String more) {
        api.at("GET " + ROLLOUT, """
                200 {"state":"RUNNING","release":2,"previous":1,"tag":"v2","strategy":{"strategy":"canary"},
                "stage":{"name":"PRODUCTION_TRAFFIC_SHIFT","percent":%d,"since":"2026-11-29T06:04:14Z"}%s}\
                """.formatted(percent, more));
    }

    private void ended(String state, String detail) {
        api.at(
                "GET " + ROLLOUT,
                "200 {\"state\":\"%s\",\"release\":2,\"previous\":1,\"tag\":\"v2\",\"strategy\":{\"strategy\":\"canary\"},\"detail\":\"%s\"}"
                        .formatted(state, detail));
    }

    private PseudoTerminal slipway(int columns, int rows, String... arguments) {
        return PseudoTerminal.ofSlipway(columns, rows, Map.of("SLIPWAY_URL", api.url()), arguments);
    }

    @Test
    void aRolloutIsDrawnInPlaceToItsEnd() {
        at(10, ",\"verdict\":{\"outcome\":\"NOT_ENOUGH_EVIDENCE\",\"message\":\"" + VERDICT + "\"}");
        try (PseudoTerminal terminal = slipway(80, 24, "deploy", "prod/web", "v2", "--wait")) {
            Seen canary = terminal.until("Verdict");
            assertThat(canary.text()).isEqualTo("""
                    prod/web  RUNNING  release 2 (v2)  canary
                      Traffic   ███░░░░░░░░░░░░░░░░░░░░░░░░░░░  10 % release 2, 90 % release 1
                      Stage     production traffic shift since 2026-11-29 06:04:14Z
                      Tasks     4 running, 2 wanted, 1 starting
                      Verdict   not enough evidence
                                0 % of 57 requests failed on the new release in 1 minute, 0 % of 470
                                on the old one: too few to tell them apart.""");
            assertThat(canary.coloured()).isTrue();

            at(50, ",\"waitsFor\":\"Release 2 waits for its verdict.\"");
            assertThat(terminal.until("50 % release 2").text()).isEqualTo("""
                    prod/web  RUNNING  release 2 (v2)  canary
                      Traffic   ███████████████░░░░░░░░░░░░░░░  50 % release 2, 50 % release 1
                      Stage     production traffic shift since 2026-11-29 06:04:14Z
                      Tasks     4 running, 2 wanted, 1 starting
                      Waits     Release 2 waits for its verdict.""");

            ended("SUCCEEDED", "Release 2 is live.");
            Seen live = terminal.ended();
            assertThat(live.all().strip()).isEqualTo("""
                    prod/web  SUCCEEDED  release 2 (v2)  canary
                      Traffic   ██████████████████████████████  100 % release 2, 0 % release 1
                      Tasks     4 running, 2 wanted, 1 starting
                    SUCCEEDED Release 2 is live.""");
            assertThat(live.exitCode()).isZero();
            atRest(live);
        }
    }

    /** The next prompt begins at a line of its own, and the cursor is to be seen. */
    private static void atRest(Seen seen) {
        assertThat(seen.cursor()).isTrue();
        assertThat(seen.column()).isZero();
        assertThat(seen.lines().subList(seen.row(), seen.lines().size())).allMatch(String::isBlank);
    }

    @Test
    void aNarrowWindowShowsTheSameInMoreLines() {
        at(10, ",\"verdict\":{\"outcome\":\"NOT_ENOUGH_EVIDENCE\",\"message\":\"" + VERDICT + "\"}");
        try (PseudoTerminal terminal = slipway(40, 24, "watch", "prod/web")) {
            assertThat(terminal.until("Verdict").text()).isEqualTo("""
                    prod/web  RUNNING  release 2 (v2)
                      canary
                      Traffic   ██░░░░░░░░░░░░░░░░░░░░░░░░░░
                      10 % release 2, 90 % release 1
                      Stage production traffic shift since
                      2026-11-29 06:04:14Z
                      Tasks 4 running, 2 wanted, 1 starting
                      Verdict   not enough evidence
                      0 % of 57 requests failed on the new
                      release in 1 minute, 0 % of 470 on the
                      old one: too few to tell them apart.""");
        }
    }

    /** Twenty columns, a window lower than the picture, names and messages in wide characters, marks, emoji and tabs. */
    @ParameterizedTest
    @CsvSource({"20,24", "20,6", "80,4", "33,10", "80,24"})
    void noWindowAndNoTextBreaksTheDrawing(int columns, int rows) {
        String odd = "東京のリリースは新しい 👩‍🚀🚀 é́ ｶﾞ Ａ\\tb\\u001b[2J \\u202e"
                + "averyveryveryveryveryveryverylongwordthatnobodybreaks";
        at(33, ",\"waitsFor\":\"%s 0\"".formatted(odd));
        try (PseudoTerminal terminal = slipway(columns, rows, "watch", "prod/web")) {
            terminal.until("prod/web");
            for (int i = 1; i <= 2; i++) {
                int asked = api.asked().size();
                at(33 + i, ",\"waitsFor\":\"%s %d\"".formatted(odd, i));
                terminal.until(seen -> api.asked().size() > asked + 3);
            }
            ended("SUCCEEDED", "It is live.");
            Seen seen = terminal.ended();

            assertThat(seen.all().lines().filter(line -> line.startsWith("prod/web")))
                    .as(seen.toString())
                    .hasSize(1);
            assertThat(seen.all().lines().filter(line -> line.contains("SUCCEEDED It")))
                    .hasSize(1);
            atRest(seen);
        }
    }

    /** Lines of the old width may be broken in the new one: they are left, and the picture begins anew below them. */
    @Test
    void aWindowMayBeMadeNarrowerAndWider() {
        at(10, "");
        try (PseudoTerminal terminal = slipway(80, 24, "watch", "prod/web")) {
            terminal.until("10 % release 2");
            terminal.resize(40, 24);
            at(20, "");
            Seen narrow = terminal.until("20 % release 2");
            assertThat(narrow.lines()).contains("  20 % release 2, 80 % release 1");
            terminal.resize(100, 30);
            at(40, "");
            Seen wide = terminal.until("40 % release 2");
            assertThat(wide.lines())
                    .contains("  Traffic   ████████████░░░░░░░░░░░░░░░░░░  40 % release 2, 60 % release 1");

            ended("FAILED", "It was not to be.");
            assertThat(terminal.ended().exitCode()).isEqualTo(1);
        }
    }

    @Test
    void ctrlCEndsTheWatchingAndNotTheRollout() {
        at(10, "");
        try (PseudoTerminal terminal = slipway(80, 24, "deploy", "prod/web", "v2", "--wait")) {
            terminal.until("10 % release 2");

            terminal.type("\u0003");

            Seen seen = terminal.ended();
            assertThat(seen.text())
                    .contains("10 % release 2")
                    .endsWith("Not watched any more; it goes on. Watch it again: slipway watch prod/web");
            assertThat(seen.exitCode()).isEqualTo(130);
            atRest(seen);
            assertThat(api.asked()).noneMatch(request -> request.contains("cancel") || request.startsWith("DELETE"));
            assertThat(api.asked().stream().filter(request -> request.startsWith("POST")))
                    .hasSize(1);
        }
    }

    @Test
    void whereNoColoursAreWantedThereAreNone() {
        at(10, "");
        try (PseudoTerminal terminal = PseudoTerminal.ofSlipway(
                80, 24, Map.of("SLIPWAY_URL", api.url(), "NO_COLOR", "1"), "watch", "prod/web")) {
            Seen first = terminal.until("10 % release 2");
            assertThat(first.coloured()).isFalse();
            at(20, "");
            Seen second = terminal.until("20 % release 2");
            assertThat(second.coloured()).isFalse();
            assertThat(second.all()).doesNotContain("10 % release 2");
        }
    }

    @Test
    void aServerThatGoesAwayIsWaitedForAndTheDrawingGoesOnBelow() {
        at(10, "");
        try (PseudoTerminal terminal = slipway(80, 24, "watch", "prod/web")) {
            terminal.until("10 % release 2");
            api.goAway();
            terminal.until("Still trying for 10 min");
            at(20, "");
            api.comeBack();

            Seen back = terminal.until("20 % release 2");
            assertThat(back.text())
                    .containsSubsequence("10 % release 2", "Still trying", "Slipway answers again.", "20 % release 2");
            ended("SUCCEEDED", "It is live.");
            assertThat(terminal.ended().exitCode()).isZero();
        }
    }

    @Test
    void anApprovalIsShownBeforeItIsAsked() {
        String rollout = "{\"self\":\"" + ROLLOUT + "\",\"state\":\"RUNNING\",\"release\":2,\"previous\":1,"
                + "\"approval\":{\"release\":2,\"percent\":50},\"stage\":{\"name\":\"BAKE_TIME\",\"percent\":10}}";
        api.at("GET " + SERVICE + "/rollouts", "200 {\"items\":[" + rollout + "]}")
                .at("POST " + ROLLOUT + "/approve", "200 {}");
        try (PseudoTerminal terminal = slipway(80, 24, "approve", "prod/web")) {
            Seen asked = terminal.until("[y/N]");
            assertThat(asked.text())
                    .contains("10 % release 2")
                    .endsWith("Approve release 2, 50 % of the traffic? [y/N]");
            terminal.type("y\n");
            assertThat(terminal.ended().text()).contains("Approved.");
        }
        assertThat(api.asked()).contains("POST " + ROLLOUT + "/approve");
    }

    /** Twenty columns: all of a picture is there, in whatever lines. */
    @Test
    void noFigureOfThePictureIsLostInANarrowWindow() {
        at(10, ",\"verdict\":{\"outcome\":\"NOT_ENOUGH_EVIDENCE\",\"message\":\"" + VERDICT + "\"}");
        try (PseudoTerminal terminal = slipway(20, 40, "watch", "prod/web")) {
            assertThat(terminal.until("too few").text()).startsWith("""
                    prod/web  RUNNING
                      release 2 (v2)
                      canary
                      Traffic   ░░░░░░░░
                      10 % release 2, 90
                      % release 1
                    """);
        }
    }

    @Test
    void anApplyThatIsDrawnIsWholeToo() {
        api.at("GET " + SERVICE, "200 {\"last\":{\"self\":\"/v1/op2\"}}")
                .at(
                        "GET /v1/op2",
                        "200 {\"type\":\"APPLY\",\"state\":\"RUNNING\",\"progress\":{\"step\":\"EXECUTE\",\"done\":3,\"total\":33,"
                                + "\"recent\":[{\"logicalId\":\"PrivateSubnetRouteTableA\",\"status\":\"CREATE_IN_PROGRESS\"}]}}");
        try (PseudoTerminal terminal = slipway(30, 24, "watch", "prod/web")) {
            assertThat(terminal.until("PROGRESS").text()).isEqualTo("""
                    prod/web  apply  RUNNING,
                      execute, 3 of 33 resources
                      PrivateSubnetRouteTableA
                        CREATE_IN_PROGRESS""");
        }
    }

    /** COLUMNS is what a shell has said once; the window knows better, and only where it cannot be asked COLUMNS counts. */
    @ParameterizedTest
    @CsvSource({"/usr/bin:/bin, 90, 100", "/nowhere, 50, 64"})
    void theWidthIsTheWindowsAndElseWhatTheEnvironmentSays(String path, int least, int most) {
        api.at(
                "GET /v1/services",
                "200 {\"items\":[{\"environment\":\"prod\",\"service\":\"web\",\"state\":\"DOWN\",\"reason\":\"%s\"}]}"
                        .formatted("is down ".repeat(20).strip()));
        try (PseudoTerminal terminal = PseudoTerminal.ofSlipway(
                100, 24, Map.of("SLIPWAY_URL", api.url(), "PATH", path, "COLUMNS", "64", "LINES", "20"), "status")) {
            int widest = terminal.ended().lines().stream()
                    .mapToInt(String::length)
                    .max()
                    .orElseThrow();
            assertThat(widest).isBetween(least, most);
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, dumb, false", "TERM, xterm, true", "NO_COLOR, '', true", "NO_COLOR, 1, false"})
    void coloursAreForTerminalsThatKnowThemAndPeopleWhoWantThem(String variable, String value, boolean coloured) {
        api.at(
                "GET /v1/services",
                "200 {\"items\":[{\"environment\":\"prod\",\"service\":\"web\",\"state\":\"DOWN\"}]}");
        try (PseudoTerminal terminal =
                PseudoTerminal.ofSlipway(80, 24, Map.of("SLIPWAY_URL", api.url(), variable, value), "status")) {
            assertThat(terminal.ended().coloured()).isEqualTo(coloured);
        }
    }

    @Test
    void tablesFitTheWindow() {
        api.at(
                "GET /v1/services",
                "200 {\"items\":[{\"environment\":\"prod\",\"service\":\"%s\",\"state\":\"DOWN\",\"reason\":\"%s\"},"
                                .formatted("a-very-long-name-of-a-service-that-fills-columns", "東".repeat(60))
                        + "{\"environment\":\"prod\",\"service\":\"web\",\"state\":\"HEALTHY\",\"release\":7,"
                        + "\"reason\":\"東京\\tis well\"}]}");
        try (PseudoTerminal terminal = slipway(80, 24, "status")) {
            List<String> lines = terminal.ended().lines();
            assertThat(lines.get(0)).startsWith("SERVICE  ");
            assertThat(String.join("", lines)).contains("HEALTHY  7").doesNotContain("…");
            assertThat(String.join("", lines).chars().filter(c -> c == '東').count())
                    .isEqualTo(61);
        }
    }

    private void program(String name, String script) throws IOException {
        Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(directory.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Map<String, String> withPrograms(String... more) {
        return Map.of(
                "SLIPWAY_URL",
                api.url(),
                "PATH",
                directory + ":/usr/bin:/bin",
                more.length == 0 ? "NONE" : more[0],
                more.length == 0 ? "" : more[1]);
    }

    @Test
    void aPageIsOpenedWhereThereAreWindowsAndPrintedEverywhere() throws IOException, InterruptedException {
        program("xdg-open", "echo \"$@\" >> %s/opened\n".formatted(directory));
        api.at("GET " + SERVICE, "200 {\"console\":{\"logs\":\"https://console.example/logs?a=1&b=2#x\"}}");
        Path opened = directory.resolve("opened");

        try (PseudoTerminal headless = PseudoTerminal.ofSlipway(80, 24, withPrograms(), "open", "prod/web", "logs")) {
            assertThat(headless.ended().text()).isEqualTo("https://console.example/logs?a=1&b=2#x");
        }
        assertThat(opened).doesNotExist();

        try (PseudoTerminal windows =
                PseudoTerminal.ofSlipway(80, 24, withPrograms("DISPLAY", ":0"), "open", "prod/web", "logs")) {
            assertThat(windows.ended().text()).isEqualTo("https://console.example/logs?a=1&b=2#x");
        }
        while (!Files.exists(opened) || Files.size(opened) == 0) {
            Thread.sleep(20);
        }
        assertThat(Files.readString(opened)).isEqualTo("https://console.example/logs?a=1&b=2#x\n");
    }

    @Test
    void whereNoBrowserCanBeStartedTheAddressIsThere() {
        api.at("GET " + SERVICE, "200 {\"console\":{\"logs\":\"https://console.example/logs\"}}");
        try (PseudoTerminal terminal = PseudoTerminal.ofSlipway(
                80,
                24,
                Map.of("SLIPWAY_URL", api.url(), "DISPLAY", ":0", "PATH", directory.toString()),
                "open",
                "prod/web",
                "logs")) {
            assertThat(terminal.ended().text())
                    .isEqualTo("https://console.example/logs\nNo browser could be started: open it yourself.");
        }
    }
}
