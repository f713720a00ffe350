package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "export",
        description =
                "Write specs to files, as `apply` reads them: of all environments, services and pipelines, or of what is named")
final class ExportCommand extends Verb {
    private static final int MOST = 10_000;

    @Parameters(
            arity = "0..*",
            paramLabel = "TARGET",
            description = "prod with its services, prod/web or pipeline:web; left out: all")
    List<String> targets = List.of();

    @Option(
            names = {"-d", "--directory"},
            paramLabel = "DIRECTORY",
            description = "Where slipway/ is made; else here")
    Path place = Path.of("");

    @Option(names = "--force", description = "Write over files that are there")
    boolean force;

    private final Map<Path, String> specs = new LinkedHashMap<>();

    @Override
    public Integer call() {
        for (Target one : targets.isEmpty() ? all() : named()) {
            JsonNode found = api().get(one.path());
            add(one, found);
            if (one.isEnvironment()) {
                for (JsonNode name : found.path("services")) {
                    Target service = new Target(one.environment(), name.asText());
                    add(service, api().get(service.path()));
                }
            }
        }
        List<String> written = write();
        if (session().wantsDocument()) {
            session().files(written);
        } else {
            terminal().line("%d %s written.".formatted(written.size(), written.size() == 1 ? "spec" : "specs"));
        }
        return ExitCode.OK;
    }

    /** Environments, which have their services with them, and pipelines. */
    private List<Target> all() {
        List<Target> all = new ArrayList<>();
        items("/v1/environments", Map.of(), MOST)
                .forEach(environment ->
                        all.add(new Target(environment.path("name").asText(), null)));
        items("/v1/pipelines", Map.of(), MOST)
                .forEach(pipeline ->
                        all.add(new Target(null, pipeline.path("name").asText())));
        return all;
    }

    private List<Target> named() {
        return targets.stream()
                .map(written -> {
                    try {
                        return Target.of(written);
                    } catch (CliException e) {
                        throw CliException.usage(e.getMessage(), e.action() + " --directory names where files go.");
                    }
                })
                .toList();
    }

    private void add(Target one, JsonNode found) {
        specs.put(
                session()
                        .directory()
                        .resolve(place)
                        .resolve(SpecFiles.places(one).getFirst()),
                Session.yaml(found.path("declared")));
    }

    /** All or none, as far as files that are there go. */
    private List<String> write() {
        specs.keySet().stream()
                .filter(file -> !force && Files.exists(file))
                .findFirst()
                .ifPresent(file -> {
                    throw CliException.usage(
                            file + " is there already.", "--force writes over it; --directory names another place.");
                });
        List<String> written = new ArrayList<>();
        specs.forEach((file, spec) -> {
            try {
                Files.createDirectories(file.getParent());
                Files.writeString(file, spec);
            } catch (IOException e) {
                throw CliException.usage(
                        "%s cannot be written: %s".formatted(file, e.getClass().getSimpleName()), null);
            }
            written.add(file.toString());
            terminal().note(file.toString());
        });
        return written;
    }
}
