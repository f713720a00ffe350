package dev.slipway.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.MotoServer;
import dev.slipway.logs.LogReader.Line;
import dev.slipway.logs.LogReader.Lines;
import dev.slipway.logs.LogReader.Query;
import dev.slipway.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent;

/** A log of an emulated CloudWatch Logs, over HTTP; the emulator does not know prefixes of streams. */
class LogReaderIT {
    private static final String GROUP = "/slipway/prod/web";
    private static final LogStreamName OLD = new LogStreamName("release-aaa", "web", "0".repeat(32));
    private static final LogStreamName NEW = new LogStreamName("release-bbb", "web", "1".repeat(32));

    private final CloudWatchLogsClient logs = MotoServer.get().client(CloudWatchLogsClient.builder());
    private final LogReader reader = new LogReader(logs);
    /** The emulator has no clock of its own. */
    private final Instant start = Instant.now().minusSeconds(30);

    @BeforeEach
    void makeLog() {
        MotoServer.reset();
        logs.createLogGroup(request -> request.logGroupName(GROUP));
        for (LogStreamName stream : List.of(OLD, NEW)) {
            logs.createLogStream(request -> request.logGroupName(GROUP).logStreamName(stream.toString()));
        }
        put(OLD, 0, 10);
        put(NEW, 10, 23);
    }

    private void put(LogStreamName stream, int from, int to) {
        logs.putLogEvents(request -> request.logGroupName(GROUP)
                .logStreamName(stream.toString())
                .logEvents(IntStream.range(from, to)
                        .mapToObj(i -> InputLogEvent.builder()
                                .timestamp(start.plusMillis(i / 3).toEpochMilli())
                                .message("line " + i + " password=hunter2")
                                .build())
                        .toList()));
    }

    private Query all(int limit) {
        return new Query(GROUP, "all", start.minusSeconds(1), null, null, null, null, null, limit);
    }

    private List<Line> read(Query query, @Nullable String cursor) {
        Instant now = Instant.now().plus(LogCursor.SETTLED);
        List<Line> found = new ArrayList<>();
        Lines page = reader.read(query, cursor, now);
        found.addAll(page.lines());
        while (page.retryAfterSeconds() == 0) {
            page = reader.read(query, page.cursor(), now);
            found.addAll(page.lines());
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 100})
    void pagesHaveEveryLineOnceAndNoCredential(int limit) {
        assertThat(read(all(limit), null))
                .extracting(Line::message)
                .isEqualTo(IntStream.range(0, 23)
                        .mapToObj(i -> "line " + i + " password=***")
                        .toList());
    }

    @Test
    void linesAreChosenByTheirTextTheirTaskAndTheirTime() {
        Instant since = start.plusMillis(1);

        assertThat(read(new Query(GROUP, "t", since, null, null, null, "web", OLD.task(), 100), null))
                .hasSize(7);
        assertThat(read(new Query(GROUP, "f", since, null, "\"line 7\"", null, null, null, 100), null))
                .extracting(Line::message)
                .containsExactly("line 7 password=***");
        assertThat(read(new Query(GROUP, "u", since, start.plusMillis(2), null, null, null, null, 100), null))
                .hasSize(3);
    }

    @Test
    void whoFollowsIsGivenWhatIsNew() {
        Instant now = Instant.now().plus(LogCursor.SETTLED);
        Lines first = reader.read(all(100), null, now);
        put(NEW, 180, 183);

        assertThat(reader.read(all(100), first.cursor(), now.plus(Duration.ofSeconds(30)))
                        .lines())
                .extracting(Line::message)
                .containsExactly("line 180 password=***", "line 181 password=***", "line 182 password=***");
    }

    @Test
    void theNewestLinesOfAStreamAreItsLast() {
        assertThat(reader.newest(GROUP, OLD, 2))
                .extracting(Line::message)
                .containsExactly("line 8 password=***", "line 9 password=***");
        assertThat(reader.newest(GROUP, new LogStreamName("release-ccc", "web", "2".repeat(32)), 2))
                .isEmpty();
    }

    @Test
    void whereThereIsNoLogThatIsSaid() {
        Query none = new Query("/slipway/prod/none", "n", start, null, null, null, null, null, 100);

        assertThatThrownBy(() -> reader.read(none, null, Instant.now()))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("log-not-found");
    }
}
