package dev.slipway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The AWS emulator moto, one for all tests of this JVM, from the Python environment that {@code make venv} makes. Where
 * that is missing a test fails; it is never skipped. The property {@code slipway.venv} names another place for it.
 *
 * <p>moto keeps what it was told until {@link #reset()}, for all regions and accounts. It loses updates of concurrent
 * writers to DynamoDB; where that matters, use {@link DynamoDbLocal}.
 */
public final class MotoServer {
    private MotoServer() {}

    private static final class Shared {
        static final LocalServer SERVER = start();
    }

    /** The running server; the first call starts it. */
    public static LocalServer get() {
        Path command = command();
        if (!Files.isExecutable(command)) {
            throw new IllegalStateException("there is no %s: run `make venv` first".formatted(command));
        }
        return Shared.SERVER;
    }

    /** Forgets everything in the emulated account. */
    public static void reset() {
        get().post("/moto-api/reset");
    }

    private static LocalServer start() {
        int port = LocalServer.freePort();
        return LocalServer.start(port, List.of(command().toString(), "-H", "127.0.0.1", "-p", Integer.toString(port)));
    }

    private static Path command() {
        String venv = System.getProperty("slipway.venv");
        Path home = venv == null ? LocalServer.basedir().resolve(".venv") : Path.of(venv);
        return home.resolve("bin").resolve("moto_server");
    }
}
