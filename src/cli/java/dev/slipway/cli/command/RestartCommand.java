package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.Target;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "restart", description = "New tasks with what is live, as a rollout by the service's strategy")
final class RestartCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Option(names = "--wait", description = "Wait for its end, or until a person has to approve it")
    boolean wait;

    @Mixin
    Waiting waiting = new Waiting();

    @Mixin
    Overriding overriding = new Overriding();

    @Override
    public Integer call() {
        ObjectNode body = body();
        String path = overriding.path(service.service(), body) + "/restart";
        JsonNode accepted = body.isEmpty() ? api().post(path) : api().post(path, body);
        return DeployCommand.begun(this, service, accepted(accepted), wait, waiting);
    }
}
