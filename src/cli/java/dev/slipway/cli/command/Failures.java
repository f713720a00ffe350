package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.ApiException;
import dev.slipway.cli.api.MissingCredentials;
import dev.slipway.cli.api.UnreachableException;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Terminal;
import dev.slipway.cli.terminal.Text;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** Tells a person what went wrong and what to do, and a script how it ended. */
public final class Failures {
    private Failures() {}

    /** For picocli: what any verb throws. */
    public static int report(Exception failure, CommandLine command) {
        Session session = (Session) command.getCommandSpec().root().userObject();
        Terminal terminal = session.terminal();
        terminal.keep();
        switch (failure) {
            case CliException e -> {
                error(terminal, e.getMessage());
                if (e.action() != null) {
                    terminal.note(e.action());
                }
                return e.exitCode();
            }
            case ApiException e -> {
                return refused(e, session, command);
            }
            case UnreachableException e -> {
                error(terminal, String.valueOf(e.getMessage()));
                terminal.note("Is the address right, and the network there? --url or SLIPWAY_URL name another.");
                return ExitCode.UNREACHABLE;
            }
            default -> {
                if (MissingCredentials.isCauseOf(failure)) {
                    error(terminal, MissingCredentials.message(failure));
                    terminal.note(MissingCredentials.action(failure));
                    return ExitCode.UNREACHABLE;
                }
                throw failure instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(failure);
            }
        }
    }

    private static int refused(ApiException refusal, Session session, CommandLine command) {
        Terminal terminal = session.terminal();
        JsonNode problem = refusal.problem();
        if (session.wantsDocument()) {
            session.document(problem);
        }
        // 403 and 409 are about how it stands, whatever field they name.
        boolean judged = refusal.status() == 400 || refusal.status() == 422;
        List<String> typed = judged ? Typed.wrong(problem, command) : List.of();
        if (!typed.isEmpty()) {
            typed.forEach(sentence -> error(terminal, sentence));
            terminal.note("See: " + command.getCommandSpec().qualifiedName() + " --help");
            return ExitCode.USAGE;
        }
        error(terminal, Advice.asVerbs(String.valueOf(refusal.getMessage())));
        for (JsonNode wrong : problem.path("errors")) {
            terminal.note("  %s: %s%s"
                    .formatted(
                            terminal.styled(Style.STRONG, Text.of(wrong, "field")),
                            Advice.of(wrong, "message"),
                            isTold(wrong) ? "" : " (it is " + Text.of(wrong, "value") + ")"));
        }
        if (problem.has("action")) {
            terminal.note(Advice.of(problem, "action"));
        }
        if (refusal.isForCredentials()) {
            terminal.note(MissingCredentials.ACTION);
            return ExitCode.UNREACHABLE;
        }
        if (refusal.isDenied()) {
            terminal.note(
                    "IAM refuses it, by method and path, or the credentials have ended; docs/operations.md has the policies."
                            + " `aws sts get-caller-identity` tells who you are.");
            return ExitCode.REFUSED;
        }
        return refusal.status() >= 500 ? ExitCode.UNREACHABLE : ExitCode.REFUSED;
    }

    /** Whether what would be right says already what is there, or nothing is. */
    private static boolean isTold(JsonNode wrong) {
        return !wrong.has("value")
                || Pattern.compile("(?<![\\w.])"
                                + Pattern.quote(wrong.path("value").asText()) + "(?!\\w)")
                        .matcher(wrong.path("message").asText())
                        .find();
    }

    private static void error(Terminal terminal, String message) {
        terminal.note(terminal.styled(Style.BAD, "Error: ") + Text.printable(message));
    }
}
