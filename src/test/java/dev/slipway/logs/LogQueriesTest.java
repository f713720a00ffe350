package dev.slipway.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetQueryResultsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetQueryResultsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.QueryStatus;
import software.amazon.awssdk.services.cloudwatchlogs.model.StartQueryRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.StartQueryResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.StopQueryRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.StopQueryResponse;

/** A request that waits for queries is answered before API Gateway gives it up, however slow CloudWatch is. */
class LogQueriesTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    /** Of the 29 seconds that a request has, some are for what comes before. */
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(25);

    private Instant now = START;

    /** Takes its time for each call, and keeps to the limit that a call has, as the SDK does. */
    private final class Slow implements CloudWatchLogsClient {
        final Duration each;
        final List<String> stopped = new ArrayList<>();
        int started;

        Slow(Duration each) {
            this.each = each;
        }

        private void takes(AwsRequest request) {
            @Nullable
            Duration limit = request.overrideConfiguration()
                    .flatMap(override -> override.apiCallTimeout())
                    .orElse(null);
            if (limit != null && limit.compareTo(each) < 0) {
                now = now.plus(limit);
                throw ApiCallTimeoutException.create(limit.toMillis());
            }
            now = now.plus(each);
        }

        @Override
        public StartQueryResponse startQuery(StartQueryRequest request) {
            takes(request);
            started++;
            return StartQueryResponse.builder().queryId("q" + started).build();
        }

        @Override
        public GetQueryResultsResponse getQueryResults(GetQueryResultsRequest request) {
            takes(request);
            return GetQueryResultsResponse.builder().status(QueryStatus.RUNNING).build();
        }

        @Override
        public StopQueryResponse stopQuery(StopQueryRequest request) {
            stopped.add(request.queryId());
            takes(request);
            return StopQueryResponse.builder().build();
        }

        @Override
        public String serviceName() {
            return "logs";
        }

        @Override
        public void close() {}
    }

    @ParameterizedTest(name = "{0} ms for each call, {1} queries")
    @CsvSource({"50, 1", "50, 3", "700, 3", "3000, 3", "8000, 2", "24000, 1", "600000, 3"})
    void queriesThatDoNotEndAreGivenUpInTimeAndStopped(long millis, int queries) {
        Slow slow = new Slow(Duration.ofMillis(millis));
        LogQueries runner = new LogQueries(slow, () -> now, () -> now = now.plusSeconds(1));

        assertThatThrownBy(() -> runner.run(
                        "/slipway/dev/web",
                        Stream.of("a", "b", "c")
                                .limit(queries)
                                .map(text -> new LogQueries.Query(text, START.minusSeconds(900), START))
                                .toList(),
                        reason -> new ProblemException(503, "logs-query-late", reason, "Ask for less.")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        late -> assertThat(late.status()).isEqualTo(503));

        assertThat(Duration.between(START, now)).isLessThan(ANSWERED_WITHIN);
        assertThat(slow.stopped).hasSize(slow.started);
    }
}
