package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.Target;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "restart", description = "New tasks with what is live, as a rollout by the service's strategy")
final class RestartCommand extends RolloutCommand {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Override
    public Integer call() {
        ObjectNode body = body();
        String path = overriding.path(service.service(), body) + "/restart";
        return begun(service, body.isEmpty() ? api().post(path) : api().post(path, body));
    }
}
