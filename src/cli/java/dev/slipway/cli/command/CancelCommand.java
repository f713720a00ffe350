package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "cancel", description = "Stop the rollout that is under way and go back")
final class CancelCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Option(names = "--wait", description = "Wait until the release before has all traffic again")
    boolean wait;

    @Mixin
    Waiting waiting = new Waiting();

    @Override
    public Integer call() {
        List<JsonNode> newest = items(service.service().path() + "/rollouts", Map.of(), 1);
        if (newest.isEmpty() || newest.getFirst().has("endedAt")) {
            throw new CliException(ExitCode.REFUSED, "No rollout of " + service + " is under way.", null);
        }
        String path = newest.getFirst().path("self").asText();
        JsonNode answer = api().post(path + "/cancel");
        if (wait) {
            watch().rollout(service, path, false, waiting.timeout);
            return api().get(path).path("state").asText().equals("CANCELLED") ? ExitCode.OK : ExitCode.FAILED;
        }
        if (session().wantsDocument()) {
            session().document(answer);
        } else {
            terminal().line("It is being stopped.");
            terminal().note("Watch it: slipway watch " + service);
        }
        return ExitCode.OK;
    }
}
