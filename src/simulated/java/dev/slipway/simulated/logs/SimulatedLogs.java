package dev.slipway.simulated.logs;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.aws.SimulatedErrors;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.*;

/** CloudWatch Logs in memory: groups, streams and what the simulated tasks write. */
public final class SimulatedLogs implements CloudWatchLogsClient {
    private static final String LOGS = "CloudWatchLogs";
    private static final int MOST_EVENTS = 10_000;
    private static final int MOST_GROUPS = 50;

    private record Line(long order, Instant at, Instant takenIn, String stream, String message) {}

    private static final class Group {
        final String name;
        final Instant createdAt;
        final List<Line> lines = new ArrayList<>();
        final Map<String, String> tags = new TreeMap<>();

        @Nullable
        Integer retentionDays;

        Group(String name, Instant createdAt) {
            this.name = name;
            this.createdAt = createdAt;
        }
    }

    /** A query of Logs Insights: its results, and how often somebody has looked at it. */
    private static final class Query {
        final List<Map<String, String>> results;
        final int scanned;
        int looks;
        boolean complete;
        boolean stopped;

        Query(List<Map<String, String>> results, int scanned) {
            this.results = results;
            this.scanned = scanned;
        }
    }

    private final SimulatedAws aws;
    private final Map<String, Query> queries = new HashMap<>();
    private int slowness = 1;
    private int lookedAt = Integer.MAX_VALUE;
    private boolean throttled;
    private final Map<String, Group> groups = new TreeMap<>();
    private long written;
    private Runnable beforeReads = () -> {};

    public SimulatedLogs(SimulatedAws aws) {
        this.aws = aws;
    }

    public boolean exists(String group) {
        return groups.containsKey(group);
    }

    /** What a container prints; dropped when the group is gone. */
    public void write(String group, String stream, String message) {
        write(group, stream, message, Duration.ZERO);
    }

    /** The same, and CloudWatch takes it in later. */
    public void write(String group, String stream, String message, Duration late) {
        Group found = groups.get(group);
        if (found != null) {
            Instant now = aws.clock().instant();
            found.lines.add(new Line(written++, now, now.plus(late), stream, message));
        }
    }

    /** What something else has written at a time that is over. */
    public void write(String group, String stream, String message, Instant at) {
        Group found = groups.get(group);
        if (found != null && !at.isBefore(found.createdAt)) {
            found.lines.add(new Line(written++, at, at, stream, message));
        }
    }

    /** Before somebody reads, this writes what it has not written yet. */
    public void beforeReads(Runnable writer) {
        beforeReads = writer;
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}

    @Override
    public CreateLogGroupResponse createLogGroup(CreateLogGroupRequest request) {
        if (exists(request.logGroupName())) {
            throw SimulatedErrors.fill(
                            ResourceAlreadyExistsException.builder(),
                            LOGS,
                            "ResourceAlreadyExistsException",
                            "The specified log group already exists")
                    .build();
        }
        Group group = new Group(request.logGroupName(), aws.clock().instant());
        group.tags.putAll(request.tags());
        groups.put(group.name, group);
        return CreateLogGroupResponse.builder().build();
    }

    @Override
    public DeleteLogGroupResponse deleteLogGroup(DeleteLogGroupRequest request) {
        require(request.logGroupName());
        groups.remove(request.logGroupName());
        return DeleteLogGroupResponse.builder().build();
    }

    @Override
    public PutRetentionPolicyResponse putRetentionPolicy(PutRetentionPolicyRequest request) {
        require(request.logGroupName()).retentionDays = request.retentionInDays();
        return PutRetentionPolicyResponse.builder().build();
    }

    @Override
    public DeleteRetentionPolicyResponse deleteRetentionPolicy(DeleteRetentionPolicyRequest request) {
        require(request.logGroupName()).retentionDays = null;
        return DeleteRetentionPolicyResponse.builder().build();
    }

    @Override
    public DescribeLogGroupsResponse describeLogGroups(DescribeLogGroupsRequest request) {
        String prefix = request.logGroupNamePrefix() == null ? "" : request.logGroupNamePrefix();
        int most = request.limit() == null ? MOST_GROUPS : Math.min(request.limit(), MOST_GROUPS);
        List<Group> found = groups.values().stream()
                .filter(group -> group.name.startsWith(prefix))
                .filter(group -> request.nextToken() == null || group.name.compareTo(request.nextToken()) > 0)
                .limit(most + 1L)
                .toList();
        List<Group> page = found.subList(0, Math.min(most, found.size()));
        return DescribeLogGroupsResponse.builder()
                .nextToken(found.size() > most ? page.getLast().name : null)
                .logGroups(page.stream()
                        .map(group -> LogGroup.builder()
                                .logGroupName(group.name)
                                .creationTime(group.createdAt.toEpochMilli())
                                .retentionInDays(group.retentionDays)
                                .arn(arn(group.name) + ":*")
                                .logGroupArn(arn(group.name))
                                .storedBytes(0L)
                                .metricFilterCount(0)
                                .logGroupClass(LogGroupClass.STANDARD)
                                .build())
                        .toList())
                .build();
    }

