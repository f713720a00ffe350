package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Table;
import dev.slipway.cli.terminal.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "ledger", description = "What was decided, by whom, when and why, newest first")
final class LedgerCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "TARGET", description = "prod, prod/web or pipeline:web")
    Target target;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = Moment.InUtc.class,
            description = "The first moment, such as 2026-11-28T00:00:00Z")
    @Nullable
    String from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = Moment.InUtc.class,
            description = "The moment after the last, written so, too")
    @Nullable
    String to;

    @Option(names = "--actor", paramLabel = "WHO", description = "Who decided, whole, as entries name them")
    @Nullable
    String actor;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Such as APPROVED or CONTROLS_WEAKENED. May be repeated")
    List<String> types = List.of();

    @Option(names = "--limit", paramLabel = "NUMBER", description = "How many at most (default: ${DEFAULT-VALUE})")
    int limit = 50;

    @Option(names = "--lines", description = "A document of JSON a line, for other tools")
    boolean lines;

    @Override
    public Integer call() {
        Map<String, @Nullable Object> query = new LinkedHashMap<>();
        query.put("from", from);
        query.put("to", to);
        query.put("actor", actor);
        query.put("type", types);
        List<JsonNode> entries = items(target.path() + "/ledger", query, limit);
        if (lines) {
            entries.forEach(entry -> terminal().line(entry.toString()));
        } else if (session().wantsDocument()) {
            documents(entries);
        } else {
            Table table = new Table("AT", "TYPE", "BY", "MESSAGE").text("BY", "MESSAGE");
            for (JsonNode entry : entries) {
                table.row(
                        Text.time(entry, "at"),
                        Text.of(entry, "type"),
                        Text.of(entry, "actor"),
                        Text.of(entry, "message"));
            }
            table.print(terminal());
        }
        return ExitCode.OK;
    }
}
