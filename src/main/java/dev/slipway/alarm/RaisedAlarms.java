package dev.slipway.alarm;

import dev.slipway.id.EnvironmentId;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.CompositeAlarm;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsRequest;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/** The alarms of an environment's services that are in ALARM, all by one call unless there are more than a hundred. */
public record RaisedAlarms(CloudWatchClient cloudWatch) {
    private static final int PAGES = 10;

    /** What the alarms tell of, in words such as {@code failed, slow}, by the service's name. */
    public Map<String, String> of(EnvironmentId id) {
        String prefix = id.stackName() + "/";
        Map<String, String> raised = new HashMap<>();
        @Nullable String next = null;
        for (int page = 0; page < PAGES && (page == 0 || next != null); page++) {
            DescribeAlarmsResponse found = cloudWatch.describeAlarms(DescribeAlarmsRequest.builder()
                    .alarmNamePrefix(prefix)
                    .alarmTypes(AlarmType.METRIC_ALARM, AlarmType.COMPOSITE_ALARM)
                    .stateValue(StateValue.ALARM)
                    .maxRecords(AlarmStates.MOST)
                    .nextToken(next)
                    .build());
            Stream.concat(
                            found.metricAlarms().stream().map(MetricAlarm::alarmName),
                            found.compositeAlarms().stream().map(CompositeAlarm::alarmName))
                    .filter(name -> name.startsWith(prefix) && AlarmStates.isIncident(name))
                    .map(name -> name.substring(prefix.length()))
                    .filter(name -> name.contains("/"))
                    .sorted()
                    .forEach(name -> raised.merge(
                            name.substring(0, name.indexOf('/')),
                            name.substring(name.indexOf('/') + 1),
                            (before, more) -> before + ", " + more));
            next = found.nextToken();
        }
        return raised;
    }
}
