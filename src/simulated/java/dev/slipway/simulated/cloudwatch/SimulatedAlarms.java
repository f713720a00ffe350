package dev.slipway.simulated.cloudwatch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.PutCompositeAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/** The alarms of the account, each looked at once a minute as long as there is one. */
final class SimulatedAlarms {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHANGE = "CloudWatch Alarm State Change";
    /** PutMetricAlarm: "up to 20 structures in the array". */
    private static final int MOST_METRICS = 20;

    private static final Duration EVERY = Duration.ofMinutes(1);
    /** Assumed (docs/assumptions.md): how many periods the evaluation range has beyond those that are evaluated. */
    private static final int EXTRA_PERIODS = 3;

    private static final Set<String> TREATMENTS = Set.of("missing", "ignore", "breaching", "notBreaching");
    private static final Set<ComparisonOperator> COMPARISONS = EnumSet.of(
            ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            ComparisonOperator.GREATER_THAN_THRESHOLD,
            ComparisonOperator.LESS_THAN_THRESHOLD,
            ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD);

    private final SimulatedAws aws;
    private final MetricData data;
    private final Map<String, SimulatedAlarm> alarms = new TreeMap<>();
    private final CompositeAlarms composites = new CompositeAlarms();
    private BiConsumer<String, String> actions = (topic, message) -> {};
    private boolean watching;
    private @Nullable String resting;

    SimulatedAlarms(SimulatedAws aws, MetricData data) {
        this.aws = aws;
        this.data = data;
    }

    /** Who gets the ARN of an action and its message. */
    void actions(BiConsumer<String, String> receiver) {
        actions = receiver;
    }

    Collection<SimulatedAlarm> all() {
        return alarms.values();
    }

    @Nullable
    SimulatedAlarm find(String name) {
        return alarms.get(name);
    }

    /** Makes or replaces an alarm. One that is replaced keeps its state until it is next evaluated. */
    void put(PutMetricAlarmRequest request) {
        check(request);
        Instant now = aws.clock().instant();
        SimulatedAlarm old = alarms.get(request.alarmName());
        SimulatedAlarm alarm = new SimulatedAlarm(
                request,
                aws.arn("cloudwatch", "alarm:" + request.alarmName()),
                old == null ? StateValue.INSUFFICIENT_DATA : old.state,
                old == null ? "Unchecked: Initial alarm creation" : old.reason,
                now);
        if (old != null) {
            alarm.changedAt = old.changedAt;
        }
        alarms.put(request.alarmName(), alarm);
        watch();
    }

    private static void check(PutMetricAlarmRequest request) {
        require("AlarmName", request.alarmName());
        require("ComparisonOperator", request.comparisonOperator());
        require("EvaluationPeriods", request.evaluationPeriods());
        require("Threshold", request.threshold());
        if (request.metrics().isEmpty()) {
            checkMetric(request);
        } else {
            checkMath(request);
        }
        if (!COMPARISONS.contains(request.comparisonOperator())) {
            throw CloudWatchErrors.validation("Alarms on anomaly detection are not simulated.");
        }
        if (request.evaluationPeriods() < 1
                || request.datapointsToAlarm() != null
                        && (request.datapointsToAlarm() < 1
                                || request.datapointsToAlarm() > request.evaluationPeriods())) {
            throw CloudWatchErrors.validation("DatapointsToAlarm must be between 1 and EvaluationPeriods.");
        }
        if (request.treatMissingData() != null && !TREATMENTS.contains(request.treatMissingData())) {
            throw CloudWatchErrors.validation(
                    "Option %s is not supported for TreatMissingData parameter.".formatted(request.treatMissingData()));
        }
    }

    private static void checkMetric(PutMetricAlarmRequest request) {
        require("MetricName", request.metricName());
        require("Namespace", request.namespace());
        require("Period", request.period());
        if ((request.statistic() == null) == (request.extendedStatistic() == null)) {
            throw CloudWatchErrors.combination("Exactly one of Statistic and ExtendedStatistic must be specified.");
        }
        MetricStatistic.named(request.statistic() != null ? request.statisticAsString() : request.extendedStatistic());
        checkPeriod(request.period());
    }

    /** "If you use the Metrics parameter, you cannot include" those of a single metric; one alone returns data. */
    private static void checkMath(PutMetricAlarmRequest request) {
        if (request.metricName() != null || request.namespace() != null || request.period() != null) {
            throw CloudWatchErrors.combination("Metrics and MetricName are mutually exclusive.");
        }
        if (request.metrics().size() > MOST_METRICS) {
            throw CloudWatchErrors.validation(
                    "The collection Metrics must not have a size greater than %d.".formatted(MOST_METRICS));
        }
        if (SimulatedAlarm.watched(request).isEmpty()) {
            throw CloudWatchErrors.validation("Exactly one element of the metrics list should return data.");
        }
        request.metrics().stream().filter(query -> query.metricStat() != null).forEach(query -> {
            MetricStatistic.named(query.metricStat().stat());
            checkPeriod(query.metricStat().period());
        });
        Map<String, MetricDataQuery> all = new TreeMap<>();
        request.metrics().forEach(query -> all.put(query.id(), query));
        MetricQueries.series(SimulatedAlarm.watched(request).orElseThrow(), all, _ -> new TreeMap<>());
    }