    /** GetLogEvents: the newest lines unless {@code startFromHead}; an unknown stream is an error. */
    @Override
    public GetLogEventsResponse getLogEvents(GetLogEventsRequest request) {
        Group group = require(name(request.logGroupName(), request.logGroupIdentifier()));
        List<Line> ofStream = group.lines.stream()
                .filter(line -> line.stream().equals(request.logStreamName()))
                .toList();
        if (ofStream.isEmpty()) {
            throw notFound("The specified log stream does not exist.");
        }
        List<Line> found = ofStream.stream()
                .filter(line -> within(line, request.startTime(), request.endTime()))
                .toList();
        int limit = request.limit() == null ? MOST_EVENTS : request.limit();
        int from = Boolean.TRUE.equals(request.startFromHead()) ? 0 : Math.max(0, found.size() - limit);
        return GetLogEventsResponse.builder()
                .events(found.stream()
                        .skip(from)
                        .limit(limit)
                        .map(line -> OutputLogEvent.builder()
                                .timestamp(line.at().toEpochMilli())
                                .ingestionTime(line.at().toEpochMilli())
                                .message(line.message())
                                .build())
                        .toList())
                .nextForwardToken("f/" + found.size())
                .nextBackwardToken("b/0")
                .build();
    }

    /** How many lines FilterLogEvents looks at for one answer, which may have none of them: all unless set. */
    public void lookedAt(int lines) {
        lookedAt = lines;
    }

    /** Whether FilterLogEvents is called more often than the account may. */
    public void throttled(boolean isThrottled) {
        throttled = isThrottled;
    }

    /**
     * FilterLogEvents: by time, stream and pattern, in the order of their times. An answer may have no line and a token: "a
     * partially full or empty page".
     */
    @Override
    public FilterLogEventsResponse filterLogEvents(FilterLogEventsRequest request) {
        beforeReads.run();
        if (throttled) {
            throw SimulatedErrors.fill(ThrottlingException.builder(), LOGS, "ThrottlingException", "Rate exceeded")
                    .build();
        }
        Group group = require(name(request.logGroupName(), request.logGroupIdentifier()));
        String prefix = request.logStreamNamePrefix() == null ? "" : request.logStreamNamePrefix();
        Predicate<String> matches = pattern(request.filterPattern());
        requireRange(request);
        Instant now = aws.clock().instant();
        List<Line> there = group.lines.stream()
                .filter(line -> !line.takenIn().isAfter(now))
                .filter(line ->
                        within(line, request.startTime(), request.endTime() == null ? null : request.endTime() + 1))
                .sorted(Comparator.comparing(Line::at).thenComparing(Line::order))
                .toList();
        int from = 0;
        if (request.nextToken() != null) {
            List<String> tokens =
                    there.stream().map(line -> String.valueOf(line.order())).toList();
            from = tokens.indexOf(request.nextToken()) + 1; // behind the line that was looked at last
            if (from == 0) {
                throw SimulatedErrors.fill(
                                InvalidParameterException.builder(),
                                LOGS,
                                "InvalidParameterException",
                                "The specified nextToken is invalid.")
                        .build();
            }
        }
        int most = request.limit() == null ? MOST_EVENTS : request.limit();
        List<FilteredLogEvent> found = new ArrayList<>();
        int at = from;
        while (at < there.size() && at - from < lookedAt && found.size() < most) {
            Line line = there.get(at++);
            if ((request.logStreamNames().isEmpty() || request.logStreamNames().contains(line.stream()))
                    && line.stream().startsWith(prefix)
                    && matches.test(line.message())) {
                found.add(FilteredLogEvent.builder()
                        .logStreamName(line.stream())
                        .timestamp(line.at().toEpochMilli())
                        .ingestionTime(line.takenIn().toEpochMilli())
                        .message(line.message())
                        .eventId(String.valueOf(line.order()))
                        .build());
            }
        }
        return FilterLogEventsResponse.builder()
                .events(found)
                .nextToken(at < there.size() ? String.valueOf(there.get(at - 1).order()) : null)
                .build();
    }

    /** As the model of the API has it: limit from 1 to 10,000, times from 0 on, and a time that has a length. */
    private static void requireRange(FilterLogEventsRequest request) {
        long from = request.startTime() == null ? 0 : request.startTime();
        long to = request.endTime() == null ? Long.MAX_VALUE : request.endTime();
        int limit = request.limit() == null ? MOST_EVENTS : request.limit();
        if (from < 0 || to < from || limit < 1 || limit > MOST_EVENTS) {
            throw SimulatedErrors.fill(
                            InvalidParameterException.builder(),
                            LOGS,
                            "InvalidParameterException",
                            "startTime, endTime or limit failed to satisfy constraint")
                    .build();
        }
    }

