package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.VirtualEnvironment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where {@code make probe} refuses and what it removes: src/test/probe/probe_test.py, in which moto is the account. */
@Tag("slow")
class ProbeAccountTest {
    /** What moto does not know would go to a proxy that is not there. */
    private static final Map<String, String> NOWHERE = Map.of(
            "AWS_ACCESS_KEY_ID", "test",
            "AWS_SECRET_ACCESS_KEY", "test",
            "HTTPS_PROXY", "http://127.0.0.1:9",
            "HTTP_PROXY", "http://127.0.0.1:9",
            "NO_PROXY", "",
            "PYTHONDONTWRITEBYTECODE", "1");

    @Test
    void removesItsOwnAndNothingElse() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        VirtualEnvironment.command("python", List.of("src/test/probe/probe_test.py")))
                .redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("AWS_") || name.toLowerCase().endsWith("_proxy"));
        builder.environment().putAll(NOWHERE);
        Process tests = builder.start();
        try {
            String said = new String(tests.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(tests.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(tests.exitValue()).as(said).isZero();
        } finally {
            tests.destroyForcibly();
        }
    }
}
