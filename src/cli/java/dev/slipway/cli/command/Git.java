package dev.slipway.cli.command;

import dev.slipway.cli.exit.CliException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What git says of the directory. */
final class Git {
    private Git() {}

    /** A commit's whole id; one that is written as such is taken as it is. */
    static String commit(Path directory, String written) {
        if (written.matches("[0-9a-f]{7,64}")) {
            return written;
        }
        String found = written.startsWith("-")
                ? null
                : says(directory, "rev-parse", "--verify", "--quiet", written + "^{commit}");
        if (found == null) {
            throw CliException.usage(
                    "--commit %s: git knows no such commit here.".formatted(written.isBlank() ? "\"\"" : written),
                    "Write its id, or a branch or tag that is here.");
        }
        return found;
    }

    /** The repository's {@code owner/name} at its host; null when git has no origin of this shape. */
    static @Nullable String repository(Path directory) {
        String url = says(directory, "config", "--get", "remote.origin.url");
        if (url == null) {
            return null;
        }
        String path = url.replaceFirst("^[a-z+]+://[^/]+/|^[^/:]+@[^:/]+:", "").replaceFirst("\\.git$", "");
        return path.matches("[\\w.-]+/[\\w.-]+") ? path : null;
    }

    /** The branch that is checked out; null when none is. */
    static @Nullable String branch(Path directory) {
        return says(directory, "symbolic-ref", "--quiet", "--short", "HEAD");
    }

    private static @Nullable String says(Path directory, String... arguments) {
        ProcessBuilder git =
                new ProcessBuilder("git").directory(directory.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        git.command().addAll(List.of(arguments));
        try {
            Process process = git.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 && !said.isEmpty() ? said : null;
        } catch (IOException e) {
            return null; // there is no git
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
