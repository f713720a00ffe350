package dev.slipway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Python programs of the environment that {@code make test} installs. Where one is missing a test fails; it is never skipped. The
 * property {@code venv} names another place for them.
 */
public final class VirtualEnvironment {
    private VirtualEnvironment() {}

    /** The command that runs {@code program} of the environment. */
    public static List<String> command(String program, List<String> arguments) {
        String venv = System.getProperty("venv");
        Path home = venv == null ? LocalServer.basedir().resolve(".venv") : Path.of(venv);
        Path executable = home.resolve("bin").resolve(program);
        if (!Files.isExecutable(executable)) {
            throw new IllegalStateException("there is no %s: run `make .venv/.installed` first".formatted(executable));
        }
        List<String> command = new ArrayList<>(List.of(executable.toString()));
        command.addAll(arguments);
        return command;
    }
}
