package dev.slipway.cli.command;

import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where specs are kept: {@code slipway/environments/prod.yaml}, {@code slipway/services/web.yaml} for all environments,
 * {@code slipway/services/prod/web.yaml} for one, {@code slipway/pipelines/web.yaml}.
 */
final class SpecFiles {
    static final Path DIRECTORY = Path.of("slipway");

    private SpecFiles() {}

    /** Where a target's spec is looked for, in order. */
    static List<Path> places(Target target) {
        if (target.isPipeline()) {
            return List.of(DIRECTORY.resolve("pipelines/" + target.name() + ".yaml"));
        }
        if (target.isEnvironment()) {
            return List.of(DIRECTORY.resolve("environments/" + target.environment() + ".yaml"));
        }
        return List.of(
                DIRECTORY.resolve("services/" + target.environment() + "/" + target.name() + ".yaml"),
                DIRECTORY.resolve("services/" + target.name() + ".yaml"));
    }

    /** The spec of a file, or of the place where the target's is kept. Throws {@link CliException} when there is none. */
    static byte[] read(Path directory, Target target, @Nullable Path file) {
        Path found = file != null
                ? directory.resolve(file)
                : places(target).stream()
                        .map(directory::resolve)
                        .filter(Files::exists)
                        .findFirst()
                        .orElseThrow(() -> CliException.usage(
                                "There is no spec of %s: no %s."
                                        .formatted(
                                                target,
                                                places(target).stream()
                                                        .map(Path::toString)
                                                        .collect(Collectors.joining(" and no "))),
                                "`slipway init` writes specs; -f names another file."));
        try {
            return Files.readAllBytes(found);
        } catch (NoSuchFileException e) {
            throw CliException.usage("--file %s: there is no such file.".formatted(file), null);
        } catch (IOException e) {
            throw CliException.usage(
                    "%s cannot be read: %s".formatted(found, e.getClass().getSimpleName()), null);
        }
    }
}