    private static Predicate<String> pattern(@Nullable String pattern) {
        try {
            return pattern == null ? message -> true : FilterPattern.of(pattern);
        } catch (IllegalArgumentException e) {
            throw SimulatedErrors.fill(
                            InvalidParameterException.builder(),
                            LOGS,
                            "InvalidParameterException",
                            String.valueOf(e.getMessage()))
                    .build();
        }
    }

    /** How many looks at a query find it still running: 1 unless set. */
    public void slowQueries(int looks) {
        slowness = looks;
    }

    /** Whether a query runs for which nobody has asked to be stopped. */
    public boolean queryRuns() {
        return queries.values().stream().anyMatch(query -> !query.stopped && !query.complete);
    }

    @Override
    public StartQueryResponse startQuery(StartQueryRequest request) {
        beforeReads.run();
        Group group = require(name(request.logGroupName(), null));
        Instant expired = group.retentionDays == null
                ? Instant.EPOCH
                : aws.clock().instant().minus(Duration.ofDays(group.retentionDays));
        if (request.endTime() < group.createdAt.getEpochSecond() || request.endTime() < expired.getEpochSecond()) {
            throw SimulatedErrors.fill(
                            MalformedQueryException.builder(),
                            LOGS,
                            "MalformedQueryException",
                            "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings")
                    .build();
        }
        List<LogsInsights.Entry> entries = group.lines.stream()
                .filter(line -> within(line, request.startTime() * 1000, request.endTime() * 1000 + 1000))
                .filter(line -> !line.at().isBefore(expired))
                .map(line -> new LogsInsights.Entry(line.at(), line.stream(), line.message()))
                .toList();
        String id = aws.uuid();
        queries.put(id, new Query(LogsInsights.run(request.queryString(), entries), entries.size()));
        return StartQueryResponse.builder().queryId(id).build();
    }

    @Override
    public GetQueryResultsResponse getQueryResults(GetQueryResultsRequest request) {
        Query query = queries.get(request.queryId());
        if (query == null) {
            throw notFound("Query " + request.queryId() + " does not exist.");
        }
        query.complete |= ++query.looks > slowness;
        return GetQueryResultsResponse.builder()
                .status(
                        query.stopped
                                ? QueryStatus.CANCELLED
                                : query.complete ? QueryStatus.COMPLETE : QueryStatus.RUNNING)
                .statistics(statistics -> statistics.recordsScanned((double) query.scanned))
                .results(
                        query.complete
                                ? query.results.stream().map(SimulatedLogs::row).toList()
                                : List.of())
                .build();
    }

    private static List<ResultField> row(Map<String, String> values) {
        return values.entrySet().stream()
                .map(value -> ResultField.builder()
                        .field(value.getKey())
                        .value(value.getValue())
                        .build())
                .toList();
    }

    @Override
    public StopQueryResponse stopQuery(StopQueryRequest request) {
        Query query = queries.get(request.queryId());
        if (query == null) {
            throw notFound("Query " + request.queryId() + " does not exist.");
        }
        query.stopped = true;
        return StopQueryResponse.builder().success(true).build();
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest request) {
        require(nameOf(request.resourceArn())).tags.putAll(request.tags());
        return TagResourceResponse.builder().build();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest request) {
        require(nameOf(request.resourceArn())).tags.keySet().removeAll(request.tagKeys());
        return UntagResourceResponse.builder().build();
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest request) {
        return ListTagsForResourceResponse.builder()
                .tags(require(nameOf(request.resourceArn())).tags)
                .build();
    }

    private static boolean within(Line line, @Nullable Long from, @Nullable Long to) {
        long at = line.at().toEpochMilli();
        return (from == null || at >= from) && (to == null || at < to);
    }

    private Group require(String name) {
        Group group = groups.get(name);
        if (group == null) {
            throw notFound("The specified log group does not exist.");
        }
        return group;
    }

    private static RuntimeException notFound(String message) {
        return SimulatedErrors.fill(ResourceNotFoundException.builder(), LOGS, "ResourceNotFoundException", message)
                .build();
    }

    private String arn(String group) {
        return aws.arn("logs", "log-group:" + group);
    }

    private static String name(@Nullable String name, @Nullable String identifier) {
        if (name != null) {
            return name;
        }
        return identifier == null ? "" : nameOf(identifier);
    }

    private static String nameOf(String arn) {
        String name = arn.substring(arn.indexOf("log-group:") < 0 ? 0 : arn.indexOf("log-group:") + 10);
        return name.endsWith(":*") ? name.substring(0, name.length() - 2) : name;
    }
}
