package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Table;
import dev.slipway.cli.terminal.Text;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "cost", description = "What an environment or a service costs in a month, by part, and what is waste")
final class CostCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "TARGET", description = "prod or prod/web")
    Target target;

    @Override
    public Integer call() {
        if (target.isPipeline()) {
            throw CliException.usage(
                    "What a pipeline costs is not told: AWS counts its minutes.",
                    "slipway cost prod tells an environment's cost, slipway cost prod/web a service's.");
        }
        JsonNode report = api().get(target.path() + "/cost");
        if (session().wantsDocument()) {
            session().document(report);
            return ExitCode.OK;
        }
        Table parts = new Table("PART", "HOW", "A MONTH").text("PART", "HOW");
        for (JsonNode part : report.at("/cost/parts")) {
            parts.row(Text.of(part, "what"), Text.of(part, "how"), amount(part));
        }
        for (JsonNode service : report.path("services")) {
            String how = Text.of(service, "basis").equals("DECLARED") ? "declared, not running" : "";
            parts.row("service " + Text.of(service, "service"), how, amount(service));
        }
        parts.row(terminal().styled(Style.STRONG, "together"), "", terminal().styled(Style.STRONG, amount(report)));
        parts.print(terminal());
        for (JsonNode use : report.at("/cost/usage")) {
            terminal()
                    .line("and by use: %s, $%s per %s"
                            .formatted(Text.of(use, "what"), Text.of(use, "dollars"), Text.of(use, "per")));
        }
        for (JsonNode unpriced : report.at("/cost/unpriced")) {
            terminal().line("not in the price list: " + Text.printable(unpriced.asText()));
        }
        for (JsonNode assumption : report.at("/cost/assumptions")) {
            terminal().line(Text.printable(assumption.asText()));
        }
        for (JsonNode waste : report.path("waste")) {
            terminal().line(terminal().styled(Style.WARNING, "Waste: ") + Advice.of(waste, "message"));
            terminal().line("  " + Advice.of(waste, "action"));
        }
        terminal().line(Text.of(report.path("cost"), "prices"));
        return ExitCode.OK;
    }

    /** A number, or from the least to the most. */
    private static String amount(JsonNode part) {
        String least = Text.dollars(part.path("dollarsPerMonth"));
        return part.has("mostDollarsPerMonth")
                ? least + " to " + Text.dollars(part.path("mostDollarsPerMonth"))
                : least;
    }
}
