package dev.slipway;

import java.util.List;

/**
 * The AWS emulator moto, one for all tests of this JVM.
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
        return Shared.SERVER;
    }

    /** Forgets everything in the emulated account. */
    public static void reset() {
        get().post("/moto-api/reset");
    }

    private static LocalServer start() {
        int port = LocalServer.freePort();
        return LocalServer.start(
                port,
                VirtualEnvironment.command("moto_server", List.of("-H", "127.0.0.1", "-p", Integer.toString(port))));
    }
}
