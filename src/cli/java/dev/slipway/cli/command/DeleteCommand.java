package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "delete", description = "Delete a service, a pipeline, or an environment without services")
final class DeleteCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "TARGET", description = "prod, prod/web or pipeline:web")
    Target target;

    @Option(names = "--confirm", paramLabel = "TARGET", description = "The same once more, instead of an answer")
    @Nullable
    String confirm;

    @Option(
            names = {"-y", "--yes"},
            hidden = true)
    boolean yes;

    @Option(
            names = "--keep",
            paramLabel = "WHAT",
            completionCandidates = Choices.Keeps.class,
            description = "registry or logs of a service. May be repeated")
    List<String> keep = List.of();

    @Mixin
    Waiting waiting = new Waiting();

    @Override
    public Integer call() {
        if (yes) {
            throw CliException.usage(
                    "--yes does not delete: the target is named once more.", "Give --confirm " + target);
        }
        if (confirm != null && !confirm.equals(target.toString())) {
            throw CliException.usage(
                    "--confirm %s is not the target.".formatted(confirm), "To delete it: --confirm " + target);
        }
        String said = confirm;
        if (said == null) {
            if (!terminal().isInteractive()) {
                throw CliException.usage("Nobody is here to say yes.", "Give --confirm " + target);
            }
            said = terminal().ask("Type %s to delete it: ".formatted(target));
        }
        if (!Objects.equals(said == null ? null : said.strip(), target.toString())) {
            throw new CliException(ExitCode.REFUSED, "Nothing is deleted.", null);
        }
        Map<String, Object> query = new LinkedHashMap<>();
        if (!target.isEnvironment()) {
            query.put("confirm", String.valueOf(target.name()));
        }
        query.put(
                "keep", keep.stream().map(what -> what.toLowerCase(Locale.ROOT)).toList());
        JsonNode accepted = accepted(api().delete(ApiClient.withQuery(target.path(), query)));
        return watch(waiting).operation(target, accepted.path("location").asText());
    }
}
