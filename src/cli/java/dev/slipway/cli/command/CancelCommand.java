package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
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
        String path = newestRollout(service.service())
                .filter(newest -> !newest.has("endedAt"))
                .orElseThrow(
                        () -> new CliException(ExitCode.REFUSED, "No rollout of " + service + " is under way.", null))
                .path("self")
                .asText();
        JsonNode answer = api().post(path + "/cancel");
        if (wait) {
            watch(waiting).rollout(service, path, false);
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
