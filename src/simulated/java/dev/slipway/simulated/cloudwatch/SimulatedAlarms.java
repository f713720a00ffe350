package dev.slipway.simulated.cloudwatch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
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
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/** The alarms of the account, each looked at once a minute as long as there is one. */
final class SimulatedAlarms {
    private static final ObjectMapper JSON = new ObjectMapper();
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
    private boolean watching;

    SimulatedAlarms(SimulatedAws aws, MetricData data) {
        this.aws = aws;
        this.data = data;
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
        if (!request.metrics().isEmpty()) {
            throw CloudWatchErrors.validation("Alarms on metric math are not simulated.");
        }
        require("MetricName", request.metricName());
        require("Namespace", request.namespace());
        require("ComparisonOperator", request.comparisonOperator());
        require("EvaluationPeriods", request.evaluationPeriods());
        require("Threshold", request.threshold());
        require("Period", request.period());
        if ((request.statistic() == null) == (request.extendedStatistic() == null)) {
            throw CloudWatchErrors.combination("Exactly one of Statistic and ExtendedStatistic must be specified.");
        }
        MetricStatistic.named(request.statistic() != null ? request.statisticAsString() : request.extendedStatistic());
        if (!COMPARISONS.contains(request.comparisonOperator())) {
            throw CloudWatchErrors.validation("Alarms on anomaly detection are not simulated.");
        }
        if (request.period() < 60 || request.period() % 60 != 0) {
            throw CloudWatchErrors.validation("Period must be a multiple of 60 for a metric of standard resolution.");
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

    private static void require(String name, @Nullable Object value) {
        if (value == null) {
            throw CloudWatchErrors.missing(name);
        }
    }

    /** DeleteAlarms: "If you specify any incorrect alarm names, the alarms you specify with correct names are still deleted." */
    void delete(List<String> names) {
        names.forEach(alarms::remove);
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
    }

    private void watch() {
        if (!watching && !alarms.isEmpty()) {
            watching = true;
            aws.clock().after(EVERY, () -> {
                watching = false;
                List.copyOf(alarms.values()).forEach(this::evaluate);
                watch();
            });
        }
    }

    private void evaluate(SimulatedAlarm alarm) {
        long period = alarm.periodMillis();
        int periods = alarm.settings.evaluationPeriods();
        // Only periods that are over.
        long to = aws.clock().instant().toEpochMilli() / period * period;
        long from = to - (periods + EXTRA_PERIODS) * period;
        NavigableMap<Long, Double> series = data.series(alarm.metric(), alarm.statistic(), from, to, period);
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
        aws.emit("aws.cloudwatch", "CloudWatch Alarm State Change", List.of(alarm.arn), detail);
    }

    private static void state(ObjectNode node, SimulatedAlarm alarm) {
        node.put("value", alarm.state.toString());
        node.put("reason", alarm.reason);
        node.put("timestamp", alarm.changedAt.toString());
    }

    private static void configuration(ObjectNode node, SimulatedAlarm alarm) {
        node.put("description", Objects.requireNonNullElse(alarm.settings.alarmDescription(), ""));
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
