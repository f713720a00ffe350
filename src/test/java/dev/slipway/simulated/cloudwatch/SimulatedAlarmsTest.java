package dev.slipway.simulated.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.simulated.ecs.SimulatedEcsStages;
import dev.slipway.simulated.traffic.TrafficFixture;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.cloudwatch.model.*;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;

class SimulatedAlarmsTest {
    private static final String EVENT = "CloudWatch Alarm State Change";

    private final TrafficFixture account = new TrafficFixture();

    private void alarm(String name, Consumer<PutMetricAlarmRequest.Builder> change) {
        account.cloudWatch.putMetricAlarm(request -> {
            request.alarmName(name)
                    .namespace("AWS/ApplicationELB")
                    .metricName("HTTPCode_Target_5XX_Count")
                    .dimensions(TrafficFixture.targetGroup(account.base.groupA), account.loadBalancer())
                    .statistic(Statistic.SUM)
                    .period(60)
                    .evaluationPeriods(3)
                    .datapointsToAlarm(2)
                    .threshold(20.0)
                    .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                    .treatMissingData("notBreaching");
            change.accept(request);
        });
    }

    private StateValue state(String name) {
        return account.cloudWatch
                .describeAlarms(request -> request.alarmNames(name))
                .metricAlarms()
                .getFirst()
                .stateValue();
    }

    @Test
    void anAlarmFollowsItsMetricAndTellsEachChange() {
        account.running("v1");
        alarm("web-errors", request -> {});
        assertThat(state("web-errors")).isEqualTo(StateValue.INSUFFICIENT_DATA);
        account.minutes(5);
        assertThat(state("web-errors")).isEqualTo(StateValue.OK);
        account.base.update(request -> request.taskDefinition(account.base.definition("v2-errors-20")));
        account.minutes(10);
        assertThat(state("web-errors")).isEqualTo(StateValue.ALARM);
        account.base.account.traffic().requestsPerMinute(0);
        account.minutes(10);
        assertThat(state("web-errors")).isEqualTo(StateValue.OK);
        List<JsonNode> events = account.base.events(EVENT);
        assertThat(events)
                .extracting(event -> event.at("/detail/state/value").asText())
                .containsExactly("OK", "ALARM", "OK");
        JsonNode alarm = events.get(1);
        assertThat(alarm.path("source").asText()).isEqualTo("aws.cloudwatch");
        assertThat(alarm.at("/resources/0").asText())
                .isEqualTo("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:web-errors");
        assertThat(alarm.at("/detail/alarmName").asText()).isEqualTo("web-errors");
        assertThat(alarm.at("/detail/previousState/value").asText()).isEqualTo("OK");
        assertThat(alarm.at("/detail/configuration/metrics/0/metricStat/metric/name")
                        .asText())
                .isEqualTo("HTTPCode_Target_5XX_Count");
    }

    @Test
    void anAlarmOnTheCanarysErrorsRollsTheDeploymentBack() {
        account.running("v1");
        alarm(
                "web-errors",
                request -> request.dimensions(TrafficFixture.targetGroup(account.base.groupB), account.loadBalancer())
                        .threshold(5.0));
        account.minutes(5);
        SimulatedEcsStages stages = new SimulatedEcsStages(account.base);
        stages.deploy(
                "v2-errors-20",
                SimulatedEcsStages.canary(10, 60, 10)
                        .andThen(configuration -> configuration.alarms(alarms ->
                                alarms.alarmNames("web-errors").enable(true).rollback(true))));
        account.base.until(() -> stages.status() == ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL);
        assertThat(account.base.deployment().alarms().triggeredAlarmNames()).containsExactly("web-errors");
        assertThat(stages.production()).containsExactly(100, 0);
    }

    @Test
    void aStateThatWasSetLastsUntilTheNextEvaluation() {
        account.running("v1");
        alarm("web-errors", request -> {});
        account.minutes(5);
        account.cloudWatch.setAlarmState(request ->
                request.alarmName("web-errors").stateValue(StateValue.ALARM).stateReason("a drill"));
        assertThat(state("web-errors")).isEqualTo(StateValue.ALARM);
        account.minutes(1);
        assertThat(state("web-errors")).isEqualTo(StateValue.OK);
    }

