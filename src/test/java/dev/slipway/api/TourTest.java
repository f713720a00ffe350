package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pastes the commands of the README's quick start and of both tours into a shell, all at once, and looks for what is printed there. */
@Tag("slow")
@QuarkusTest
class TourTest {
    private static final String PROD = "/v1/environments/prod";
    private static final String WEB = PROD + "/services/web";
    private static final String PIPELINE = "/v1/pipelines/web";

    /** The commands of a page, and what is printed below them. */
    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    /** The quick start, and below it what it prints, up to what is left out. */
    private static final Pattern QUICK_START = Pattern.compile(
            "^```sh\\n(make install .*?)^```$.*?^```\\n(.*?)…\\n```$", Pattern.MULTILINE | Pattern.DOTALL);
    /** What the test's server and clock do in their place. */
    private static final String PLAYED = "make() { :; }; sleep() { command sleep 0.05; }\n";
    /** The launcher, without what it needs to have been installed. */
    private static final String LAUNCHER =
            "slipway() { '%s' -XX:TieredStopAtLevel=1 -cp '%s' dev.slipway.cli.Slipway \"$@\"; }\n"
                    .formatted(
                            ProcessHandle.current().info().command().orElse("java"),
                            System.getProperty("java.class.path"));

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

    /** What it made goes: other tests have a prod of their own. */
    @AfterEach
    void goHome() {
        http.delete(PIPELINE);
        rest();
        http.delete(WEB + "?confirm=web");
        http.settled(WEB);
        http.put(PROD + "/override?reason=it+goes", "terminationProtection: false");
        http.settled(PROD);
        http.delete(PROD);
        http.settled(PROD).is(404);
    }

    @Test
    void theQuickStartAndTheCommandLinesTourPrintWhatTheySay() throws IOException, InterruptedException {
        Matcher quickStart = QUICK_START.matcher(Files.readString(Path.of("README.md")));
        assertThat(quickStart.find()).isTrue();
        assertThat(quickStart.group(1)).contains("export PATH=\"$HOME/.local/bin:$PATH\" ");
        List<MatchResult> blocks = BLOCK.matcher(Files.readString(Path.of("docs/cli.md")))
                .results()
                .toList();
        String commands = text(blocks, block -> block.group(1).equals("sh"));
        String printed = text(blocks, block -> block.group(1).isEmpty());

        String said = pasted(LAUNCHER + quickStart.group(1) + "echo THE TOUR\n" + commands);

        Files.writeString(Path.of("target/cli-tour.txt"), said);
        String[] parts = said.split("THE TOUR\\n");
        assertThat(parts[0]).startsWith(quickStart.group(2));
        assertThat(countless(parts[1])).isEqualTo(countless(printed));
    }

    private static String text(List<MatchResult> blocks, Predicate<MatchResult> wanted) {
        return blocks.stream().filter(wanted).map(block -> block.group(2)).collect(Collectors.joining());
    }

    /** How many requests there were, and when, is another day's; so are the widths of columns. */
    private static String countless(String printed) {
        return printed.replaceAll("\\d{4}-\\d\\d-\\d\\d[ T][0-9:.]+Z", "TIME")
                .replaceAll("[0-9.,]+ % of [0-9,]+", "N % of N")
                .replaceAll("in the same \\d+ minutes?", "in the same N minutes")
                .replaceAll("once in [0-9,]+ times", "once in N times")
                .replaceAll(" {2,}", "  ");
    }

    @Test
    void theTourPastedAsOneBlockPrintsWhatItSays() throws IOException, InterruptedException {
        List<MatchResult> blocks = BLOCK.matcher(Files.readString(Path.of("docs/tour.md")))
                .results()
                .toList();
        String commands = text(blocks, block -> block.group(1).equals("sh"));
        String printed = text(blocks, block -> block.group(1).isEmpty());
        assertThat(commands.lines().filter(line -> line.contains("curl -s "))).hasSizeGreaterThan(25);

        String said = pasted(commands);

        Files.writeString(Path.of("target/tour.txt"), said);
        assertThat(timeless(said)).isEqualTo(timeless(printed));
    }

    /** Ids, times and counts of requests are those of another day. */
    private static String timeless(String printed) {
        return printed.replaceAll("\\b1[a-z0-9]{18}\\b", "ID")
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
                .replaceAll("(?m)^(  \"verdict\": ).*$", "$1…")
                .replaceAll("\"seconds\":\\d+", "\"seconds\":0");
    }

    /** What a shell prints that is given the commands at once, while time passes. */
    private String pasted(String commands) throws IOException, InterruptedException {
        assertThat(commands).contains("http://localhost:8080");
        Path log = Files.createTempFile("slipway", ".log");
        Path printed = Files.createTempFile("slipway", ".txt");
        String script = commands.replace("http://localhost:8080", "http://localhost:" + base.getPort())
                .replace("/tmp/slipway.log", log.toString());
        Process shell = new ProcessBuilder("bash", "-c", PLAYED + script)
                .redirectError(log.toFile())
                .redirectOutput(printed.toFile())
                .start();
        try {
            for (int i = 0; i < 16_000 && !shell.waitFor(30, TimeUnit.MILLISECONDS); i++) {
                simulation.advance(Duration.ofSeconds(5));
            }
            assertThat(shell.isAlive()).as("still running").isFalse();
            return Files.readString(printed);
        } finally {
            shell.destroy();
            Files.delete(log);
            Files.delete(printed);
        }
    }

    /** Until nothing is under way any more. */
    private void rest() {
        for (int i = 0; i < 500; i++) {
            boolean busy = List.of(PROD, WEB, PIPELINE).stream()
                    .map(http::get)
                    .filter(found -> found.status() == 200)
                    .anyMatch(found -> found.body().has("operation")
                            || found.body().at("/executions/0").has("current"));
            if (!busy) {
                return;
            }
            simulation.advance(Duration.ofSeconds(30));
        }
        throw new AssertionError("still under way after hours");
    }
}
