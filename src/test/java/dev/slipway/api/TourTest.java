package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Takes the tour of docs/tour.md: every command in it is sent, in its order, and ends as it is printed there. And runs the
 * README's quick start, as it stands.
 */
@QuarkusTest
class TourTest {
    private static final String PROD = "/v1/environments/prod";
    private static final String WEB = PROD + "/services/web";
    private static final String PIPELINE = "/v1/pipelines/web";

    /** A field that is printed. */
    private static final Pattern KEY = Pattern.compile("\"(\\w+)\": ?");

    private static final Pattern METHOD = Pattern.compile("-X ([A-Z]+)");
    private static final Pattern FILE = Pattern.compile("-T ([\\w./-]+)");
    private static final Pattern BODY = Pattern.compile("-d '([^']*)'");
    private static final Pattern ADDRESS = Pattern.compile("http://localhost:8080(/[\\w./-]*)");
    private static final Pattern EDIT = Pattern.compile("sed 's/([^/]+)/([^/]+)/' ([\\w./-]+)");
    /** The quick start, and below it what it prints. */
    private static final Pattern QUICK_START =
            Pattern.compile("^```sh\\n(make run .*?)^```$.*?^```\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    /** What the test's server and clock do in their place. */
    private static final String PLAYED = "make() { :; }; sleep() { command sleep 0.05; }\n";
    /** Whatever is printed as having ended so. */
    private static final Pattern ENDED = Pattern.compile("\"state\": ?\"([A-Z_]+)\"");

    /** A command and what is printed below it. */
    private record Step(String command, String printed) {}

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    private Http http;
    private String last = "";

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
        http.put(PROD, "terminationProtection: false");
        http.settled(PROD);
        http.delete(PROD);
        http.settled(PROD).is(404);
    }

    @Test
    void theQuickStartPastedAsOneBlockPrintsWhatTheReadmeSays() throws IOException, InterruptedException {
        Matcher block = QUICK_START.matcher(Files.readString(Path.of("README.md")));
        assertThat(block.find()).isTrue();
        assertThat(block.group(1)).contains("http://localhost:8080");
        Path log = Files.createTempFile("quick-start", ".log");
        String script = block.group(1)
                .replace("http://localhost:8080", "http://localhost:" + base.getPort())
                .replace("/tmp/slipway.log", log.toString());

        Path printed = Files.createTempFile("quick-start", ".txt");
        Process shell = new ProcessBuilder("bash", "-c", PLAYED + script)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        try {
            for (int i = 0; i < 2000 && !shell.waitFor(30, TimeUnit.MILLISECONDS); i++) {
                simulation.advance(Duration.ofSeconds(5));
            }
            assertThat(shell.isAlive()).as("still running").isFalse();
            assertThat(printed).hasContent(block.group(2));
        } finally {
            shell.destroy();
            Files.delete(log);
            Files.delete(printed);
        }
    }

    @Test
    void everyCommandOfTheTourDoesWhatItSays() throws IOException {
        List<Step> steps = steps(Files.readString(Path.of("docs/tour.md")));

        assertThat(steps).hasSizeGreaterThan(25);
        for (Step step : steps) {
            take(step);
        }
    }

    private void take(Step step) throws IOException {
        String command = step.command();
        boolean refused = step.printed().contains("\"status\": 409");
        if (!refused) {
            rest();
        }
        Matcher address = ADDRESS.matcher(command);
        assertThat(address.find()).as(command).isTrue();
        // The ids that are printed are those of another day.
        String path = address.group(1).replaceFirst("/plans/\\w+", last.replaceFirst(".*(?=/plans/)", ""));
        Http.Answer answer = send(command, path);
        assertThat(answer.status()).as(command + "\n" + answer.raw().body()).isBetween(200, refused ? 409 : 299);
        if (refused) {
            assertThat(answer.status()).isEqualTo(409);
        }
        if (answer.body().has("location")) {
            last = answer.location();
        }
        KEY.matcher(step.printed())
                .results()
                .map(found -> found.group(1))
                .filter(key -> !command.contains(key)) // jq can name what it picks
                .forEach(key -> assertThat(answer.body().findValue(key))
                        .as(key + " of " + command)
                        .isNotNull());
        simulation.advance(Duration.ofSeconds(5)); // nobody types faster
        Matcher ended = ENDED.matcher(step.printed());
        if (command.contains("jq") && ended.find()) {
            assertThat(state(answer.body()))
                    .as(command + "\n" + answer.raw().body())
                    .isEqualTo(ended.group(1));
        }
    }

    private Http.Answer send(String command, String path) throws IOException {
        Matcher edit = EDIT.matcher(command);
        if (edit.find()) {
            String edited = Files.readString(Path.of(edit.group(3))).replace(edit.group(1), edit.group(2));
            return http.send("POST", path, edited, "Content-Type", "application/yaml");
        }
        Matcher file = FILE.matcher(command);
        if (file.find()) {
            return http.put(path, Files.readString(Path.of(file.group(1))));
        }
        Matcher body = BODY.matcher(command);
        Matcher method = METHOD.matcher(command);
        return http.send(method.find() ? method.group(1) : "GET", path, body.find() ? body.group(1) : "");
    }

    /** Of what the tour's jq picks: the last operation, the newest of a list, or the thing itself. */
    private static String state(JsonNode answer) {
        for (String where : List.of("/items/0/state", "/executions/0/state", "/last/state", "/state")) {
            if (!answer.at(where).isMissingNode()) {
                return answer.at(where).asText();
            }
        }
        return "";
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

    private static List<Step> steps(String tour) {
        List<Step> steps = new ArrayList<>();
        String command = "";
        StringBuilder printed = new StringBuilder();
        for (String line : tour.replace("|\n    ", "| ").split("\n")) {
            if (line.startsWith("$ ") || line.startsWith("```")) {
                if (command.contains("curl ")) {
                    steps.add(new Step(command, printed.toString()));
                }
                command = line.startsWith("$ ")
                        ? line.substring(2)
                                .replaceFirst("\\s+# .*$", "")
                                .replace("$api", "http://localhost:8080/v1/environments")
                                .replace("$web", "http://localhost:8080" + WEB)
                        : "";
                printed.setLength(0);
            } else {
                printed.append(line).append('\n');
            }
        }
        return steps;
    }
}