    @Test
    void alarmsAreFoundByNamePrefixAndState() {
        alarm("web-errors", request -> {});
        alarm("web-slow", request -> {});
        alarm("other", request -> {});
        account.cloudWatch.setAlarmState(request ->
                request.alarmName("other").stateValue(StateValue.ALARM).stateReason("a drill"));
        assertThat(names(request -> request.alarmNames("other", "unknown"))).containsExactly("other");
        assertThat(names(request -> request.alarmNamePrefix("web-"))).containsExactly("web-errors", "web-slow");
        assertThat(names(request -> request.stateValue(StateValue.ALARM))).containsExactly("other");
        DescribeAlarmsResponse page = account.cloudWatch.describeAlarms(request -> request.maxRecords(2));
        assertThat(page.metricAlarms()).hasSize(2);
        assertThat(names(request -> request.nextToken(page.nextToken()))).containsExactly("web-slow");
    }

    private List<String> names(Consumer<DescribeAlarmsRequest.Builder> change) {
        return account.cloudWatch.describeAlarms(change).metricAlarms().stream()
                .map(MetricAlarm::alarmName)
                .toList();
    }

    @Test
    void aDeletedAlarmIsGoneAndNoLongerWatched() {
        alarm("web-errors", request -> {});
        account.cloudWatch.deleteAlarms(request -> request.alarmNames("web-errors", "unknown"));
        assertThat(names(request -> {})).isEmpty();
        account.minutes(5);
        assertThat(account.base.events(EVENT)).isEmpty();
        assertThatThrownBy(() -> account.cloudWatch.setAlarmState(request -> request.alarmName("web-errors")
                        .stateValue(StateValue.OK)
                        .stateReason("x")))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void whatIsNoAlarmIsRefused() {
        assertThatThrownBy(() -> alarm("x", request -> request.datapointsToAlarm(4)))
                .isInstanceOf(CloudWatchException.class);
        assertThatThrownBy(() -> alarm("x", request -> request.period(45))).isInstanceOf(CloudWatchException.class);
        assertThatThrownBy(() -> alarm("x", request -> request.treatMissingData("perhaps")))
                .isInstanceOf(CloudWatchException.class);
        assertThatThrownBy(() -> alarm("x", request -> request.extendedStatistic("p95")))
                .isInstanceOf(InvalidParameterCombinationException.class);
        assertThatThrownBy(() -> alarm("x", request -> request.threshold(null)))
                .isInstanceOf(MissingRequiredParameterException.class);
    }

    /** The tables of "How alarm state is evaluated when data is missing", and one whose only data point is not the newest. */
    @ParameterizedTest
    @CsvSource({
        "0-X-X, 3, OK, OK, OK, OK",
        "0----, 3, OK, OK, OK, OK",
        "-----, 3, INSUFFICIENT_DATA, current, ALARM, OK",
        "0XX-X, 3, ALARM, ALARM, ALARM, ALARM",
        "----X, 3, INSUFFICIENT_DATA, current, ALARM, OK",
        "X----, 3, ALARM, current, ALARM, OK",
        "0-X-X, 2, ALARM, ALARM, ALARM, ALARM",
        "00X0X, 2, ALARM, ALARM, ALARM, ALARM",
        "0-X--, 2, OK, OK, ALARM, OK",
        "----0, 2, OK, OK, ALARM, OK",
        "----X, 2, INSUFFICIENT_DATA, current, ALARM, OK",
        "---X-, 2, ALARM, current, ALARM, OK",
    })
    void missingDataIsTreatedAsTheAlarmSays(
            String range, int needed, String missing, String ignore, String breaching, String notBreaching) {
        assertVerdict(range, needed, "missing", missing);
        assertVerdict(range, needed, "ignore", ignore);
        assertVerdict(range, needed, "breaching", breaching);
        assertVerdict(range, needed, "notBreaching", notBreaching);
    }

    private static void assertVerdict(String range, int needed, String treatment, String expected) {
        List<AlarmEvaluation.Point> points = range.chars()
                .mapToObj(character -> switch (character) {
                    case '0' -> AlarmEvaluation.Point.FINE;
                    case 'X' -> AlarmEvaluation.Point.BREACHING;
                    default -> AlarmEvaluation.Point.MISSING;
                })
                .toList();
        for (StateValue current : List.of(StateValue.OK, StateValue.ALARM)) {
            StateValue wanted = expected.equals("current") ? current : StateValue.fromValue(expected);
            assertThat(AlarmEvaluation.of(points, 3, needed, treatment, current))
                    .as(treatment)
                    .isEqualTo(wanted);
        }
    }
}
