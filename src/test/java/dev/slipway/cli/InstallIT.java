package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.slipway.cli.dashboard.Browser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as {@code make install} leaves it on a machine. */
class InstallIT {
    private static final Path JAR = Path.of("target/cli/slipway.jar");

    @SuppressWarnings("NullAway.Init") // set by JUnit
    @TempDir
    Path prefix;

    private record Ended(int exitCode, String out, String err) {}

    private Ended run(String url, String... command) throws IOException, InterruptedException {
        Path out = prefix.resolve("out");
        Path err = prefix.resolve("err");
        ProcessBuilder process =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        process.environment().put("SLIPWAY_URL", url);
        process.environment().put("AWS_EC2_METADATA_DISABLED", "true"); // nothing leaves this machine
        Process started = process.start();
        try {
            assertThat(started.waitFor(2, TimeUnit.MINUTES)).isTrue();
            return new Ended(started.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            started.destroyForcibly();
        }
    }

    @Test
    void itRunsFromThePathOutOfItsOwnJarAndCache() throws IOException, InterruptedException {
        Ended installed = run("", "scripts/install-cli", prefix.toString());
        assertThat(installed.exitCode()).as(installed.err()).isZero();
        assertThat(installed.out()).contains("Installed " + prefix.resolve("bin/slipway"));
        assertThat(prefix.resolve("share/slipway/slipway.aot")).isNotEmptyFile();
        String slipway = prefix.resolve("bin/slipway").toString();

        assertThat(run("", slipway, "--version").out()).matches("slipway [0-9]+\\.[0-9]+\\.[0-9]+\\S*\n");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/services", exchange -> {
            byte[] body =
                    "{\"items\":[{\"environment\":\"prod\",\"service\":\"web\",\"state\":\"DOWN\",\"reason\":\"ä\"}]}"
                            .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            Ended status = run("http://127.0.0.1:" + server.getAddress().getPort(), slipway, "status");
            assertThat(status.out())
                    .isEqualTo("SERVICE   STATE  RELEASE  SINCE  REASON\nprod/web  DOWN                   ä\n");
            assertThat(status.err()).isEmpty();
            assertThat(status.exitCode()).isZero();
        } finally {
            server.stop(0);
        }
        endsOnCtrlC(slipway);
        // The ways to credentials are in the jar: without any, the SDK says so, and nothing else is missing.
        Ended alone =
                run("https://abc123.execute-api.eu-central-1.amazonaws.com", slipway, "status", "--profile", "none");
        assertThat(alone.exitCode()).isEqualTo(5);
        assertThat(alone.err())
                .startsWith(
                        "Error: No AWS credentials were found: Profile file contained no credentials for profile 'none'\n")
                .doesNotContain("ClassNotFound", "NoClassDef", "SLF4J");
    }

    /** As an interactive shell sends it. */
    private void endsOnCtrlC(String slipway) throws IOException, InterruptedException {
        Path out = prefix.resolve("out");
        ProcessBuilder builder = new ProcessBuilder(slipway, "dashboard", "--url", "http://127.0.0.1:9", "--no-open")
                .redirectOutput(out.toFile())
                .redirectError(prefix.resolve("err").toFile());
        Process dashboard = builder.start();
        try {
            while (!Files.readString(out).endsWith("\n")) {
                assertThat(dashboard.waitFor(20, TimeUnit.MILLISECONDS))
                        .as(Files.readString(prefix.resolve("err")))
                        .isFalse();
            }
            String address = Files.readString(out).strip();
            Browser browser = new Browser(address).opened(address);
            browser.get("/v1/services").isProblem(502, "unreachable");

            new ProcessBuilder("kill", "-INT", Long.toString(dashboard.pid()))
                    .start()
                    .waitFor();

            assertThat(dashboard.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(dashboard.exitValue()).isZero();
            assertThat(Files.readString(out)).isEqualTo(address + "\n");
            assertThat(Files.readString(prefix.resolve("err")))
                    .isEqualTo("The address works once, in one browser. Ctrl-C ends the dashboard.\n"
                            + "\nThe dashboard has ended.\n");
        } finally {
            dashboard.destroyForcibly();
        }
    }

    @Test
    void theJarHasTheCommandLineAndNothingOfTheProduct() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            List<String> ours = jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.startsWith("dev/slipway/") && name.endsWith(".class"))
                    .toList();

            assertThat(ours).isNotEmpty().allMatch(name -> name.startsWith("dev/slipway/cli/"));
            assertThat(jar.stream().map(JarEntry::getName)).noneMatch(name -> name.startsWith("io/quarkus/"));
        }
    }
}
