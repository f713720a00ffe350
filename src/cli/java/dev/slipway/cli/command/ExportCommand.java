package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "export",
        description = "Write the specs of all environments, services and pipelines to files, as `apply` reads them")
final class ExportCommand extends Verb {
    private static final int MOST = 10_000;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIRECTORY",
            description = "Where slipway/ is made (default: here)",
            defaultValue = "")
    Path target = Path.of("");

    @Option(names = "--force", description = "Write over files that are there")
    boolean force;

    private final List<String> written = new ArrayList<>();

    @Override
    public Integer call() {
        for (JsonNode environment : items("/v1/environments", Map.of(), MOST)) {
            Target place = new Target(environment.path("name").asText(), null);
            JsonNode found = api().get(place.path());
            write(place, found);
            for (JsonNode service : found.path("services")) {
                Target one = new Target(place.environment(), service.asText());
                write(one, api().get(one.path()));
            }
        }
        for (JsonNode pipeline : items("/v1/pipelines", Map.of(), MOST)) {
            Target one = new Target(null, pipeline.path("name").asText());
            write(one, api().get(one.path()));
        }
        if (session().wantsDocument()) {
            session().files(written);
        } else {
            terminal().line("%d %s written.".formatted(written.size(), written.size() == 1 ? "spec" : "specs"));
        }
        return ExitCode.OK;
    }

    private void write(Target one, JsonNode found) {
        Path file = session()
                .directory()
                .resolve(target)
                .resolve(SpecFiles.places(one).getFirst());
        if (Files.exists(file) && !force) {
            throw CliException.usage(file + " is there already.", "--force writes over it; name another directory.");
        }
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, Session.yaml(found.path("declared")));
        } catch (IOException e) {
            throw CliException.usage(
                    "%s cannot be written: %s".formatted(file, e.getClass().getSimpleName()), null);
        }
        written.add(file.toString());
        terminal().note(file.toString());
    }
}
