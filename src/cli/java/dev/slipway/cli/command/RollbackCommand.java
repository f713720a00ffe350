package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.Target;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "rollback",
        description = "Make an earlier release live again, all traffic at once; a rollout is stopped for it")
final class RollbackCommand extends RolloutCommand {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "0", paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "RELEASE",
            description = "Its number (slipway releases); left out: the one before")
    @Nullable
    Integer release;

    @Override
    public Integer call() {
        ObjectNode body = body();
        if (release != null) {
            body.put("release", release);
        }
        String path = overriding.path(service.service(), body) + "/rollback";
        return begun(service, api().post(path, body));
    }
}
