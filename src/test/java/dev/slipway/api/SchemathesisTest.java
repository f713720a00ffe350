package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.VirtualEnvironment;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Schemathesis sends thousands of requests that the API's description allows, and as many that it does not, also one after the
 * other with what earlier answers named. {@code -Dschemathesis.seed=N} and {@code .examples=N} ask for others.
 */
@Tag("slow")
@QuarkusTest
@TestProfile(SchemathesisTest.OwnAccount.class)
class SchemathesisTest {
    /** It leaves environments behind, which would be in the way of others: an application and an account of its own. */
    public static class OwnAccount implements QuarkusTestProfile {}

    private static final int SEED = Integer.getInteger("schemathesis.seed", 1);
    private static final int EXAMPLES = Integer.getInteger("schemathesis.examples", 4);
    private static final int SECONDS = 60;

    @SuppressWarnings("NullAway.Init") // set by Quarkus
    @TestHTTPResource("/")
    URI base;

    @Test
    void everyAnswerIsOneThatTheDescriptionNames(@TempDir Path directory) throws IOException, InterruptedException {
        ObjectNode description = ApiDescription.load().document().deepCopy();
        description.remove("security"); // a local run needs none
        Path document = directory.resolve("openapi.json");
        new ObjectMapper().writeValue(document.toFile(), description);
        // A name that nobody has used, a page that is none, another's lock: what is allowed is not always to be had.
        Path settings = Files.writeString(directory.resolve("schemathesis.toml"), """
                [checks]
                positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 412, 415, 422]
                """);
        Path output = directory.resolve("output");
        Process run = new ProcessBuilder(VirtualEnvironment.command(
                        "schemathesis",
                        List.of(
                                "--config-file=" + settings,
                                "run",
                                document.toString(),
                                "--url=" + base,
                                "--seed=" + SEED,
                                "--max-examples=" + EXAMPLES,
                                "--max-time=" + SECONDS,
                                "--continue-on-failure",
                                "--no-color",
                                "--generation-database=none",
                                "--suppress-health-check=all")))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(run.waitFor(SECONDS * 5L, TimeUnit.SECONDS)).isTrue();
        } finally {
            run.destroyForcibly();
        }

        assertThat(run.exitValue()).as(Files.readString(output)).isZero();
        assertThat(Files.readString(output)).contains("Stateful");
    }
}
