package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Table;
import dev.slipway.cli.terminal.Terminal;
import dev.slipway.cli.terminal.Text;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "runs", description = "The executions of a pipeline with their stages, newest first")
final class RunsCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "PIPELINE", description = "Such as web")
    String pipeline;

    @Override
    public Integer call() {
        print(api().get(Target.ofPipeline(pipeline).path()), session());
        return ExitCode.OK;
    }

    static void print(JsonNode pipeline, Session session) {
        if (session.wantsDocument()) {
            session.document(pipeline);
            return;
        }
        Terminal terminal = session.terminal();
        JsonNode connection = pipeline.path("connection");
        if (connection.has("approve")) {
            terminal.line("The connection is %s. A person approves it once: %s"
                    .formatted(RolloutView.words(connection.path("status").asText()), Text.of(connection, "approve")));
        }
        if (pipeline.path("executions").isEmpty()) {
            terminal.line("It has not run yet.");
        }
        for (JsonNode execution : pipeline.path("executions")) {
            print(execution, terminal);
        }
        for (JsonNode deployment : pipeline.path("deployments")) {
            if (deployment.has("waitsFor")) {
                terminal.line(
                        "%s: %s".formatted(Text.of(deployment, "environment"), Advice.of(deployment, "waitsFor")));
            }
        }
    }

    private static void print(JsonNode execution, Terminal terminal) {
        String commit = Text.of(execution, "commit");
        terminal.line("%s  %s  %s  %s  %s"
                .formatted(
                        terminal.styled(Style.STRONG, commit.length() > 12 ? commit.substring(0, 12) : commit),
                        terminal.state(execution.path("state").asText()),
                        Text.time(execution, "startedAt"),
                        Text.of(execution, "author"),
                        Text.of(execution, "message")));
        Table stages = new Table("STAGE", "STATE", "TIME", "SUMMARY")
                .text("STAGE", "SUMMARY")
                .indented(2);
        for (JsonNode stage : execution.path("stages")) {
            stages.row(
                    Text.of(stage, "name"),
                    terminal.state(stage.path("state").asText()),
                    stage.has("seconds")
                            ? Text.duration(
                                    Duration.ofSeconds(stage.path("seconds").asLong()))
                            : "",
                    Text.of(stage, "summary"));
        }
        if (!stages.isEmpty()) {
            stages.print(terminal);
        }
        for (JsonNode stage : execution.path("stages")) {
            stage.path("log").forEach(line -> terminal.line("    " + Text.printable(line.asText())));
        }
    }
}
