package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import sun.misc.Signal;
import sun.misc.SignalHandler;

@Command(
        name = "exec",
        description = "A shell, or a command, in a running task, by the AWS CLI and its session manager plug-in")
final class ExecCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "0", paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "Else /bin/sh")
    List<String> command = List.of();

    @Option(
            names = "--task",
            paramLabel = "ID",
            description = "Its first 8 characters will do; else the newest that is healthy")
    @Nullable
    String task;

    @Option(names = "--print", description = "Only print the command of the AWS CLI")
    boolean print;

    @Override
    public Integer call() {
        JsonNode declared = api().get(service.service().path());
        if (!declared.at("/declared/exec").asBoolean()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "%s lets nobody in: its spec does not say exec: true.".formatted(service),
                    "Add it and apply; tasks that start after the next rollout have it.");
        }
        List<String> call = new ArrayList<>(List.of("aws", "ecs", "execute-command"));
        add(call, "--cluster", "slipway-" + service.environment());
        add(call, "--task", task != null ? whole(task) : newestTask());
        add(call, "--container", String.valueOf(service.name()));
        call.add("--interactive");
        add(call, "--command", commandLine());
        String region = session().region != null ? session().region : regionOf(declared);
        if (region != null) {
            add(call, "--region", region);
        }
        if (session().profile != null) {
            add(call, "--profile", session().profile);
        }
        if (print) {
            if (session().wantsDocument()) {
                ObjectNode document = body();
                call.forEach(document.putArray("command")::add);
                session().document(document);
            } else {
                terminal().line(quoted(call));
            }
            return ExitCode.OK;
        }
        if (api().isLocal()) {
            throw new CliException(
                    ExitCode.REFUSED, "The simulated account has no tasks that one could enter.", quoted(call));
        }
        return run(call);
    }

    /** One word is a command line already; of several each stays one. */
    private String commandLine() {
        return switch (command.size()) {
            case 0 -> "/bin/sh";
            case 1 -> command.getFirst();
            default -> quoted(command);
        };
    }

    private static void add(List<String> call, String option, String value) {
        call.add(option);
        call.add(value);
    }

    /** The id of which logs and diagnoses print the beginning: AWS takes no other. */
    private String whole(String given) {
        if (given.matches("[0-9a-f]{32}|arn:.*")) {
            return given;
        }
        if (!given.matches("[0-9a-f]{8,31}")) {
            throw CliException.usage(
                    "--task %s is no id of a task, nor its first 8 characters or more.".formatted(given),
                    "slipway status " + service);
        }
        List<String> found = running()
                .map(candidate -> candidate.path("id").asText())
                .filter(id -> id.startsWith(given))
                .toList();
        return switch (found.size()) {
            case 0 ->
                throw new CliException(
                        ExitCode.REFUSED,
                        "%s has no running task %s.".formatted(service, given),
                        "slipway status " + service);
            case 1 -> found.getFirst();
            default ->
                throw CliException.usage(
                        "--task %s is the beginning of %d tasks: %s."
                                .formatted(given, found.size(), String.join(", ", found)),
                        "Say more of it.");
        };
    }

    private Stream<JsonNode> running() {
        return api().get(service.path() + "/status")
                .path("tasks")
                .valueStream()
                .filter(candidate -> candidate.path("status").asText().equals("RUNNING"));
    }

    private String newestTask() {
        return running()
                .max(Comparator.comparing(ExecCommand::rank))
                .map(newest -> newest.path("id").asText())
                .orElseThrow(() -> new CliException(
                        ExitCode.REFUSED, service + " has no running task.", "slipway why " + service));
    }

    private static String rank(JsonNode candidate) {
        return (candidate.path("target").asText().equals("healthy") ? "1" : "0")
                + candidate.path("startedAt").asText();
    }

    /** Of the task definition that is live; null when nothing is. */
    private static @Nullable String regionOf(JsonNode found) {
        String[] arn = found.at("/live/taskDefinition").asText().split(":", 6);
        return arn.length == 6 ? arn[3] : null;
    }

    private static String quoted(List<String> call) {
        return String.join(
                " ",
                call.stream()
                        .map(word -> word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                        .toList());
    }

    /** What the AWS CLI has to say, it says itself, on the same terminal. */
    private int run(List<String> call) {
        for (String program : List.of("aws", "session-manager-plugin")) {
            if (!isInstalled(program)) {
                throw new CliException(
                        ExitCode.USAGE,
                        "%s is not on the PATH.".formatted(program),
                        "Install the AWS CLI and its session manager plug-in"
                                + " (docs.aws.amazon.com/systems-manager, \"Install the Session Manager plugin\"), then: "
                                + quoted(call));
            }
        }
        // Ctrl-C is for the command in the task: the plug-in passes it on, and this process must outlive it.
        Signal interrupt = new Signal("INT");
        SignalHandler before = Signal.handle(interrupt, signal -> {});
        try {
            return new ProcessBuilder(call).inheritIO().start().waitFor() == 0 ? ExitCode.OK : ExitCode.FAILED;
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.USAGE, "The AWS CLI cannot be started: " + e.getMessage(), "Try: " + quoted(call));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        } finally {
            Signal.handle(interrupt, before);
        }
    }

    private boolean isInstalled(String program) {
        return Stream.of(session().variable("PATH").split(File.pathSeparator))
                .flatMap(directory -> Stream.of(Path.of(directory, program), Path.of(directory, program + ".exe")))
                .anyMatch(Files::isExecutable);
    }
}
