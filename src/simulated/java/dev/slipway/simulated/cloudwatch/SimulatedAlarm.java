package dev.slipway.simulated.cloudwatch;

import java.time.Instant;
import java.util.Objects;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/** An alarm on one metric, and its state. */
final class SimulatedAlarm {
    final PutMetricAlarmRequest settings;
    final String arn;
    final Instant configuredAt;
    StateValue state;
    String reason;
    Instant changedAt;

    SimulatedAlarm(PutMetricAlarmRequest settings, String arn, StateValue state, String reason, Instant now) {
        this.settings = settings;
        this.arn = arn;
        this.configuredAt = now;
        this.state = state;
        this.reason = reason;
        this.changedAt = now;
    }

    MetricName metric() {
        return MetricName.of(settings.namespace(), settings.metricName(), settings.dimensions());
    }

    MetricStatistic statistic() {
        return MetricStatistic.named(
                settings.statistic() != null ? settings.statisticAsString() : settings.extendedStatistic());
    }

    long periodMillis() {
        return settings.period() * 1000L;
    }

    /** "If omitted, it is the same as EvaluationPeriods." */
    int datapointsToAlarm() {
        return Objects.requireNonNullElse(settings.datapointsToAlarm(), settings.evaluationPeriods());
    }

    String treatMissingData() {
        return Objects.requireNonNullElse(settings.treatMissingData(), "missing");
    }

    boolean breaches(double value) {
        double threshold = settings.threshold();
        return switch (settings.comparisonOperator()) {
            case GREATER_THAN_OR_EQUAL_TO_THRESHOLD -> value >= threshold;
            case GREATER_THAN_THRESHOLD -> value > threshold;
            case LESS_THAN_THRESHOLD -> value < threshold;
            case LESS_THAN_OR_EQUAL_TO_THRESHOLD -> value <= threshold;
            default ->
                throw new IllegalStateException("checked when it was put: " + settings.comparisonOperatorAsString());
        };
    }

    MetricAlarm view() {
        return MetricAlarm.builder()
                .alarmName(settings.alarmName())
                .alarmArn(arn)
                .alarmDescription(settings.alarmDescription())
                .alarmConfigurationUpdatedTimestamp(configuredAt)
                .actionsEnabled(!Boolean.FALSE.equals(settings.actionsEnabled()))
                .okActions(settings.okActions())
                .alarmActions(settings.alarmActions())
                .insufficientDataActions(settings.insufficientDataActions())
                .stateValue(state)
                .stateReason(reason)
                .stateUpdatedTimestamp(changedAt)
                .stateTransitionedTimestamp(changedAt)
                .metricName(settings.metricName())
                .namespace(settings.namespace())
                .statistic(settings.statistic())
                .extendedStatistic(settings.extendedStatistic())
                .dimensions(settings.dimensions())
                .period(settings.period())
                .unit(settings.unit())
                .evaluationPeriods(settings.evaluationPeriods())
                .datapointsToAlarm(settings.datapointsToAlarm())
                .threshold(settings.threshold())
                .comparisonOperator(settings.comparisonOperator())
                .treatMissingData(settings.treatMissingData())
                .build();
    }
}
