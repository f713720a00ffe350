package dev.slipway.simulated.cloudwatch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;
import software.amazon.awssdk.services.cloudwatch.model.StatusCode;

/** GetMetricData: metrics, and of metric math SERVICE_QUOTA(id) and what {@link MetricMath} knows. */
final class MetricQueries {
    // API reference, GetMetricData.
    private static final int MOST_QUERIES = 500;
    private static final int MOST_DATAPOINTS = 100_800;
    private static final Pattern ID = Pattern.compile("[a-z][a-zA-Z0-9_]*");
    private static final Pattern QUOTA = Pattern.compile("SERVICE_QUOTA\\(\\s*([a-z][a-zA-Z0-9_]*)\\s*\\)");

    private final MetricData data;

    MetricQueries(MetricData data) {
        this.data = data;
    }

    private record Answer(MetricDataQuery query, String label, NavigableMap<Long, Double> points) {}

    GetMetricDataResponse get(GetMetricDataRequest request) {
        check(request);
        Map<String, Answer> answers = new LinkedHashMap<>();
        request.metricDataQueries().stream()
                .filter(query -> query.metricStat() != null)
                .forEach(query -> answers.put(query.id(), metric(query, request)));
        Map<String, MetricDataQuery> all = new LinkedHashMap<>();
        request.metricDataQueries().forEach(query -> all.put(query.id(), query));
        List<Answer> inOrder = request.metricDataQueries().stream()
                .map(query -> query.metricStat() != null ? answers.get(query.id()) : expression(query, answers, all))
                .filter(answer -> !Boolean.FALSE.equals(answer.query().returnData()))
                .toList();
        return page(inOrder, request);
    }

    private static void check(GetMetricDataRequest request) {
        if (request.startTime() == null || request.endTime() == null) {
            throw CloudWatchErrors.missing(request.startTime() == null ? "StartTime" : "EndTime");
        }
        if (!request.startTime().isBefore(request.endTime())) {
            throw CloudWatchErrors.validation("The parameter StartTime must be less than the parameter EndTime.");
        }
        if (request.metricDataQueries().isEmpty()) {
            throw CloudWatchErrors.missing("MetricDataQueries");
        }
        if (request.metricDataQueries().size() > MOST_QUERIES) {
            throw CloudWatchErrors.validation(
                    "The collection MetricDataQueries must not have a size greater than 500.");
        }
        Integer most = request.maxDatapoints();
        if (most != null && (most < 1 || most > MOST_DATAPOINTS)) {
            throw CloudWatchErrors.validation("The value %d for parameter MaxDatapoints is not valid.".formatted(most));
        }
        Set<String> ids = new HashSet<>();
        for (MetricDataQuery query : request.metricDataQueries()) {
            check(query);
            if (!ids.add(query.id())) {
                throw CloudWatchErrors.validation("The values for parameter id in MetricDataQueries are not unique.");
            }
        }
        if (request.metricDataQueries().stream().allMatch(query -> Boolean.FALSE.equals(query.returnData()))) {
            throw CloudWatchErrors.validation(
                    "At least one query in MetricDataQueries must have ReturnData set to true.");
        }
    }

    private static void check(MetricDataQuery query) {
        if (query.id() == null || !ID.matcher(query.id()).matches()) {
            throw CloudWatchErrors.validation(
                    "The value %s for parameter MetricDataQueries.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
                            .formatted(query.id()));
        }
        if ((query.metricStat() == null) == (query.expression() == null)) {
            throw CloudWatchErrors.validation(
                    "The parameters MetricStat and Expression are mutually exclusive, and one of them is required.");
        }
        MetricStat stat = query.metricStat();
        if (stat == null) {
            return;
        }
        if (stat.metric() == null
                || stat.metric().namespace() == null
                || stat.metric().metricName() == null) {
            throw CloudWatchErrors.missing("MetricDataQueries.member.1.MetricStat.Metric");
        }
        if (stat.period() == null || stat.stat() == null) {
            throw CloudWatchErrors.missing(
                    "MetricDataQueries.member.1.MetricStat." + (stat.stat() == null ? "Stat" : "Period"));
        }
        if (stat.period() < 60 || stat.period() % 60 != 0) {
            throw CloudWatchErrors.validation(
                    "The value %d for parameter Period is not valid: periods under a minute are of high-resolution metrics, which are not simulated, and others are multiples of 60."
                            .formatted(stat.period()));
        }
        MetricStatistic.named(stat.stat());
    }

