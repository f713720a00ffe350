package dev.slipway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.cli.api.ApiClient;
import dev.slipway.cli.api.Target;
import dev.slipway.cli.exit.CliException;
import dev.slipway.cli.exit.ExitCode;
import dev.slipway.cli.terminal.Style;
import dev.slipway.cli.terminal.Table;
import dev.slipway.cli.terminal.Text;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "logs", description = "What a service's containers have written, and write")
final class LogsCommand extends Verb {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Parameters(paramLabel = "SERVICE", description = "Such as prod/web")
    Target service;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is written from now on")
    boolean follow;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Moment.class,
            description = "15m, 2h, 3d ago, or 2026-11-28T00:00:00Z; else 15m; of a ready query 1h")
    @Nullable
    String since;

    @Option(names = "--until", paramLabel = "TIME", converter = Moment.class, description = "As --since")
    @Nullable
    String until;

    @Option(
            names = "--filter",
            paramLabel = "PATTERN",
            description = "A filter pattern of CloudWatch Logs: error, \"two words\", { $.status >= 500 }")
    @Nullable
    String filter;

    @Option(names = "--release", paramLabel = "NUMBER", description = "Of this release")
    @Nullable
    Integer release;

    @Option(names = "--rollout", paramLabel = "ID", description = "Of its release, from its start to its end")
    @Nullable
    String rollout;

    @Option(
            names = "--task",
            paramLabel = "ID",
            description = "Of this task; its first 8 characters, as lines have them, will do")
    @Nullable
    String task;

    @Option(names = "--container", paramLabel = "NAME", description = "Of this container")
    @Nullable
    String container;

    @ArgGroup
    @Nullable
    Query query;

    /** A ready query in place of lines. */
    static final class Query {
        @Option(names = "--errors", description = "How many lines tell of an error, by release")
        boolean errors;

        @Option(names = "--slowest", description = "The requests that took longest")
        boolean slowest;

        @Option(names = "--new-errors", description = "Errors of the live release that the one before did not have")
        boolean newErrors;

        String name() {
            return errors ? "errors" : slowest ? "slowest" : "new-errors";
        }
    }

    @Override
    public Integer call() {
        if (query != null) {
            return report(query.name());
        }
        if (release != null && rollout != null) {
            throw CliException.usage(
                    "--release and --rollout are both given.", "A rollout has one release: leave one of them out.");
        }
        if (follow && until != null) {
            throw CliException.usage("--follow has no end, and --until is one.", "Leave one of them out.");
        }
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        parameters.put("since", since);
        parameters.put("until", until);
        parameters.put("filter", filter);
        parameters.put("release", release);
        parameters.put("rollout", rollout);
        parameters.put("task", task);
        parameters.put("container", container);
        boolean any = false;
        while (true) {
            JsonNode page = api().get(ApiClient.withQuery(service.service().path() + "/logs", parameters));
            for (JsonNode line : page.path("lines")) {
                print(line);
                any = true;
            }
            if (!page.has("cursor") || terminal().isClosed()) {
                return ended(any);
            }
            // With a cursor, and zero seconds to wait, more is there already.
            long seconds = page.path("retryAfterSeconds").asLong(1);
            if (seconds > 0 && !follow) {
                return ended(any);
            }
            parameters.put("cursor", page.path("cursor").asText());
            if (!rest(seconds)) {
                return ExitCode.OK;
            }
        }
    }

    /** That there was nothing is no line of the log. */
    private int ended(boolean any) {
        if (!any) {
            String from = since == null
                    ? rollout != null ? "of the rollout " + rollout : "in the last 15 minutes"
                    : (since.matches("[0-9]+[smhd]") ? "in the last " : "since ") + since;
            terminal()
                    .note("There are no such lines of %s %s%s. --since looks further back."
                            .formatted(service, from, until == null ? "" : ", until " + until));
        }
        return ExitCode.OK;
    }

    private boolean rest(long seconds) {
        try {
            session().pause().of(Duration.ofSeconds(seconds));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** As a document each line is one of its own, so that what follows can be read while it comes. */
    private void print(JsonNode line) {
        if (session().wantsDocument()) {
            session()
                    .terminal()
                    .line(
                            session().output == Session.Output.YAML
                                    ? "---\n" + Session.yaml(line).stripTrailing()
                                    : line.toString());
            return;
        }
        String id = Text.of(line, "task");
        terminal()
                .line(terminal()
                                .styled(
                                        Style.FAINT,
                                        "%s %s %s"
                                                .formatted(
                                                        Text.time(line, "at"),
                                                        line.has("release")
                                                                ? "r"
                                                                        + line.path("release")
                                                                                .asText()
                                                                : "-",
                                                        id.length() > 8 ? id.substring(0, 8) : id))
                        + " "
                        + Text.of(line, "message"));
    }

    private int report(String name) {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        parameters.put("since", since);
        parameters.put("until", until);
        parameters.put("release", release);
        JsonNode report =
                api().get(ApiClient.withQuery(service.service().path() + "/logs/queries/" + name, parameters));
        if (session().wantsDocument()) {
            session().document(report);
            return ExitCode.OK;
        }
        Table table = query(report.path("rows"));
        if (table.isEmpty()) {
            terminal().line("Nothing from %s to %s.".formatted(Text.time(report, "since"), Text.time(report, "until")));
        } else {
            table.print(terminal());
            if (report.path("cut").asBoolean()) {
                terminal().note("There is more.");
            }
        }
        if (report.has("note")) {
            terminal().note(Text.of(report, "note"));
        }
        return ExitCode.OK;
    }

    /** Each query answers with columns of its own. */
    private static Table query(JsonNode rows) {
        Map<String, Function<JsonNode, String>> columns = new LinkedHashMap<>();
        columns.put("release", row -> Text.of(row, "release"));
        columns.put("count", row -> Text.of(row, "count"));
        columns.put("at", row -> Text.time(row, "at"));
        columns.put("durationMs", row -> row.has("durationMs") ? Text.of(row, "durationMs") + " ms" : "");
        columns.put("message", row -> Text.of(row, "message"));
        columns.keySet()
                .removeIf(
                        field -> StreamSupport.stream(rows.spliterator(), false).noneMatch(row -> row.has(field)));
        Table table = new Table(columns.keySet().stream()
                        .map(field -> field.equals("durationMs") ? "DURATION" : field.toUpperCase(Locale.ROOT))
                        .toArray(String[]::new))
                .text(columns.containsKey("message") ? new String[] {"MESSAGE"} : new String[0]);
        for (JsonNode row : rows) {
            table.row(columns.values().stream().map(cell -> cell.apply(row)).toArray(String[]::new));
        }
        return table;
    }
}