    private static void checkPeriod(int period) {
        if (period < 60 || period % 60 != 0) {
            throw CloudWatchErrors.validation("Period must be a multiple of 60 for a metric of standard resolution.");
        }
    }

    private static void require(String name, @Nullable Object value) {
        if (value == null) {
            throw CloudWatchErrors.missing(name);
        }
    }

    /** DeleteAlarms: "If you specify any incorrect alarm names, the alarms you specify with correct names are still deleted." */
    void delete(List<String> names) {
        names.stream()
                .filter(name -> alarms.containsKey(name) && composites.need(name))
                .filter(name -> names.stream().noneMatch(other -> composites.find(other) != null))
                .findFirst()
                .ifPresent(name -> {
                    throw CloudWatchErrors.validation(
                            "Cannot delete %s as there are primary alarm(s) depending on it.".formatted(name));
                });
        names.forEach(alarms::remove);
        names.forEach(composites::remove);
        names.stream().filter(name -> name.isEmpty()).findFirst().ifPresent(name -> {
            throw CloudWatchErrors.validation("AlarmNames must not be empty.");
        });
    }

    /** Until the next evaluation: "the alarm returns to its actual state (often within seconds)". */
    void set(String name, StateValue state, String reason) {
        SimulatedAlarm alarm = alarms.get(name);
        if (alarm == null) {
            throw CloudWatchErrors.noAlarm(name);
        }
        become(alarm, state, reason);
        evaluateComposites();
    }

    /** Makes or replaces a composite alarm, which "is then evaluated". */
    void put(PutCompositeAlarmRequest request) {
        composites.put(
                request,
                aws.arn("cloudwatch", "alarm:" + request.alarmName()),
                this::stateOrNull,
                aws.clock().instant());
        evaluateComposites();
        watch();
    }

    CompositeAlarms composites() {
        return composites;
    }

    /** From now on those whose names begin so are not evaluated: for whoever lets weeks pass and looks at none. */
    void rest(String prefix) {
        resting = prefix;
    }

    private @Nullable StateValue stateOrNull(String name) {
        SimulatedAlarm alarm = alarms.get(name);
        if (alarm != null) {
            return alarm.state;
        }
        CompositeAlarms.Composite composite = composites.find(name);
        return composite == null ? null : composite.state;
    }

    private void watch() {
        if (!watching && alarms.keySet().stream().anyMatch(this::isWatched)) {
            watching = true;
            aws.clock().after(EVERY, () -> {
                watching = false;
                List.copyOf(alarms.values()).stream()
                        .filter(alarm -> isWatched(alarm.settings.alarmName()))
                        .forEach(this::evaluate);
                evaluateComposites();
                watch();
            });
        }
    }

    private boolean isWatched(String alarm) {
        return resting == null || !alarm.startsWith(resting);
    }

    private void evaluateComposites() {
        Instant now = aws.clock().instant();
        for (CompositeAlarms.Composite composite : List.copyOf(composites.all())) {
            if (!isWatched(composite.settings.alarmName())) {
                continue;
            }
            StateValue next = composite.rule.holds(
                            name -> Objects.requireNonNullElse(stateOrNull(name), StateValue.INSUFFICIENT_DATA))
                    ? StateValue.ALARM
                    : StateValue.OK;
            if (next != composite.state) {
                String before = composite.state.toString();
                composite.state = next;
                composite.changedAt = now;
                composite.reason = composite.rule.alarms().stream()
                        .filter(name -> stateOrNull(name) == StateValue.ALARM)
                        .map(name -> aws.arn("cloudwatch", "alarm:" + name) + " is in ALARM")
                        .collect(Collectors.joining("; "));
                ObjectNode detail = JSON.createObjectNode();
                detail.put("alarmName", composite.settings.alarmName());
                detail.putObject("previousState").put("value", before);
                detail.putObject("state").put("value", next.toString()).put("reason", composite.reason);
                detail.putObject("configuration").put("alarmRule", composite.settings.alarmRule());
                emit(composite.arn, detail);
            }
            String suppressor = composite.settings.actionsSuppressor();
            SimulatedAlarm suppressing = suppressor == null ? null : alarms.get(AlarmRule.name(suppressor));
            boolean acts = CompositeAlarms.acts(
                    composite,
                    suppressing == null ? null : suppressing.state,
                    suppressing == null ? null : suppressing.changedAt,
                    now);
            if (acts && composite.told != composite.state) {
                composite.told = composite.state;
                if (!Boolean.FALSE.equals(composite.settings.actionsEnabled())) {
                    tell(
                            composite.state == StateValue.ALARM
                                    ? composite.settings.alarmActions()
                                    : composite.settings.okActions(),
                            composite.settings.alarmName(),
                            composite.settings.alarmDescription(),
                            composite.state,
                            composite.reason);
                }
            }
        }
    }

