package dev.slipway.deployment;

import dev.slipway.deployment.UnansweredRequests.Counts;
import dev.slipway.verdict.BaselineHistory;
import dev.slipway.verdict.Sample;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;

/**
 * What target groups did, minute by minute, from CloudWatch: one call for all. Failures are the target's own 5xx, and what the load
 * balancer answered in its place after a crash or a timeout. Of the latter CloudWatch counts by target group only those whose
 * connection was not established; the others by load balancer, and {@link UnansweredRequests} tells whose they are. A 503 is an answer to a
 * request for which no target could be chosen: it is in no group's requests.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
public final class TargetGroupMetrics {
    /**
     * Metrics of the load balancer come one to three minutes after their minute has ended, and not all at once: with
     * requests counted and answers not yet, every request would look failed. A minute is used when it began so long ago.
     */
    public static final Duration LAG = Duration.ofMinutes(4);

    /** Metrics that the spec names may come so late: those of an agent, or of five minutes, take longer than the load balancer's. */
    static final Duration OWN_LAG = Duration.ofMinutes(15);

    private static final String NAMESPACE = "AWS/ApplicationELB";
    public static final int MINUTE = 60;
    private static final List<String> CODES = List.of("2XX", "3XX", "4XX", "5XX");

    private final CloudWatchClient cloudWatch;

    public TargetGroupMetrics(CloudWatchClient cloudWatch) {
        this.cloudWatch = cloudWatch;
    }

    /**
     * What CloudWatch has of each minute.
     *
     * @param custom the user's metrics by name
     * @param values of the other queries, by their names and the start of the minute; a minute without a value is not there
     */
    public record Minutes(Map<String, Map<Instant, Double>> custom, Map<String, Map<Instant, Double>> values) {
        /**
         * What is usual, from the minutes before {@code until}.
         *
         * @param since those of the service itself count from here
         */
        public UsualUnanswered usual(Instant since, Instant until) {
            List<UnansweredRequests.Before> service = new ArrayList<>();
            List<UnansweredRequests.Before> others = new ArrayList<>();
            for (Instant minute : minutes("all", until)) {
                Counts live = counts("live", minute);
                others.add(before(counts("all", minute).minus(live, counts("candidate", minute)), minute));
                if (!minute.isBefore(since)) {
                    service.add(before(live, minute));
                }
            }
            return new UsualUnanswered(UnansweredRequests.Usual.of(service), UnansweredRequests.Usual.of(others));
        }

        /** With the failures among the requests that have no answer. */
        public Figures figures(UsualUnanswered usual) {
            Figures figures = new Figures(Group.none(), Group.none(), new TreeMap<>());
            Set<Instant> all = minutes("all", Instant.MAX);
            Set<Instant> minutes = new TreeSet<>(all);
            minutes.addAll(minutes("live", Instant.MAX));
            minutes.addAll(minutes("candidate", Instant.MAX));
            for (Instant minute : minutes) {
                Counts live = counts("live", minute);
                Counts candidate = counts("candidate", minute);
                Counts whole = all.contains(minute) ? counts("all", minute) : null;
                UnansweredRequests unanswered =
                        UnansweredRequests.of(errors(minute), live, candidate, whole, usual.service(), usual.others());
                add(figures.live, "live", minute, live, unanswered.live(), whole == null);
                add(figures.candidate, "candidate", minute, candidate, unanswered.candidate(), whole == null);
                if (unanswered.candidate().late()) {
                    long silent =
                            UnansweredRequests.silent(both(minute), both(minute.plusSeconds(MINUTE)), usual.service());
                    figures.candidate.mayHaveFailed(minute, sample("candidate", minute, silent));
                }
                if (whole != null) {
                    figures.neighbours.put(
                            minute, others(minute, unanswered.others().likely()));
                }
            }
            return figures;
        }

        private void add(
                Group group,
                String prefix,
                Instant minute,
                Counts counts,
                UnansweredRequests.Failures failures,
                boolean missing) {
            if (!has(prefix, minute)) {
                return;
            }
            boolean untimed = values.containsKey(prefix + "_timed")
                    && counts.answered() > 0
                    && count(prefix + "_timed", minute) == 0;
            if (missing || untimed || failures.late()) {
                group.incomplete.add(minute);
            }
            if (counts.answered() == 0 && failures.likely() == 0 && counts.requests() > 0) {
                return; // not a single figure but the requests: nothing is known of them
            }
            if (failures.doubtful()) {
                group.doubtful.add(minute);
            }
            group.least.put(minute, sample(prefix, minute, (long) Math.floor(failures.least())));
            group.samples.put(minute, sample(prefix, minute, failures.likely()));
            group.most.put(minute, sample(prefix, minute, Math.round(failures.most())));
        }

        private UnansweredRequests.Both both(Instant minute) {
            return new UnansweredRequests.Both(counts("live", minute), counts("candidate", minute));
        }

        private Sample others(Instant minute, long inTheirPlace) {
            Sample answered =
                    sample("all", minute, 0).minus(sample("live", minute, 0)).minus(sample("candidate", minute, 0));
            return new Sample(
                    answered.requests(),
                    answered.failures() + inTheirPlace,
                    answered.timed(),
                    answered.slow(),
                    answered.verySlow());
        }

        private Sample sample(String prefix, Instant minute, long inItsPlace) {
            return new Sample(
                    count(prefix + "_requests", minute),
                    count(prefix + "_5XX", minute) + inItsPlace,
                    count(prefix + "_timed", minute),
                    count(prefix + "_slow", minute),
                    count(prefix + "_tail", minute));
        }

        private UnansweredRequests.Before before(Counts counts, Instant minute) {
            return new UnansweredRequests.Before(counts, errors(minute));
        }

        private long errors(Instant minute) {
            return count("all_502", minute) + count("all_504", minute);
        }

        private Counts counts(String prefix, Instant minute) {
            long answered = CODES.stream()
                    .mapToLong(codes -> count(prefix + "_" + codes, minute))
                    .sum();
            return new Counts(count(prefix + "_requests", minute), answered, count(prefix + "_refused", minute));
        }

        private Set<Instant> minutes(String prefix, Instant until) {
            return new TreeMap<>(values.getOrDefault(prefix + "_requests", Map.of()))
                    .headMap(until)
                    .keySet();
        }

        private boolean has(String prefix, Instant minute) {
            return values.getOrDefault(prefix + "_requests", Map.of()).containsKey(minute);
        }

        /** What has no value is zero. */
        private long count(String id, Instant minute) {
            return Math.round(values.getOrDefault(id, Map.of()).getOrDefault(minute, 0.0));
        }
    }

    /**
     * By start of minute; a minute without a value is not there.
     *
     * @param neighbours what the other services of the load balancer did
     */
    public record Figures(Group live, Group candidate, Map<Instant, Sample> neighbours) {
        /**
         * Minutes before {@code until}. Up to {@code since} whatever release served, in either target group; from then on the live one, in its
         * own. A minute in which it cannot be told whose the errors of the load balancer are is none.
         */
        public BaselineHistory before(Instant since, Instant until) {
            TreeSet<Instant> minutes = new TreeSet<>(live.samples.keySet());
            minutes.addAll(candidate.samples.keySet());
            List<Sample> others = minutes.headSet(since.isBefore(until) ? since : until).stream()
                    .map(this::inEither)
                    .filter(Objects::nonNull)
                    .toList();
            List<Sample> own = live.samples.keySet().stream()
                    .filter(minute -> !minute.isBefore(since) && minute.isBefore(until))
                    .map(minute -> live.at(minute).known())
                    .filter(Objects::nonNull)
                    .toList();
            return new BaselineHistory(
                    Stream.concat(others.stream(), own.stream()).toList(), own.size());
        }

        private @Nullable Sample inEither(Instant minute) {
            Sample sum = Sample.NONE;
            for (Group group : List.of(live, candidate)) {
                if (group.samples.containsKey(minute)) {
                    Sample known = group.at(minute).known();
                    if (known == null) {
                        return null;
                    }
                    sum = sum.plus(known);
                }
            }
            return sum;
        }
    }

    /**
     * One target group.
     *
     * @param least of minutes with a request count, with as few failures as the group may have
     * @param samples the same with what is likely
     * @param most the same with as many as it may have; of a minute without any answer, of which nothing else is known, there is this alone
     * @param incomplete minutes of which figures may still come
     * @param doubtful minutes in which it is not known whose the load balancer's errors are
     */
    public record Group(
            Map<Instant, Sample> least,
            Map<Instant, Sample> samples,
            Map<Instant, Sample> most,
            Set<Instant> incomplete,
            Set<Instant> doubtful) {
        static Group none() {
            return new Group(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new HashSet<>(), new HashSet<>());
        }

        /** With as many failures as there may be in a minute whose answers do not come. */
        private void mayHaveFailed(Instant minute, Sample worst) {
            if (worst.failures() > 0) {
                most.merge(minute, worst, (one, other) -> one.failures() > other.failures() ? one : other);
            }
        }

        public GroupMinute at(Instant minute) {
            return new GroupMinute(
                    least.get(minute),
                    samples.get(minute),
                    most.get(minute),
                    !samples.containsKey(minute) || incomplete.contains(minute),
                    doubtful.contains(minute));
        }
    }

    /**
     * One target group in one minute, as {@link Group} has it; null without figures.
     *
     * @param late whether figures may still come
     * @param doubtful whether it is not known whose the load balancer's errors are
     */
    public record GroupMinute(
            @Nullable Sample least,
            @Nullable Sample likely,
            @Nullable Sample most,
            boolean late,
            boolean doubtful) {
        /** What is known; null if nothing, or not enough to tell how many failed. */
        public @Nullable Sample known() {
            return doubtful ? null : likely;
        }

        /** With as many failures as it may have, where that is in doubt. */
        public @Nullable Sample atWorst() {
            return doubtful ? most : likely;
        }
    }

    /**
     * Minutes that start in {@code from} (inclusive) to {@code to} (exclusive), both full minutes. Where the spec names metrics, those of
     * {@link #OWN_LAG} before {@code to} at the least.
     *
     * @param neighbours whether the times of the other services of the load balancer are asked for, too
     */
    public Minutes read(
            TargetGroups groups, RolloutSettings.VerdictRules rules, boolean neighbours, Instant from, Instant to) {
        List<MetricDataQuery> queries = new ArrayList<>(queries(groups, rules.slowMillis()));
        if (neighbours) {
            queries.addAll(times("all", List.of(balancer(groups.loadBalancer())), rules.slowMillis()));
        }
        for (int i = 0; i < rules.metrics().size(); i++) {
            queries.add(customQuery("own" + i, rules.metrics().get(i)));
        }
        Instant back = rules.metrics().isEmpty() ? from : to.minus(OWN_LAG);
        Map<String, Map<Instant, Double>> values = values(queries, back.isBefore(from) ? back : from, to);
        Map<String, Map<Instant, Double>> own = new HashMap<>();
        for (int i = 0; i < rules.metrics().size(); i++) {
            own.put(rules.metrics().get(i).name(), values.getOrDefault("own" + i, Map.of()));
        }
        return new Minutes(own, values);
    }

    public Map<String, Map<Instant, Double>> values(List<MetricDataQuery> queries, Instant from, Instant to) {
        Map<String, Map<Instant, Double>> values = new HashMap<>();
        GetMetricDataRequest request = GetMetricDataRequest.builder()
                .metricDataQueries(queries)
                .startTime(from)
                .endTime(to)
                .build();
        for (MetricDataResult result :
                cloudWatch.getMetricDataPaginator(request).metricDataResults()) {
            Map<Instant, Double> series = values.computeIfAbsent(result.id(), id -> new TreeMap<>());
            for (int i = 0; i < result.timestamps().size(); i++) {
                series.put(result.timestamps().get(i), result.values().get(i));
            }
        }
        return values;
    }

    /** Of both target groups, and of the whole load balancer what tells whose its errors are. */
    public static List<MetricDataQuery> queries(TargetGroups groups, @Nullable Integer slowMillis) {
        Dimension balancer = balancer(groups.loadBalancer());
        List<MetricDataQuery> queries = new ArrayList<>();
        queries.addAll(group("live", balancer, groups.live(), slowMillis));
        queries.addAll(group("candidate", balancer, groups.candidate(), slowMillis));
        queries.addAll(counts("all", List.of(balancer)));
        queries.add(query("all_502", "HTTPCode_ELB_502_Count", "Sum", List.of(balancer)));
        queries.add(query("all_504", "HTTPCode_ELB_504_Count", "Sum", List.of(balancer)));
        return queries;
    }

    private static List<MetricDataQuery> group(
            String prefix, Dimension balancer, String group, @Nullable Integer slowMillis) {
        List<Dimension> dimensions =
                List.of(balancer, dimension("TargetGroup", group.substring(group.lastIndexOf(':') + 1)));
        List<MetricDataQuery> queries = new ArrayList<>(counts(prefix, dimensions));
        queries.addAll(times(prefix, dimensions, slowMillis));
        return queries;
    }

    private static List<MetricDataQuery> counts(String prefix, List<Dimension> dimensions) {
        List<MetricDataQuery> queries = new ArrayList<>();
        queries.add(query(prefix + "_requests", "RequestCount", "Sum", dimensions));
        for (String codes : CODES) {
            queries.add(query(prefix + "_" + codes, "HTTPCode_Target_%s_Count".formatted(codes), "Sum", dimensions));
        }
        queries.add(query(prefix + "_refused", "TargetConnectionErrorCount", "Sum", dimensions));
        return queries;
    }

    private static Dimension balancer(String arn) {
        return dimension("LoadBalancer", arn.substring(arn.indexOf(":loadbalancer/") + ":loadbalancer/".length()));
    }

    private static List<MetricDataQuery> times(
            String prefix, List<Dimension> dimensions, @Nullable Integer slowMillis) {
        List<MetricDataQuery> queries = new ArrayList<>();
        if (slowMillis != null) {
            queries.add(query(prefix + "_timed", "TargetResponseTime", "SampleCount", dimensions));
            queries.add(query(prefix + "_slow", "TargetResponseTime", beyond(slowMillis), dimensions));
            queries.add(query(prefix + "_tail", "TargetResponseTime", beyond(2 * slowMillis), dimensions));
        }
        return queries;
    }

    /** How many took longer. */
    private static String beyond(int millis) {
        return "TC(%s:)"
                .formatted(BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString());
    }

    private static MetricDataQuery query(String id, String metric, String statistic, List<Dimension> dimensions) {
        return query(id, NAMESPACE, metric, statistic, dimensions);
    }

    /** The query of a metric of the user's own. */
    public static MetricDataQuery customQuery(String id, RolloutSettings.VerdictRules.Metric metric) {
        List<Dimension> dimensions = metric.dimensions().entrySet().stream()
                .map(entry -> dimension(entry.getKey(), entry.getValue()))
                .toList();
        return query(id, metric.namespace(), metric.metric(), metric.statistic(), dimensions);
    }

    public static MetricDataQuery query(
            String id, String namespace, String metric, String statistic, List<Dimension> dimensions) {
        return MetricDataQuery.builder()
                .id(id)
                .metricStat(MetricStat.builder()
                        .metric(Metric.builder()
                                .namespace(namespace)
                                .metricName(metric)
                                .dimensions(dimensions)
                                .build())
                        .period(MINUTE)
                        .stat(statistic)
                        .build())
                .build();
    }

    private static Dimension dimension(String name, String value) {
        return Dimension.builder().name(name).value(value).build();
    }
}
