package dev.slipway.logs;

import dev.slipway.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetQueryResultsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.LimitExceededException;
import software.amazon.awssdk.services.cloudwatchlogs.model.MalformedQueryException;
import software.amazon.awssdk.services.cloudwatchlogs.model.QueryStatus;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResultField;

/**
 * Runs queries of CloudWatch Logs Insights and waits for them, some 16 seconds at most. They are not handed out to be asked for
 * later: whoever has a query's id can read its results, since IAM knows no resource for that, and the id would be a way around the
 * path that a caller may use.
 */
public final class LogQueries {
    /** API Gateway gives up after 30 seconds. */
    private static final int MOST_LOOKS = 16;
    /**
     * How CloudWatch refuses a time that ended before the group was made, or whose lines have expired: there are none, then.
     * aws-doc-sdk-examples, cloudwatch_logs_large_query
     */
    private static final String TOO_EARLY = "Query's end date and time";

    private final CloudWatchLogsClient logs;
    private final Runnable pause;

    /** @param pause about a second, between two looks at a query */
    public LogQueries(CloudWatchLogsClient logs, Runnable pause) {
        this.logs = logs;
        this.pause = pause;
    }

    /** What is thrown when a query has not ended in time. */
    public interface Late {
        ProblemException because(String reason);
    }

    /** The rows of each query, in the order of the queries. Throws {@link ProblemException} 404 when there is no log. */
    public List<List<Map<String, String>>> run(
            String group, Instant from, Instant to, List<String> queries, Late late) {
        Map<String, List<Map<String, String>>> finished = new HashMap<>();
        List<String> started = new ArrayList<>();
        try {
            for (String query : queries) {
                started.add(logs.startQuery(request -> request.logGroupName(group)
                                .startTime(from.getEpochSecond())
                                .endTime(to.getEpochSecond())
                                .queryString(query))
                        .queryId());
            }
            for (int look = 0; look < MOST_LOOKS && finished.size() < started.size(); look++) {
                if (look > 0) {
                    pause.run();
                }
                for (String id : started) {
                    if (!finished.containsKey(id)) {
                        look(id, late).ifPresent(results -> finished.put(id, results));
                    }
                }
            }
        } catch (ResourceNotFoundException e) {
            throw LogReader.missing(group);
        } catch (MalformedQueryException e) {
            if (String.valueOf(e.getMessage()).startsWith(TOO_EARLY)) {
                return queries.stream()
                        .map(query -> List.<Map<String, String>>of())
                        .toList();
            }
            throw e;
        } catch (LimitExceededException e) {
            throw late.because("CloudWatch runs as many queries of this account as it may.");
        } finally {
            started.stream().filter(id -> !finished.containsKey(id)).forEach(this::stop);
        }
        if (finished.size() < started.size()) {
            throw late.because("CloudWatch has not looked through the log in time.");
        }
        return started.stream()
                .map(id -> Objects.requireNonNull(finished.get(id)))
                .toList();
    }

    private Optional<List<Map<String, String>>> look(String id, Late late) {
        GetQueryResultsResponse answer = logs.getQueryResults(request -> request.queryId(id));
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
            logs.stopQuery(request -> request.queryId(id));
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
