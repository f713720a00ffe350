package dev.slipway.cli;

import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.command.Commands;
import dev.slipway.cli.terminal.Screen;
import dev.slipway.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.Map;

/** The command line {@code slipway}. */
public final class Slipway {
    private Slipway() {}

    /** Runs a command line and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        Path directory = Path.of(environment.getOrDefault("SLIPWAY_DIRECTORY", ""));
        System.exit(run(arguments, environment, Screen.ofProcess(environment), directory, Thread::sleep));
    }

    /** Runs a command line and gives its exit code. */
    public static int run(
            String[] arguments,
            Map<String, String> environment,
            Terminal terminal,
            Path directory,
            ApiClient.Pause pause) {
        return Commands.of(environment, terminal, directory, pause).execute(arguments);
    }
}
