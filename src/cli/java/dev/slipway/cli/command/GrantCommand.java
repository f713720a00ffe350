package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Whether a pipeline may deploy to an environment, which who may change the environment decides. */
@Command
abstract class GrantCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "0", paramLabel = "ENVIRONMENT", description = "Such as prod")
    Target environment;

    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(index = "1", paramLabel = "PIPELINE", description = "Such as web")
    String pipeline;

    String path() {
        if (!environment.isEnvironment()) {
            throw CliException.usage(environment + " is no environment.", "Write slipway grant prod web.");
        }
        return environment.path() + "/grants/" + Target.ofPipeline(pipeline).name();
    }

    int done(JsonNode answer, String sentence) {
        if (session().wantsDocument()) {
            session().document(answer);
        } else {
            terminal().line(sentence.formatted(pipeline, environment));
        }
        return ExitCode.OK;
    }

    @Command(name = "grant", description = "Let a pipeline deploy to an environment")
    static final class Grant extends GrantCommand {
        @Override
        public Integer call() {
            return done(api().put(path()), "The pipeline %s may deploy to %s.");
        }
    }

    @Command(name = "revoke", description = "Let a pipeline deploy to an environment no more")
    static final class Revoke extends GrantCommand {
        @Override
        public Integer call() {
            return done(api().delete(path()), "The pipeline %s may not deploy to %s any more.");
        }
    }
}
