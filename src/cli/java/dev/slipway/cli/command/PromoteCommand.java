package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Text;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "promote", description = "Roll out in one environment what is live in another, by digest")
final class PromoteCommand extends RolloutCommand {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "0", paramLabel = "SERVICE", description = "What is live there, such as staging/web")
    Target from;

    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "1", paramLabel = "ENVIRONMENT", description = "Where it is to be rolled out, such as prod")
    Target to;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why, although no healthy verdict was given on it there")
    @Nullable
    String reason;

    @Option(names = "--dry-run", description = "Tell what it would do; nothing changes")
    boolean dryRun;

    @Override
    public Integer call() {
        if (!to.isEnvironment()) {
            throw CliException.usage(to + " is no environment.", "Write slipway promote staging/web prod.");
        }
        if (String.valueOf(to.environment()).equals(from.service().environment())) {
            throw CliException.usage(
                    "It is live in %s already: that is where it would come from.".formatted(to),
                    "Write slipway promote staging/web prod.");
        }
        Target target = new Target(to.environment(), from.service().name());
        ObjectNode body = body().put("from", from.environment());
        if (reason != null) {
            body.put("reason", reason);
        }
        String path = overriding.path(target, body) + "/promotions";
        if (!dryRun) {
            return begun(target, api().post(path, body));
        }
        JsonNode candidate = api().post(ApiClient.withQuery(path, Map.of("dryRun", true)), body);
        if (session().wantsDocument()) {
            session().document(candidate);
        } else {
            terminal().line(Advice.of(candidate, "evidence"));
            candidate.path("findings").forEach(finding -> {
                terminal().line(Advice.of(finding, "detail"));
                terminal().line("  " + Advice.of(finding, "action"));
            });
            candidate
                    .path("settings")
                    .forEach(setting -> terminal().line("Other than there: " + Text.printable(setting.asText())));
        }
        return isBlocked(candidate) ? ExitCode.REFUSED : ExitCode.OK;
    }
}
