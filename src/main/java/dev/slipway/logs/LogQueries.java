package dev.slipway.logs;

import dev.slipway.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetQueryResultsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.LimitExceededException;
import software.amazon.awssdk.services.cloudwatchlogs.model.MalformedQueryException;
import software.amazon.awssdk.services.cloudwatchlogs.model.QueryStatus;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResultField;

/**
 * Runs queries of CloudWatch Logs Insights and waits for them, 20 seconds at most, however slowly CloudWatch answers. They are not handed out to be asked for
 * later: whoever has a query's id can read its results, since IAM knows no resource for that, and the id would be a way around the
 * path that a caller may use.
 */
public final class LogQueries {
    /** API Gateway and Lambda give up after 29 seconds, of which other reads and stopping the queries take a few. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration TO_STOP = Duration.ofSeconds(1);
    private static final int MOST_LOOKS = 16;
    /**
     * How CloudWatch refuses a time that ended before the group was made, or whose lines have expired: there are none, then.
     * aws-doc-sdk-examples, cloudwatch_logs_large_query
     */
    private static final String TOO_EARLY = "Query's end date and time";

    private final CloudWatchLogsClient logs;
    private final InstantSource clock;
    private final Runnable pause;

    /**
     * @param clock of whoever waits for the answer
     * @param pause about a second of that clock, between two looks at a query
     */
    public LogQueries(CloudWatchLogsClient logs, InstantSource clock, Runnable pause) {
        this.logs = logs;
        this.clock = clock;
        this.pause = pause;
    }

    /** What is thrown when a query has not ended in time. */
    public interface Late {
        ProblemException because(String reason);
    }

    /** What is asked, of which time. */
    public record Query(String text, Instant from, Instant to) {}

    /** The rows of each query, in the order of the queries. Throws {@link ProblemException} 404 when there is no log. */
    public List<List<Map<String, String>>> run(String group, List<Query> queries, Late late) {
        Instant end = clock.instant().plus(PATIENCE);
        Map<String, List<Map<String, String>>> finished = new HashMap<>();
        List<String> started = new ArrayList<>();
        List<Optional<String>> ids = new ArrayList<>();
        try {
            for (Query query : queries) {
                Optional<String> id = start(group, query, end);
                id.ifPresent(started::add);
                ids.add(id);
            }
            for (int look = 0; look < MOST_LOOKS && finished.size() < started.size() && isLeft(end); look++) {
                if (look > 0) {
                    pause.run();
                }
                for (String id : started) {
                    if (!finished.containsKey(id) && isLeft(end)) {
                        look(id, end, late).ifPresent(results -> finished.put(id, results));
                    }
                }
            }
        } catch (ResourceNotFoundException e) {
            throw LogReader.missing(group);
        } catch (LimitExceededException e) {
            throw late.because("CloudWatch runs as many queries of this account as it may.");
        } catch (ApiCallTimeoutException e) {
            throw late.because("CloudWatch has not answered in time.");
        } finally {
            started.stream().filter(id -> !finished.containsKey(id)).forEach(this::stop);
        }
        if (finished.size() < started.size()) {
            throw late.because("CloudWatch has not looked through the log in time.");
        }
        return ids.stream()
                .map(id ->
                        id.map(run -> Objects.requireNonNull(finished.get(run))).orElse(List.of()))
                .toList();
    }

    /** Its id; empty when there are no lines of that time. */
    private Optional<String> start(String group, Query query, Instant end) {
        try {
            return Optional.of(logs.startQuery(request -> request.logGroupName(group)
                            .startTime(query.from().getEpochSecond())
                            .endTime(query.to().getEpochSecond())
                            .queryString(query.text())
                            .overrideConfiguration(within(left(end))))
                    .queryId());
        } catch (MalformedQueryException e) {
            if (String.valueOf(e.getMessage()).startsWith(TOO_EARLY)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private boolean isLeft(Instant end) {
        return clock.instant().isBefore(end);
    }

    private Duration left(Instant end) {
        Duration left = Duration.between(clock.instant(), end);
        return left.isPositive() ? left : Duration.ofMillis(1);
    }

    /** A call with all its attempts. */
    private static Consumer<AwsRequestOverrideConfiguration.Builder> within(Duration time) {
        return override -> override.apiCallTimeout(time);
    }

    private Optional<List<Map<String, String>>> look(String id, Instant end, Late late) {
        GetQueryResultsResponse answer =
                logs.getQueryResults(request -> request.queryId(id).overrideConfiguration(within(left(end))));
        QueryStatus status = answer.status();
        if (status == QueryStatus.COMPLETE) {
            return Optional.of(answer.results().stream().map(LogQueries::fields).toList());
        }
        if (status == QueryStatus.SCHEDULED || status == QueryStatus.RUNNING) {
            return Optional.empty();
        }
        throw late.because("CloudWatch has given up looking through the log: %s.".formatted(answer.statusAsString()));
    }

    /** A query that nobody waits for any more costs all the same. */
    private void stop(String id) {
        try {
            logs.stopQuery(request -> request.queryId(id).overrideConfiguration(within(TO_STOP)));
        } catch (SdkException e) {
            // It has ended meanwhile, or ends by itself.
        }
    }

    private static Map<String, String> fields(List<ResultField> row) {
        Map<String, String> fields = new HashMap<>();
        row.forEach(field -> fields.put(field.field(), field.value()));
        return fields;
    }
}
