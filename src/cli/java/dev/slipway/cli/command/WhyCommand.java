package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Text;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "why", description = "What is wrong with a service, by what evidence, and what mends it")
final class WhyCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Override
    public Integer call() {
        JsonNode report = api().get(service.service().path() + "/diagnosis");
        if (session().wantsDocument()) {
            session().document(report);
            return ExitCode.OK;
        }
        JsonNode now = report.path("diagnosis");
        terminal().line("Now: " + Advice.of(now, "summary"));
        DiagnosisView.print(now, terminal());
        JsonNode failure = report.path("lastFailure");
        if (failure.isObject()) {
            terminal().line("");
            terminal()
                    .line("Last failure, %s: %s"
                            .formatted(
                                    Text.time(failure, "endedAt"),
                                    terminal()
                                            .styled(
                                                    Style.ofState(failure.path("state")
                                                            .asText()),
                                                    Advice.of(failure, "detail"))));
            DiagnosisView.print(failure.path("diagnosis"), terminal());
        }
        return ExitCode.OK;
    }
}
