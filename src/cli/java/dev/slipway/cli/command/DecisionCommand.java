package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Terminal;
import dev.slipway.cli.terminal.Text;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A person's answer to a rollout that waits for one. It is about the step that was shown, and no later one. */
@Command
abstract class DecisionCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Stands in the rollout and in the ledger")
    @Nullable
    String reason;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask; the step is then named by --release and --percent")
    boolean yes;

    @Option(names = "--release", paramLabel = "NUMBER", description = "The release that you have seen")
    @Nullable
    Integer release;

    @Option(names = "--percent", paramLabel = "NUMBER", description = "The share of the traffic that it is to get next")
    @Nullable
    Integer percent;

    @Option(names = "--wait", description = "Then wait for the rollout's end, or for its next question")
    boolean wait;

    @Mixin
    Waiting waiting = new Waiting();

    abstract String verb();

    @Override
    public Integer call() {
        JsonNode rollout = waitingRollout();
        JsonNode question = rollout.path("approval");
        if (!yes) {
            Terminal terminal = terminal();
            if (!terminal.isInteractive()) {
                throw CliException.usage(
                        "Nobody is here to look at the rollout.",
                        "Give --yes with what you have seen: --release %s --percent %s."
                                .formatted(question.path("release").asText(), Text.number(question.path("percent"))));
            }
            terminal.show(RolloutView.picture(service, rollout, null, terminal));
            if (verb().equals("approve")) {
                RolloutView.otherEyes(rollout).ifPresent(terminal::line);
            }
            if (!terminal.confirms("%s release %s, %s %% of the traffic?"
                    .formatted(
                            verb().substring(0, 1).toUpperCase(Locale.ROOT) + verb().substring(1),
                            question.path("release").asText(),
                            Text.number(question.path("percent"))))) {
                throw new CliException(ExitCode.REFUSED, "Nothing is decided.", null);
            }
        } else if (release == null || percent == null) {
            throw CliException.usage(
                    "--yes needs --release and --percent: what you have seen.",
                    "It waits now with --release %s --percent %s."
                            .formatted(question.path("release").asText(), Text.number(question.path("percent"))));
        }
        ObjectNode body = body().put(
                        "release",
                        release != null ? release : question.path("release").asInt());
        body.put("percent", percent != null ? percent : question.path("percent").asInt());
        if (reason != null) {
            body.put("reason", reason);
        }
        String path = rollout.path("self").asText();
        JsonNode answer = api().post(path + "/" + verb(), body);
        if (wait) {
            return watch(waiting).rollout(service, path, true);
        }
        if (session().wantsDocument()) {
            session().document(answer);
        } else {
            terminal().line(verb().equals("approve") ? "Approved." : "Rejected; it is rolled back.");
            terminal().note("Watch it: slipway watch " + service);
        }
        return ExitCode.OK;
    }

    private JsonNode waitingRollout() {
        return newestRollout(service.service())
                .filter(newest -> newest.has("approval"))
                .orElseThrow(() -> new CliException(
                        ExitCode.REFUSED,
                        "No rollout of " + service + " waits for an approval.",
                        "slipway watch " + service));
    }

    @Command(name = "approve", description = "Let a rollout that waits for an approval go on, after a look at it")
    static final class Approve extends DecisionCommand {
        @Override
        String verb() {
            return "approve";
        }
    }

    @Command(name = "reject", description = "Refuse a rollout that waits for an approval; it is rolled back")
    static final class Reject extends DecisionCommand {
        @Override
        String verb() {
            return "reject";
        }
    }
}
