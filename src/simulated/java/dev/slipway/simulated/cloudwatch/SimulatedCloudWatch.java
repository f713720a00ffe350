package dev.slipway.simulated.cloudwatch;

import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.ecs.EcsState;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.*;

/** CloudWatch metrics and alarms in memory. */
public final class SimulatedCloudWatch implements CloudWatchClient {
    private static final int PAGE = 50;

    private final MetricData data;
    private final CustomMetrics custom;
    private final MetricQueries queries;
    private final SimulatedAlarms alarms;

    public SimulatedCloudWatch(SimulatedAws aws, EcsState ecs, MetricSource loadBalancing) {
        this.custom = new CustomMetrics(aws);
        this.data = new MetricData(
                loadBalancing, new UtilizationMetrics(ecs, loadBalancing), new UsageMetrics(ecs), custom);
        this.queries = new MetricQueries(data);
        this.alarms = new SimulatedAlarms(aws, data);
    }

    /** OK, ALARM or INSUFFICIENT_DATA, which an alarm that does not exist has too. */
    public String state(String alarm) {
        SimulatedAlarm found = alarms.find(alarm);
        return (found == null ? StateValue.INSUFFICIENT_DATA : found.state).toString();
    }

    public void quota(double vCpus) {
        data.usage().quota(vCpus);
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}

    @Override
    public GetMetricDataResponse getMetricData(GetMetricDataRequest request) {
        return queries.get(request);
    }

    @Override
    public PutMetricDataResponse putMetricData(PutMetricDataRequest request) {
        custom.put(request);
        return PutMetricDataResponse.builder().build();
    }

    @Override
    public PutMetricAlarmResponse putMetricAlarm(PutMetricAlarmRequest request) {
        alarms.put(request);
        return PutMetricAlarmResponse.builder().build();
    }

    @Override
    public DeleteAlarmsResponse deleteAlarms(DeleteAlarmsRequest request) {
        alarms.delete(request.alarmNames());
        return DeleteAlarmsResponse.builder().build();
    }

    @Override
    public SetAlarmStateResponse setAlarmState(SetAlarmStateRequest request) {
        if (request.stateReason() == null) {
            throw CloudWatchErrors.missing("StateReason");
        }
        if (request.stateValue() == null || request.stateValue() == StateValue.UNKNOWN_TO_SDK_VERSION) {
            throw CloudWatchErrors.validation(
                    "The value %s for parameter StateValue is not valid.".formatted(request.stateValueAsString()));
        }
        alarms.set(request.alarmName(), request.stateValue(), request.stateReason());
        return SetAlarmStateResponse.builder().build();
    }

    /** DescribeAlarms: names that do not exist are not in the answer. */
    @Override
    public DescribeAlarmsResponse describeAlarms(DescribeAlarmsRequest request) {
        if (!request.alarmNames().isEmpty() && request.alarmNamePrefix() != null) {
            throw CloudWatchErrors.combination("AlarmNames and AlarmNamePrefix are mutually exclusive.");
        }
        if (request.alarmNames().size() > 100) {
            throw CloudWatchErrors.validation("The collection AlarmNames must not have a size greater than 100.");
        }
        List<MetricAlarm> found = alarms.all().stream()
                .filter(alarm ->
                        request.alarmNames().isEmpty() || request.alarmNames().contains(alarm.settings.alarmName()))
                .filter(alarm -> request.alarmNamePrefix() == null
                        || alarm.settings.alarmName().startsWith(request.alarmNamePrefix()))
                .filter(alarm -> request.stateValue() == null || alarm.state == request.stateValue())
                .map(SimulatedAlarm::view)
                .toList();
        boolean metricAlarms =
                request.alarmTypes().isEmpty() || request.alarmTypes().contains(AlarmType.METRIC_ALARM);
        int from = offset(request.nextToken());
        int size = request.maxRecords() == null ? PAGE : request.maxRecords();
        int to = Math.min(found.size(), from + size);
        return DescribeAlarmsResponse.builder()
                .metricAlarms(metricAlarms ? found.subList(Math.min(from, to), to) : List.of())
                .compositeAlarms(List.of())
                .nextToken(metricAlarms && to < found.size() ? "from-" + to : null)
                .build();
    }

    private static int offset(@Nullable String token) {
        if (token == null) {
            return 0;
        }
        if (!token.matches("from-\\d{1,6}")) {
            throw CloudWatchErrors.badToken();
        }
        return Integer.parseInt(token.substring("from-".length()));
    }
}
