package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.VirtualEnvironment;
import dev.slipway.simulated.Simulation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that generators make from the API's description take the tour: environment, service, two releases, a rollback. */
@Tag("slow")
@QuarkusTest
class GeneratedClientsTest {
    private static final Path SOURCES = Path.of("src/test/clients");
    /** Where {@code make check} installs the generator of TypeScript and its compiler. */
    private static final Path NODE = Path.of("target/clients").toAbsolutePath();

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Inject
    Simulation simulation;

    @Test
    void python(@TempDir Path directory) throws IOException, InterruptedException {
        Path description = description(directory);
        run(
                directory,
                VirtualEnvironment.command(
                        "openapi-python-client",
                        List.of(
                                "generate",
                                "--path=" + description,
                                "--output-path=" + directory.resolve("slipway"),
                                "--meta=none")));
        Path tour = Files.copy(SOURCES.resolve("tour.py"), directory.resolve("tour.py"));

        run(directory, VirtualEnvironment.command("python", List.of(tour.toString(), url())));
    }

    @Test
    void typescript(@TempDir Path directory) throws IOException, InterruptedException {
        assertThat(NODE.resolve(".installed"))
                .as("what `make target/clients/.installed` installs")
                .exists();
        Path description = description(directory);
        for (String source : List.of("tour.ts", "tsconfig.json")) {
            Files.copy(SOURCES.resolve(source), NODE.resolve(source), StandardCopyOption.REPLACE_EXISTING);
        }
        String programs = NODE.resolve("node_modules/.bin").toString();

        run(NODE, List.of(programs + "/openapi-typescript", description.toString(), "--output", "slipway.ts"));
        run(NODE, List.of(programs + "/tsc", "--project", "tsconfig.json"));
        run(NODE, List.of("node", "tour.js", url()));
    }

    private String url() {
        return base.toString().replaceAll("/$", "");
    }

    private static Path description(Path directory) throws IOException {
        return Files.writeString(
                directory.resolve("openapi.json"), ApiDescription.load().asJson());
    }

    /** Runs a program while simulated time passes. */
    private void run(Path directory, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("client", ".log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            for (int step = 0; step < 30_000 && !process.waitFor(10, TimeUnit.MILLISECONDS); step++) {
                simulation.advance(Duration.ofSeconds(5));
            }
            assertThat(process.isAlive()).as("still running: " + command).isFalse();
            assertThat(process.exitValue())
                    .as(command + "\n" + Files.readString(output))
                    .isZero();
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}