    /** What is sent to a topic has the words of a notification by CloudWatch. */
    private void tell(List<String> topics, String name, @Nullable String description, StateValue state, String reason) {
        ObjectNode message = JSON.createObjectNode();
        message.put("AlarmName", name);
        message.put("AlarmDescription", description);
        message.put("NewStateValue", state.toString());
        message.put("NewStateReason", reason);
        message.put("StateChangeTime", aws.clock().instant().toString());
        topics.forEach(topic -> actions.accept(topic, message.toString()));
    }

    private void evaluate(SimulatedAlarm alarm) {
        long period = alarm.periodMillis();
        int periods = alarm.settings.evaluationPeriods();
        // Only periods that are over.
        long to = aws.clock().instant().toEpochMilli() / period * period;
        long from = to - (periods + EXTRA_PERIODS) * period;
        NavigableMap<Long, Double> series =
                alarm.series(data, from, to, aws.clock().instant().toEpochMilli());
        List<AlarmEvaluation.Point> points = new ArrayList<>();
        for (long at = from; at < to; at += period) {
            Double value = series.get(at);
            points.add(
                    value == null
                            ? AlarmEvaluation.Point.MISSING
                            : alarm.breaches(value) ? AlarmEvaluation.Point.BREACHING : AlarmEvaluation.Point.FINE);
        }
        StateValue verdict =
                AlarmEvaluation.of(points, periods, alarm.datapointsToAlarm(), alarm.treatMissingData(), alarm.state);
        become(
                alarm,
                verdict,
                "Threshold Crossed: %d out of the last %d datapoints were breaching the threshold (%s)."
                        .formatted(
                                points.stream()
                                        .filter(point -> point == AlarmEvaluation.Point.BREACHING)
                                        .count(),
                                points.size(),
                                alarm.settings.threshold()));
    }

    /** Only a change of state is an event. */
    private void become(SimulatedAlarm alarm, StateValue state, String reason) {
        if (alarm.state == state) {
            return;
        }
        ObjectNode detail = JSON.createObjectNode();
        detail.put("alarmName", alarm.settings.alarmName());
        state(detail.putObject("previousState"), alarm);
        alarm.state = state;
        alarm.reason = reason;
        alarm.changedAt = aws.clock().instant();
        state(detail.putObject("state"), alarm);
        configuration(detail.putObject("configuration"), alarm);
        emit(alarm.arn, detail);
        if (!Boolean.FALSE.equals(alarm.settings.actionsEnabled())) {
            tell(
                    switch (state) {
                        case ALARM -> alarm.settings.alarmActions();
                        case OK -> alarm.settings.okActions();
                        default -> alarm.settings.insufficientDataActions();
                    },
                    alarm.settings.alarmName(),
                    alarm.settings.alarmDescription(),
                    state,
                    reason);
        }
    }

    /** Its id takes nothing from the seed: alarms come and go with the traffic. */
    private void emit(String arn, ObjectNode detail) {
        String id = arn + aws.clock().instant();
        aws.emit(
                UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)).toString(),
                "aws.cloudwatch",
                CHANGE,
                List.of(arn),
                detail);
    }

    private static void state(ObjectNode node, SimulatedAlarm alarm) {
        node.put("value", alarm.state.toString());
        node.put("reason", alarm.reason);
        node.put("timestamp", alarm.changedAt.toString());
    }

    private static void configuration(ObjectNode node, SimulatedAlarm alarm) {
        node.put("description", Objects.requireNonNullElse(alarm.settings.alarmDescription(), ""));
        if (!alarm.settings.metrics().isEmpty()) {
            ArrayNode queries = node.putArray("metrics");
            alarm.settings
                    .metrics()
                    .forEach(query -> queries.addObject()
                            .put("id", query.id())
                            .put("returnData", !Boolean.FALSE.equals(query.returnData())));
            return;
        }
        ObjectNode query = node.putArray("metrics").addObject();
        query.put("id", "m1");
        query.put("returnData", true);
        ObjectNode stat = query.putObject("metricStat");
        stat.put("period", alarm.settings.period());
        stat.put(
                "stat",
                alarm.settings.statistic() != null
                        ? alarm.settings.statisticAsString()
                        : alarm.settings.extendedStatistic());
        ObjectNode metric = stat.putObject("metric");
        metric.put("namespace", alarm.settings.namespace());
        metric.put("name", alarm.settings.metricName());
        ObjectNode dimensions = metric.putObject("dimensions");
        alarm.settings.dimensions().forEach(dimension -> dimensions.put(dimension.name(), dimension.value()));
    }
}
