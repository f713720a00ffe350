package dev.slipway.logs;

import dev.slipway.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.InvalidParameterException;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/**
 * Reads log groups line by line. What it gives has no obvious credentials any more.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
public final class LogReader {
    /** A request looks so often at most; AWS may answer with nothing but a token many times. */
    private static final int MOST_CALLS = 4;

    /** Of sweeps after the first, which read again what has been shown. */
    private static final int MOST_EVENTS = 10_000;

    /**
     * Of all lines of a page, as far as they are shown: Lambda answers with 6 MB at most, in which the page is a JSON text within
     * another, so that a character takes up to seven bytes.
     */
    private static final int MOST_CHARACTERS = 700_000;

    private static final int WAIT_SECONDS = 3;

    private final CloudWatchLogsClient logs;

    public LogReader(CloudWatchLogsClient logs) {
        this.logs = logs;
    }

    /**
     * What is asked for.
     *
     * @param group of the logs
     * @param identity of the request: a cursor goes on with the same one
     * @param until exclusive; null: as long as the caller asks
     * @param pattern of CloudWatch; null for all
     * @param streams the beginning of their names; null for all
     * @param task the beginning of its id; null for all
     * @param limit how many lines at most
     */
    public record Query(
            String group,
            String identity,
            Instant since,
            @Nullable Instant until,
            @Nullable String pattern,
            @Nullable String streams,
            @Nullable String container,
            @Nullable String task,
            int limit) {
        /** What the first request of a cursor meant. */
        private Query of(LogCursor first) {
            return new Query(
                    group,
                    identity,
                    Instant.ofEpochMilli(first.since()),
                    first.until() == 0 ? until : Instant.ofEpochMilli(first.until()),
                    pattern,
                    streams,
                    container,
                    task,
                    limit);
        }
    }

    /**
     * A line as it lies in the log, but for credentials.
     *
     * @param stream null when its name is none of the awslogs driver's
     */
    public record Line(Instant at, @Nullable LogStreamName stream, String message) {}

    /**
     * Lines, and how to go on.
     *
     * @param cursor null when nothing can follow any more
     * @param retryAfterSeconds 0 when more is there
     */
    public record Lines(List<Line> lines, @Nullable String cursor, int retryAfterSeconds) {}

    /**
     * The lines that follow a cursor, or the first. At most four calls. Throws {@link ProblemException} 400 when filter or cursor is
     * none, 404 when there is no log.
     */
    public Lines read(Query asked, @Nullable String cursor, Instant now) {
        LogCursor sweep = cursor == null
                ? LogCursor.first(
                        asked.identity(),
                        asked.since().toEpochMilli(),
                        asked.until() == null ? 0 : asked.until().toEpochMilli(),
                        now.toEpochMilli())
                : begun(asked, LogCursor.of(cursor, asked.identity()), now);
        Query query = asked.of(sweep);
        if (sweep.upTo() <= sweep.after()) {
            return new Lines(List.of(), cursor, WAIT_SECONDS); // nothing has settled since
        }
        if (query.until() != null && sweep.from() >= query.until().toEpochMilli()) {
            return new Lines(List.of(), next(query, sweep), WAIT_SECONDS); // the end has become known since
        }
        List<FilteredLogEvent> found = new ArrayList<>();
        String token = sweep.token();
        int skip = sweep.skip();
        long last = sweep.last();
        int count = sweep.token() == null ? 0 : sweep.lastCount();
        int characters = 0;
        for (int call = 0; call < MOST_CALLS; call++) {
            int most = sweep.after() == LogCursor.BEGINNING && query.task() == null && query.container() == null
                    ? Math.min(MOST_EVENTS, query.limit() - found.size() + skip)
                    : MOST_EVENTS;
            FilterLogEventsResponse answer = filter(query, sweep, token, most);
            for (FilteredLogEvent event : answer.events()) {
                if (!sweep.holds(event.ingestionTime(), event.timestamp()) || !wanted(query, event)) {
                    continue;
                }
                count = event.timestamp() == last ? count + 1 : 1;
                last = event.timestamp();
                if (skip > 0 && event.timestamp() == sweep.from()) {
                    skip--;
                    continue;
                }
                found.add(event);
                characters += Math.min(event.message().length(), Redaction.LONGEST_WHOLE);
                if (found.size() == query.limit() || characters >= MOST_CHARACTERS) {
                    return new Lines(lines(found), sweep.behind(last, count).text(), 0);
                }
            }
            token = answer.nextToken();
            if (token == null) {
                return new Lines(lines(found), next(query, sweep), WAIT_SECONDS);
            }
        }
        return new Lines(
                lines(found),
                sweep.at(Objects.requireNonNull(token), skip, last, count).text(),
                0);
    }

    private static LogCursor begun(Query asked, LogCursor cursor, Instant now) {
        return cursor.begun(now.toEpochMilli(), closing(asked.of(cursor)));
    }

    private static @Nullable String next(Query query, LogCursor sweep) {
        return sweep.upTo() >= closing(query) ? null : sweep.next().text();
    }

    /** The sweep that reaches it is the last one. */
    private static long closing(Query query) {
        return query.until() == null
                ? Long.MAX_VALUE
                : query.until().plus(LogCursor.LATE).toEpochMilli();
    }

    private FilterLogEventsResponse filter(Query query, LogCursor sweep, @Nullable String token, int most) {
        try {
            return logs.filterLogEvents(FilterLogEventsRequest.builder()
                    .logGroupName(query.group())
                    .logStreamNamePrefix(query.streams())
                    .filterPattern(query.pattern())
                    .startTime(sweep.from())
                    .endTime(query.until() == null ? null : query.until().toEpochMilli() - 1)
                    .limit(most)
                    .nextToken(token)
                    .build());
        } catch (ResourceNotFoundException e) {
            throw missing(query.group());
        } catch (InvalidParameterException e) {
            if (token != null && token.equals(sweep.token())) {
                throw LogCursor.refused("cursor is older than a day: CloudWatch has forgotten where it was.");
            }
            if (query.pattern() == null) {
                throw e;
            }
            throw new ProblemException(
                    400,
                    "invalid-parameter",
                    "filter=%s is not allowed: %s."
                            .formatted(
                                    query.pattern(),
                                    e.awsErrorDetails().errorMessage().replaceFirst("\\.$", "")),
                    "Write a filter pattern of CloudWatch Logs: error, \"two words\", -debug, { $.status >= 500 }");
        }
    }

    static ProblemException missing(String group) {
        return new ProblemException(
                404,
                "log-not-found",
                "There is no log group %s.".formatted(group),
                "It comes with the service's stack: wait for its apply to end, or apply the spec again.");
    }

    private static boolean wanted(Query query, FilteredLogEvent event) {
        if (query.task() == null && query.container() == null) {
            return true;
        }
        return LogStreamName.parse(event.logStreamName())
                .filter(name -> query.task() == null || name.task().startsWith(query.task()))
                .filter(name -> query.container() == null || name.container().equals(query.container()))
                .isPresent();
    }

    private static List<Line> lines(List<FilteredLogEvent> events) {
        List<String> masked =
                Redaction.hide(events.stream().map(FilteredLogEvent::message).toList());
        return IntStream.range(0, events.size())
                .mapToObj(i -> new Line(
                        Instant.ofEpochMilli(events.get(i).timestamp()),
                        LogStreamName.parse(events.get(i).logStreamName()).orElse(null),
                        masked.get(i)))
                .toList();
    }

    /** The newest lines of a stream, shortened; none when it has none. */
    public List<Line> newest(String group, LogStreamName stream, int most) {
        try {
            List<OutputLogEvent> events = logs.getLogEvents(GetLogEventsRequest.builder()
                            .logGroupName(group)
                            .logStreamName(stream.toString())
                            .limit(most)
                            .startFromHead(false)
                            .build())
                    .events();
            List<String> masked =
                    Redaction.mask(events.stream().map(OutputLogEvent::message).toList());
            return IntStream.range(0, events.size())
                    .mapToObj(i -> new Line(Instant.ofEpochMilli(events.get(i).timestamp()), stream, masked.get(i)))
                    .toList();
        } catch (ResourceNotFoundException e) {
            return List.of(); // it has written nothing
        }
    }
}
