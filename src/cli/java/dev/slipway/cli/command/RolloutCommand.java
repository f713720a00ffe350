package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A verb that begins a rollout. */
@Command
abstract class RolloutCommand extends Verb {
    @Option(names = "--wait", description = "Wait for its end, or until a person has to approve it")
    boolean wait;

    @Mixin
    Waiting waiting = new Waiting();

    @Mixin
    Overriding overriding = new Overriding();

    /** Watches the rollout that has been accepted, or tells how to. */
    int begun(Target service, JsonNode answer) {
        JsonNode accepted = accepted(answer);
        String path = accepted.path("location").asText();
        if (wait) {
            return watch(waiting).rollout(service, path, true);
        }
        if (session().wantsDocument()) {
            session().document(accepted);
        } else {
            terminal().line("Accepted: rollout " + path.substring(path.lastIndexOf('/') + 1));
            terminal().note("Watch it: slipway watch " + service);
        }
        return ExitCode.OK;
    }

    /** Whether one of the findings of a dry run would keep the rollout from beginning. */
    static boolean isBlocked(JsonNode preview) {
        for (JsonNode finding : preview.path("findings")) {
            if (finding.path("blocks").asBoolean()) {
                return true;
            }
        }
        return false;
    }
}
