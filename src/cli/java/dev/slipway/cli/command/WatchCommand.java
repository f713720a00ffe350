package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "watch",
        description = "Follow what is under way until it ends, through approvals; else tell how the last one ended")
final class WatchCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "TARGET", description = "prod, prod/web or pipeline:web")
    Target target;

    @Mixin
    Waiting waiting = new Waiting();

    @Override
    public Integer call() {
        JsonNode found = api().get(target.path());
        JsonNode newest = found.has("operation") ? found.path("operation") : found.path("last");
        if (!newest.has("self")) {
            if (session().wantsDocument()) {
                session().document(body());
            } else {
                terminal().line("Nothing is under way at " + target + ", and nothing was.");
            }
            return ExitCode.OK;
        }
        JsonNode operation = api().get(newest.path("self").asText());
        if (operation.has("rollout")) {
            return watch(waiting).rollout(target, Watch.rolloutPath(target, operation), false);
        }
        return watch(waiting).operation(target, newest.path("self").asText());
    }
}
