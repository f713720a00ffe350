package dev.slipway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * AWS's own DynamoDB Local, in memory, one for all tests of this JVM. The build lays its files into
 * {@code target/dynamodb-local} before the integration tests; it runs apart from them because it brings another Jetty and
 * another AWS SDK.
 */
public final class DynamoDbLocal {
    private DynamoDbLocal() {}

    private static final class Shared {
        static final LocalServer SERVER = start();
    }

    /** The running server; the first call starts it. */
    public static LocalServer get() {
        if (!Files.isDirectory(files())) {
            throw new IllegalStateException(
                    "there is no %s: `./mvnw pre-integration-test` makes it".formatted(files()));
        }
        return Shared.SERVER;
    }

    private static LocalServer start() {
        int port = LocalServer.freePort();
        return LocalServer.start(
                port,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // It is over before the second compiler would pay.
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.library.path=" + files(),
                        "-cp",
                        files().resolve("*").toString(),
                        "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
                        "-inMemory",
                        "-disableTelemetry",
                        "-port",
                        Integer.toString(port)));
    }

    private static Path files() {
        return LocalServer.basedir().resolve("target").resolve("dynamodb-local");
    }
}
