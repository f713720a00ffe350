package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "init",
        description = "Write the specs of an environment, a service and, if wanted, a pipeline for this directory")
final class InitCommand extends Verb {
    private static final Pattern EXPOSE = Pattern.compile("(?mi)^\\s*EXPOSE\\s+(\\d{1,5})\\b");
    private static final int USUAL_PORT = 8080;

    @Option(names = "--service", paramLabel = "NAME", description = "Else asked; the directory's name at first")
    @Nullable
    String service;

    @Option(names = "--environment", paramLabel = "NAME", description = "Else asked; dev at first")
    @Nullable
    String environment;

    @Option(names = "--port", paramLabel = "NUMBER", description = "Else asked; what the Dockerfile exposes at first")
    @Nullable
    Integer port;

    @Option(names = "--health-check", paramLabel = "PATH", description = "Else asked; / at first")
    @Nullable
    String healthCheck;

    @Option(
            names = "--repository",
            paramLabel = "OWNER/NAME",
            description = "For a pipeline from it; else asked where git has an origin; none writes no pipeline")
    @Nullable
    String repository;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask: what is said above, and a pipeline only with --repository")
    boolean yes;

    private final List<String> written = new ArrayList<>();

    @Override
    public Integer call() {
        Path directory = session().directory().toAbsolutePath().normalize();
        boolean asks = !yes && terminal().isInteractive();
        String name = answer(asks, service, "Service", nameOf(directory));
        String place = answer(asks, environment, "Environment", "dev");
        String number = answer(
                asks, port == null ? null : port.toString(), "Port the container listens on", "" + portOf(directory));
        String path = answer(asks, healthCheck, "Path of the health check", "/");
        String origin = Git.repository(directory);
        String from = repository != null || !asks || origin == null
                ? repository
                : answer(true, null, "Pipeline from the repository (none for no pipeline)", origin);
        checkName(place, "--environment");
        checkName(name, "--service");
        Target target = Target.of(place + "/" + name);
        if (!number.matches("[1-9][0-9]{0,4}") || Integer.parseInt(number) > 65535) {
            throw CliException.usage("--port %s is no port.".formatted(number), "Give a number from 1 to 65535.");
        }
        if (!path.matches("/\\S*")) {
            throw CliException.usage("--health-check %s is no path.".formatted(path), "It begins with /.");
        }
        if (from != null && !from.matches("none|[\\w.-]+(/[\\w.-]+)+")) {
            throw CliException.usage("--repository %s is no repository.".formatted(from), "Write owner/name.");
        }
        write(new Target(place, null), """
                # The network, the load balancer and the cluster. `slipway apply %1$s` makes it; every key, with its default:
                # docs/environments.md.
                {}
                """.formatted(place));
        write(target, """
                # `slipway apply %1$s` makes the service, `slipway deploy %1$s TAG` rolls an image out.
                container:
                  port: %2$s
                routing:
                  healthCheck:
                    path: %3$s
                """.formatted(
                        target, number, Session.yaml(TextNode.valueOf(path)).strip()));
        if (from != null && !from.equals("none")) {
            pipeline(name, place, from, directory);
        }
        if (session().wantsDocument()) {
            session().files(written);
        }
        terminal().note("Next: slipway apply %s, then slipway apply %s".formatted(place, target));
        return ExitCode.OK;
    }

    private static void checkName(String name, String option) {
        if (!Target.isName(name)) {
            throw CliException.usage(
                    "%s %s is no name.".formatted(option, name.isBlank() ? "\"\"" : name),
                    "A name is of small letters, digits and hyphens, and begins with a letter.");
        }
    }

    private void pipeline(String name, String place, String from, Path directory) {
        String branch = Git.branch(directory);
        write(new Target(null, name), """
                # A push to the branch is built and rolled out. `slipway apply pipeline:%1$s` makes it.
                repository:
                  id: %2$s
                  branch: %3$s
                deploy:
                  - environment: %4$s
                """.formatted(name, from, branch == null ? "main" : branch, place));
    }

    private String answer(boolean asks, @Nullable String given, String question, String usual) {
        if (given != null) {
            return given;
        }
        if (!asks) {
            return usual;
        }
        String said = terminal().ask("%s [%s]: ".formatted(question, usual));
        return said == null || said.isBlank() ? usual : said.strip();
    }

    /** A name for a service after the directory's. */
    private static String nameOf(Path directory) {
        Path last = directory.getFileName();
        String name = (last == null ? "" : last.toString())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^[^a-z]+|-+$", "");
        return name.isEmpty()
                ? "web"
                : name.length() > 20 ? name.substring(0, 20).replaceAll("-+$", "") : name;
    }

    /** What the last stage of the Dockerfile exposes first. */
    private static int portOf(Path directory) {
        try {
            return EXPOSE.matcher(Files.readString(directory.resolve("Dockerfile")))
                    .results()
                    .reduce((first, last) -> last)
                    .map(MatchResult::group)
                    .map(line -> Integer.parseInt(
                            line.replaceAll("\\D+", " ").strip().split(" ", 2)[0]))
                    .orElse(USUAL_PORT);
        } catch (IOException e) {
            return USUAL_PORT;
        }
    }

    private void write(Target target, String text) {
        // One file for a service in all its environments: what differs goes below `environments` in it.
        Path file = SpecFiles.places(target).getLast();
        Path whole = session().directory().resolve(file);
        if (Files.exists(whole)) {
            told("kept     " + file);
            return;
        }
        try {
            Files.createDirectories(whole.getParent());
            Files.writeString(whole, text);
        } catch (IOException e) {
            throw CliException.usage(
                    "%s cannot be written: %s".formatted(file, e.getClass().getSimpleName()), null);
        }
        written.add(file.toString());
        told("written  " + file);
    }

    private void told(String line) {
        if (session().wantsDocument()) {
            terminal().note(line);
        } else {
            terminal().line(line);
        }
    }
}