    private Answer metric(MetricDataQuery query, GetMetricDataRequest request) {
        MetricStat stat = query.metricStat();
        MetricName metric = metric(stat);
        long period = stat.period() * 1000L;
        // "StartTime is rounded down"; periods begin at multiples of their length.
        long from = Math.floorDiv(request.startTime().toEpochMilli(), period) * period;
        NavigableMap<Long, Double> points = data.series(
                metric,
                MetricStatistic.named(stat.stat()),
                from,
                request.endTime().toEpochMilli(),
                period);
        return new Answer(query, query.label() == null ? metric.name() : query.label(), points);
    }

    private static MetricName metric(MetricStat stat) {
        return MetricName.of(
                stat.metric().namespace(),
                stat.metric().metricName(),
                stat.metric().dimensions());
    }

    private Answer expression(MetricDataQuery query, Map<String, Answer> metrics, Map<String, MetricDataQuery> all) {
        Matcher quota = QUOTA.matcher(query.expression());
        if (!quota.matches()) {
            return new Answer(
                    query,
                    query.label() == null ? query.id() : query.label(),
                    series(
                            query,
                            all,
                            id -> Objects.requireNonNull(metrics.get(id)).points()));
        }
        Answer usage = metrics.get(quota.group(1));
        if (usage == null) {
            throw CloudWatchErrors.validation(
                    "Error in expression '%s' [Undefined variable %s]".formatted(query.id(), quota.group(1)));
        }
        Double limit = data.usage().quota(metric(usage.query().metricStat()));
        NavigableMap<Long, Double> points = new TreeMap<>();
        if (limit != null) {
            usage.points().keySet().forEach(at -> points.put(at, limit));
        }
        return new Answer(query, query.label() == null ? query.id() : query.label(), points);
    }

    /** What a query of a list comes to, which may name others of it; of those that are metrics {@code metrics} knows the data points. */
    static NavigableMap<Long, Double> series(
            MetricDataQuery query,
            Map<String, MetricDataQuery> all,
            Function<String, NavigableMap<Long, Double>> metrics) {
        if (query.metricStat() != null) {
            return metrics.apply(query.id());
        }
        // Nothing names itself, by whatever way.
        Map<String, MetricDataQuery> others = new LinkedHashMap<>(all);
        others.remove(query.id());
        return MetricMath.evaluate(
                query.expression(),
                id -> {
                    MetricDataQuery named = others.get(id);
                    return named == null ? null : series(named, others, metrics);
                },
                () -> others.values().stream()
                        .filter(other -> other.metricStat() != null)
                        .map(other -> metrics.apply(other.id()))
                        .toList());
    }

    /** Pages run through the queries one after the other; what is not complete says PartialData. */
    private static GetMetricDataResponse page(List<Answer> answers, GetMetricDataRequest request) {
        boolean newestFirst = request.scanBy() != ScanBy.TIMESTAMP_ASCENDING;
        long skip = offset(request.nextToken());
        long room = request.maxDatapoints() == null ? MOST_DATAPOINTS : request.maxDatapoints();
        long position = 0;
        List<MetricDataResult> results = new ArrayList<>();
        boolean more = false;
        for (Answer answer : answers) {
            Map<Long, Double> points = newestFirst ? answer.points().descendingMap() : answer.points();
            long begin = Math.max(0, Math.min(points.size(), skip - position));
            long end = Math.min(points.size(), begin + room);
            room -= end - begin;
            position += points.size();
            more |= end < points.size();
            List<Map.Entry<Long, Double>> shown =
                    points.entrySet().stream().skip(begin).limit(end - begin).toList();
            results.add(MetricDataResult.builder()
                    .id(answer.query().id())
                    .label(answer.label())
                    .timestamps(shown.stream()
                            .map(point -> Instant.ofEpochMilli(point.getKey()))
                            .toList())
                    .values(shown.stream().map(Map.Entry::getValue).toList())
                    .statusCode(end < points.size() ? StatusCode.PARTIAL_DATA : StatusCode.COMPLETE)
                    .build());
        }
        long next = skip + (request.maxDatapoints() == null ? MOST_DATAPOINTS : request.maxDatapoints());
        return GetMetricDataResponse.builder()
                .metricDataResults(results)
                .nextToken(more ? "from-" + next : null)
                .build();
    }

    private static long offset(@Nullable String token) {
        if (token == null) {
            return 0;
        }
        if (!token.matches("from-\\d{1,9}")) {
            throw CloudWatchErrors.badToken();
        }
        return Long.parseLong(token.substring("from-".length()));
    }
}
