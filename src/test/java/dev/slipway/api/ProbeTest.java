package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What {@code make probe} does on a real account, walked over the simulated one; it leaves nothing, also when it is stopped. */
@Tag("slow")
@QuarkusTest
class ProbeTest {
    private static final Path REPORT = Path.of("target/probe.json");

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    /** Runs it while time passes; from {@code stopAfter} on, once, it is told to stop. */
    private JsonNode run(String stopAfter) throws IOException, InterruptedException {
        Files.deleteIfExists(REPORT);
        Path said = Files.createTempFile("probe", ".txt");
        Process probe = new ProcessBuilder(
                        "python3", "scripts/probe", "--dry-run", "--api", "http://localhost:" + base.getPort())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            boolean stopped = false;
            for (int i = 0; i < 8000 && !probe.waitFor(30, TimeUnit.MILLISECONDS); i++) {
                simulation.advance(Duration.ofSeconds(5));
                if (!stopped && !stopAfter.isEmpty() && Files.readString(said).contains(stopAfter)) {
                    probe.destroy();
                    stopped = true;
                }
            }
            assertThat(probe.isAlive()).as(Files.readString(said)).isFalse();
            assertThat(probe.exitValue()).as(Files.readString(said)).isEqualTo(stopAfter.isEmpty() ? 0 : 1);
            return new ObjectMapper().readTree(REPORT.toFile());
        } finally {
            probe.destroyForcibly();
            Files.delete(said);
        }
    }

    @Test
    void walksThroughTheFoundingUseCaseAndRemovesIt() throws Exception {
        JsonNode report = run("");

        assertThat(report.path("failure").isNull()).as(report.toString()).isTrue();
        assertThat(report.path("left")).isEmpty();
        assertThat(report.path("steps"))
                .hasSize(9)
                .allSatisfy(step -> assertThat(step.path("state").asText()).isEqualTo("done"));
        assertThat(new Http(base, simulation).get("/v1/environments/probe").status())
                .isEqualTo(404);
        List<String> rows = Files.readAllLines(Path.of("docs/assumptions.md")).stream()
                .filter(line -> line.startsWith("| ") && line.contains("| `make probe`"))
                .toList();
        assertThat(report.path("assumptions"))
                .hasSameSizeAs(rows)
                .allSatisfy(looked -> assertThat(rows)
                        .anyMatch(
                                row -> row.startsWith("| " + looked.path("row").asText())));
    }

    @Test
    void stoppedOnItsWayItStillRemovesWhatItHasMade() throws Exception {
        JsonNode report = run("the first release, rolling");

        assertThat(report.path("failure").asText()).contains("SIGTERM");
        assertThat(report.path("left")).isEmpty();
        assertThat(new Http(base, simulation).get("/v1/environments/probe").status())
                .isEqualTo(404);
    }
}
