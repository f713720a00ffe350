package dev.slipway.simulated.cloudwatch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.simulated.aws.SimulatedAws;
import dev.slipway.simulated.ecs.EcsState;
import dev.slipway.simulated.waf.SimulatedWaf;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
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
    private final UtilizationMetrics utilization;
    private final EventMetrics events;
    private final Map<String, String> dashboards = new TreeMap<>();

    public SimulatedCloudWatch(SimulatedAws aws, EcsState ecs, MetricSource loadBalancing, SimulatedWaf waf) {
        this.custom = new CustomMetrics(aws);
        this.utilization = new UtilizationMetrics(ecs, loadBalancing);
        this.events = new EventMetrics(aws);
        this.data = new MetricData(
                loadBalancing, utilization, new UsageMetrics(ecs), events, new FirewallMetrics(aws, waf), custom);
        this.queries = new MetricQueries(data);
        this.alarms = new SimulatedAlarms(aws, data);
    }

    /** Who gets the ARN of an alarm's action and the message for it. */
    public void actions(BiConsumer<String, String> receiver) {
        alarms.actions(receiver);
    }

    /** From now on alarms whose names begin so are not evaluated: weeks pass quickly for whoever looks at none of them. */
    public void alarmsRest(String prefix) {
        alarms.rest(prefix);
    }

    /** A rule of EventBridge, of which AWS/Events counts what it matches; null where it is gone. */
    public void rule(String name, @Nullable JsonNode pattern) {
        events.rule(name, pattern);
    }

    /** What the tasks of a service use of their memory from now on, in percent: 40 unless set. */
    public void memory(String service, double percent) {
        utilization.memory(service, percent);
    }

    /** A data point of AWS's own that nothing here makes by itself, such as those of NAT gateways, in the minute of now. */
    public void measure(String namespace, String metric, Map<String, String> dimensions, double value) {
        custom.measure(namespace, metric, dimensions, value);
    }

    @Override
    public PutCompositeAlarmResponse putCompositeAlarm(PutCompositeAlarmRequest request) {
        alarms.put(request);
        return PutCompositeAlarmResponse.builder().build();
    }

    /** PutDashboard: names have letters, digits, - and _; a body that is no JSON is refused. */
    @Override
    public PutDashboardResponse putDashboard(PutDashboardRequest request) {
        if (request.dashboardName() == null || !request.dashboardName().matches("[A-Za-z0-9_-]{1,255}")) {
            throw CloudWatchErrors.invalid("The field DashboardName has an invalid value.");
        }
        try {
            if (!new ObjectMapper()
                    .readTree(request.dashboardBody())
                    .path("widgets")
                    .isArray()) {
                throw CloudWatchErrors.invalid("The dashboard body is invalid: it has no widgets.");
            }
        } catch (JsonProcessingException e) {
            throw CloudWatchErrors.invalid("The dashboard body is invalid: " + e.getOriginalMessage());
        }
        dashboards.put(request.dashboardName(), request.dashboardBody());
        return PutDashboardResponse.builder().build();
    }

    @Override
    public GetDashboardResponse getDashboard(GetDashboardRequest request) {
        String body = dashboards.get(request.dashboardName());
        if (body == null) {
            throw CloudWatchErrors.noAlarm(request.dashboardName());
        }
        return GetDashboardResponse.builder()
                .dashboardName(request.dashboardName())
                .dashboardBody(body)
                .build();
    }

    @Override
    public DeleteDashboardsResponse deleteDashboards(DeleteDashboardsRequest request) {
        request.dashboardNames().forEach(dashboards::remove);
        return DeleteDashboardsResponse.builder().build();
    }

    /** OK, ALARM or INSUFFICIENT_DATA, which an alarm that does not exist has too. */
    public String state(String alarm) {
        SimulatedAlarm found = alarms.find(alarm);
        CompositeAlarms.Composite composite = alarms.composites().find(alarm);
        StateValue otherwise = composite == null ? StateValue.INSUFFICIENT_DATA : composite.state;
        return (found == null ? otherwise : found.state).toString();
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
        // "If you omit this parameter, only metric alarms are returned."
        List<CompositeAlarm> composites = request.alarmTypes().contains(AlarmType.COMPOSITE_ALARM)
                ? alarms.composites().all().stream()
                        .filter(alarm -> request.alarmNames().isEmpty()
                                || request.alarmNames().contains(alarm.settings.alarmName()))
                        .filter(alarm -> request.alarmNamePrefix() == null
                                || alarm.settings.alarmName().startsWith(request.alarmNamePrefix()))
                        .filter(alarm -> request.stateValue() == null || alarm.state == request.stateValue())
                        .map(CompositeAlarms.Composite::view)
                        .toList()
                : List.of();
        int from = offset(request.nextToken());
        int size = request.maxRecords() == null ? PAGE : request.maxRecords();
        int to = Math.min(found.size(), from + size);
        return DescribeAlarmsResponse.builder()
                .metricAlarms(metricAlarms ? found.subList(Math.min(from, to), to) : List.of())
                .compositeAlarms(composites)
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
