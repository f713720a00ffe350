package dev.slipway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Python programs of the environment that {@code make test} installs. Where one is missing a test fails; it is never skipped. The
 * property {@code venv} names another place for them.
 */
public final class VirtualEnvironment {
    private VirtualEnvironment() {}

    private static Path home() {
        String venv = System.getProperty("venv");
        return venv == null ? LocalServer.basedir().resolve(".venv") : Path.of(venv);
    }

    /** Where a package of the environment is, whatever version Python has. */
    public static Path packaged(String name) throws IOException {
        try (Stream<Path> versions = Files.list(home().resolve("lib"))) {
            return versions.map(version -> version.resolve("site-packages").resolve(name))
                    .filter(Files::isDirectory)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "there is no %s: run `make .venv/.installed` first".formatted(name)));
        }
    }

    /** The command that runs {@code program} of the environment. */
    public static List<String> command(String program, List<String> arguments) {
        Path executable = home().resolve("bin").resolve(program);
        if (!Files.isExecutable(executable)) {
            throw new IllegalStateException("there is no %s: run `make .venv/.installed` first".formatted(executable));
        }
        List<String> command = new ArrayList<>(List.of(executable.toString()));
        command.addAll(arguments);
        return command;
    }
}
