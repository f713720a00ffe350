package dev.slipway.logs;

import dev.slipway.logs.LogReport.Kind;
import dev.slipway.logs.LogReport.Row;
import dev.slipway.problem.ProblemException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The ready queries of a service's log, by Logs Insights. */
public final class LogReports {
    /** Lines of a release that are compared, and rows that are counted. */
    private static final int COMPARED = 1000;

    private static final int SHOWN = 50;
    /** For as long a release has to have been live to have written what is not seldom. */
    private static final Duration ENOUGH = Duration.ofMinutes(30);

    /** Whether a release has written anything. */
    private static final String ANY = "fields @timestamp | filter @logStream like \"%s\" | limit 1";

    private static final String LINES = "fields @timestamp, @message, @logStream";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);

    private final LogQueries queries;

    public LogReports(LogQueries queries) {
        this.queries = queries;
    }

    /**
     * What is asked for.
     *
     * @param release whose streams begin with {@code streams}; null, as that, for all
     * @param before the release before; null where nothing is compared
     * @param releaseOf the number of the release with this content
     */
    public record Question(
            Kind kind,
            String group,
            Instant since,
            Instant until,
            @Nullable Integer release,
            @Nullable String streams,
            @Nullable Before before,
            Function<String, Optional<Integer>> releaseOf) {}

    /**
     * What is compared with.
     *
     * @param streams what the names of its streams begin with
     * @param since the beginning of the time whose lines are compared, which ends when the traffic had left it
     * @param live for how much of that time it was live
     */
    public record Before(int release, String streams, Instant since, Instant until, Duration live) {}

    /** Throws {@link ProblemException} 404 when there is no log, and 503 when it was not looked through in time. */
    public LogReport report(Question question) {
        return switch (question.kind()) {
            case ERRORS -> errors(question);
            case SLOWEST -> slowest(question);
            case NEW_ERRORS -> newErrors(question);
        };
    }

    private static String of(@Nullable String streams) {
        return streams == null ? "" : " | filter @logStream like \"%s\"".formatted(streams);
    }

    private LogReport errors(Question question) {
        List<Map<String, String>> found = run(
                question,
                "fields @logStream" + of(question.streams()) + " | filter " + ErrorLines.CONDITION
                        + " | stats count(*) as errors by @logStream | sort errors desc | limit " + COMPARED);
        Map<Optional<Integer>, Long> counts = found.stream()
                .collect(Collectors.groupingBy(
                        row -> release(question, row),
                        Collectors.summingLong(row -> new BigDecimal(row.getOrDefault("errors", "0")).longValue())));
        List<Row> rows = counts.entrySet().stream()
                .map(count -> new Row(count.getKey().orElse(null), count.getValue(), null, null, null))
                .sorted(Comparator.comparing(Row::count).reversed())
                .toList();
        return answer(question, rows, found.size() == COMPARED);
    }

    private LogReport slowest(Question question) {
        List<Map<String, String>> found = run(
                question,
                LINES + ", duration" + of(question.streams())
                        + " | filter ispresent(duration) | sort duration desc | limit " + SHOWN);
        List<Row> rows = found.stream()
                .map(row -> new Row(
                        release(question, row).orElse(null),
                        1,
                        at(row),
                        number(row.get("duration")),
                        Redaction.mask(row.getOrDefault("@message", ""))))
                .toList();
        return answer(question, rows, found.size() == SHOWN);
    }

    private LogReport newErrors(Question question) {
        Before compared = question.before();
        List<LogQueries.Query> asked = new ArrayList<>();
        asked.add(new LogQueries.Query(lines(question.streams()), question.since(), question.until()));
        if (compared != null) {
            asked.add(new LogQueries.Query(lines(compared.streams()), compared.since(), compared.until()));
            asked.add(new LogQueries.Query(ANY.formatted(compared.streams()), compared.since(), compared.until()));
        }
        List<List<Map<String, String>>> found = run(question, asked);
        List<String> before = compared == null
                ? List.of()
                : found.get(1).stream()
                        .map(row -> row.getOrDefault("@message", ""))
                        .toList();
        List<Row> rows =
                ErrorLines.fresh(found.getFirst(), row -> row.getOrDefault("@message", ""), before).entrySet().stream()
                        .map(line -> new Row(
                                question.release(),
                                line.getValue(),
                                at(line.getKey()),
                                null,
                                Redaction.mask(line.getKey().getOrDefault("@message", ""))))
                        .toList();
        boolean cut = found.stream().anyMatch(rowsOf -> rowsOf.size() == COMPARED) || rows.size() > SHOWN;
        String note = compared == null ? null : note(compared, !found.getLast().isEmpty());
        return answer(question, rows.stream().limit(SHOWN).toList(), cut, note);
    }

    /** Where there is little or nothing to compare with, all that is shown as new need not be. */
    private static @Nullable String note(Before before, boolean hasWritten) {
        if (!hasWritten) {
            return "Release %d has no lines of that time: they have expired, or it had no traffic. All errors are shown."
                    .formatted(before.release());
        }
        return before.live().compareTo(ENOUGH) < 0
                ? "Release %d was live for %d minutes only: what happens seldom it may not have written."
                        .formatted(before.release(), before.live().toMinutes())
                : null;
    }

    private static String lines(@Nullable String streams) {
        return LINES + of(streams) + " | filter " + ErrorLines.CONDITION + " | sort @timestamp desc | limit "
                + COMPARED;
    }

    private static LogReport answer(Question question, List<Row> rows, boolean cut) {
        return answer(question, rows, cut, null);
    }

    private static LogReport answer(Question question, List<Row> rows, boolean cut, @Nullable String note) {
        Before before = question.before();
        return new LogReport(
                question.kind(),
                question.since(),
                question.until(),
                question.release(),
                before == null ? null : before.release(),
                before == null ? null : before.since(),
                before == null ? null : before.until(),
                note,
                rows,
                cut);
    }

    private List<Map<String, String>> run(Question question, String text) {
        return run(question, List.of(new LogQueries.Query(text, question.since(), question.until())))
                .getFirst();
    }

    private List<List<Map<String, String>>> run(Question question, List<LogQueries.Query> asked) {
        return queries.run(
                question.group(),
                asked,
                reason ->
                        new ProblemException(503, "logs-query-late", reason, "Try again, or ask for less: ?since=15m"));
    }

    private static Optional<Integer> release(Question question, Map<String, String> row) {
        return LogStreamName.parse(row.getOrDefault("@logStream", ""))
                .flatMap(LogStreamName::content)
                .flatMap(question.releaseOf());
    }

    private static @Nullable Double number(@Nullable String text) {
        try {
            return text == null ? null : Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** As Logs Insights writes times. */
    private static @Nullable Instant at(Map<String, String> row) {
        String text = row.get("@timestamp");
        return text == null ? null : LocalDateTime.parse(text, TIME).toInstant(ZoneOffset.UTC);
    }
}
