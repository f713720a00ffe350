package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operation.FollowingState;
import dev.slipway.plan.Declarations.Deletion;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.problem.ProblemException;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.EnvironmentDigest;
import dev.slipway.simulated.sns.SnsMessage;
import dev.slipway.simulation.World;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.ResourceNotFoundException;

/** The alarms of services and environments, in the simulated account. */
@Tag("slow")
class AlarmsTest {
    private static final String ENVIRONMENT = "network: {cidr: 172.17.0.0/16}\n";
    private static final String SERVICE = "container: {port: 8000}\n";
    private static final String CANARY =
            SERVICE + "rollout: {strategy: canary, canary: {percent: 10, bakeMinutes: 20}}\n";
    private static final String STACK = "slipway-dev-web";

    private final World world = new World(1);

    private void live(String spec, String... images) {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(World.WEB, spec).failure()).isNull();
        for (String image : images) {
            assertThat(world.rollOut(World.WEB, image).state()).isEqualTo(Rollout.State.SUCCEEDED);
        }
        world.account.traffic().requestsPerMinute("web", 600);
        after(20);
    }

    private void after(int minutes) {
        world.timeline.advance(Duration.ofMinutes(minutes));
    }

    private String state(String alarm) {
        return world.account.rawCloudWatch().state("slipway-dev/" + alarm);
    }

    /** What the people were told: the alarm's name and its new state. Each alarm begins with an OK, which is no news. */
    private List<String> pages() {
        Set<String> raised = new HashSet<>();
        return world.account.published().stream()
                .filter(message -> message.topicArn().endsWith(":slipway-dev-alarms"))
                .map(SnsMessage::message)
                .filter(message -> isNews(message, raised))
                .map(message -> World.text(message, "AlarmName") + " " + World.text(message, "NewStateValue"))
                .toList();
    }

    private static boolean isNews(String message, Set<String> raised) {
        String alarm = World.text(message, "AlarmName");
        return World.text(message, "NewStateValue").equals("ALARM")
                ? !raised.add(alarm) || raised.contains(alarm)
                : raised.contains(alarm);
    }

    private List<String> alarms() {
        return world
                .account
                .cloudWatch()
                .describeAlarms(request -> request.alarmNamePrefix("slipway-dev/web"))
                .metricAlarms()
                .stream()
                .map(MetricAlarm::alarmName)
                .toList();
    }

    @Test
    void aServiceIsWatchedFromItsFirstReleaseOn() {
        world.apply(World.DEV, ENVIRONMENT);
        world.apply(World.WEB, SERVICE);
        assertThat(alarms()).isEmpty();

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
        world.account.traffic().requestsPerMinute("web", 600);
        after(60);

        assertThat(alarms()).hasSize(8);
        assertThat(state("web")).isEqualTo("OK");
        for (String alarm : List.of("failed", "slow", "no-tasks", "unhealthy", "stopped-tasks", "cpu", "memory")) {
            assertThat(state("web/" + alarm)).as(alarm).isEqualTo("OK");
        }
        assertThat(pages()).isEmpty();
    }

    /** Several alarms, one page. */
    @ParameterizedTest
    @CsvSource({
        "v2-errors-20, failed",
        "v2-lb-crashes-20, failed",
        "v2-slow-40, slow",
        "v2-crash-after-4m, stopped-tasks",
    })
    void anIncidentIsOnePageAndItsEndIsTold(String image, String alarm) {
        live(SERVICE, "v1", image);
        after(40);

        assertThat(state("web/" + alarm)).isEqualTo("ALARM");
        assertThat(pages()).containsExactly("slipway-dev/web ALARM");

        world.rollOut(World.WEB, "v3");
        after(60);
        assertThat(state("web")).isEqualTo("OK");
        assertThat(pages()).containsExactly("slipway-dev/web ALARM", "slipway-dev/web OK");
    }

    @Test
    void noneGoesBlindWhenReleasesMoveBetweenTargetGroups() {
        live(CANARY, "v1", "v2");
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
        for (String image : List.of("v3-errors-20", "v4", "v5-errors-20")) {
            world.rollOut(World.WEB, image);
            after(20);
            assertThat(state("web/failed")).as(image).isEqualTo(image.contains("errors") ? "ALARM" : "OK");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "canary, v2-errors-20",
        "canary, v2-lb-crashes-50",
        "rolling, v2-crash",
        "rolling, v2-never-healthy",
        "blue-green, v2-prod-errors-50"
    })
    void aReleaseThatIsRolledBackWakesNobodyUp(String strategy, String image) {
        live(SERVICE + "rollout: {strategy: " + strategy + "}\n", "v1");

        Rollout bad = world.rollOut(World.WEB, image);
        after(60);

        assertThat(bad.state()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(state("web")).isEqualTo("OK");
        assertThat(pages()).isEmpty();
    }

    /** What is told of a rollback ends by itself: nobody has to be there to take it back. */
    @Test
    void aRollbackThatNobodyEndsSilencesNothingForLong() {
        live(SERVICE, "v1");
        world.account
                .cloudWatch()
                .putMetricData(request -> request.namespace("Slipway")
                        .metricData(datum -> datum.metricName("RolloutInProgress")
                                .dimensions(
                                        dimension ->
                                                dimension.name("Environment").value("dev"),
                                        dimension -> dimension.name("Service").value("web"))
                                .value(1.0)));
        world.timeline.advance(Duration.ofMinutes(2));
        assertThat(state("web/rollout")).isEqualTo("ALARM");

        world.scaleByHand(World.WEB, 0);
        after(12);
        assertThat(state("web/rollout")).isEqualTo("OK");
        assertThat(state("web")).isEqualTo("ALARM");
        after(12);
        assertThat(pages()).containsExactly("slipway-dev/web ALARM");
    }

    @Test
    void aServiceThatMayBeWithoutTasksIsNoIncident() {
        live(SERVICE, "v1");
        world.apply(World.WEB, SERVICE + "count: 0\n");
        after(60);

        assertThat(state("web/no-tasks")).isEqualTo("OK");
        assertThat(pages()).isEmpty();
    }

    @Test
    void whoScalesAServiceAwayByHandIsTold() {
        live(SERVICE, "v1");
        world.scaleByHand(World.WEB, 0);
        after(15);

        assertThat(state("web/no-tasks")).isEqualTo("ALARM");
        assertThat(pages()).containsExactly("slipway-dev/web ALARM");
    }

    @Test
    void aServiceAtItsMaximumForHalfAnHourIsToldOnce() {
        live(SERVICE + "scaling: {min: 2, max: 4, requestsPerTask: 300}\n", "v1");
        world.account.traffic().requestsPerMinute("web", 4000);
        after(60);

        assertThat(state("web/at-maximum")).isEqualTo("ALARM");
        assertThat(pages()).containsExactly("slipway-dev/web ALARM");
    }

    @Test
    void aTaskThatIsAboutToBeKilledForItsMemoryIsTold() {
        live(SERVICE, "v1");
        world.account.rawCloudWatch().memory("web", 95);
        after(15);

        assertThat(state("web/memory")).isEqualTo("ALARM");
        assertThat(pages()).containsExactly("slipway-dev/web ALARM");
    }

    /** On and off, and whatever fails on the way: the traffic stays, the release stays, the scale stays. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "FailedAlarm",
                "SlowAlarm",
                "NoTasksAlarm",
                "UnhealthyAlarm",
                "StoppedTasks",
                "StoppedTasksAlarm",
                "CpuAlarm",
                "MemoryAlarm",
                "RolloutAlarm",
                "ServiceAlarm"
            })
    void alarmsComeAndGoWithoutTouchingTheService(String failing) {
        live(CANARY + "alarms: {enabled: false}\n", "v1", "v2");
        world.scaleByHand(World.WEB, 4);
        after(5);
        String release = world.ecs(World.WEB).taskDefinition();
        Map<String, Double> traffic = world.traffic(World.WEB).byTaskDefinition();
        assertThat(alarms()).isEmpty();
        if (!failing.isEmpty()) {
            world.account.stacks().failNext(STACK, failing, "as the test wants it");
        }

        Operation on = world.apply(World.WEB, CANARY);
        assertThat(on.failure() == null).isEqualTo(failing.isEmpty());
        untouched(release, traffic);
        if (!failing.isEmpty()) {
            assertThat(alarms()).isEmpty();
            assertThat(world.apply(World.WEB, CANARY).failure()).isNull();
        }
        assertThat(alarms()).hasSize(8);
        untouched(release, traffic);

        assertThat(world.apply(World.WEB, CANARY + "alarms: {enabled: false}\n").failure())
                .isNull();
        assertThat(alarms()).isEmpty();
        untouched(release, traffic);
    }

    private void untouched(String release, Map<String, Double> traffic) {
        assertThat(world.ecs(World.WEB).taskDefinition()).isEqualTo(release);
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(4);
        assertThat(world.traffic(World.WEB).byTaskDefinition()).isEqualTo(traffic);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    /** Each metric of a dashboard is one that has data, once there are requests. */
    @Test
    void theDashboardsShowWhatThereIs() throws IOException {
        live(SERVICE, "v1");
        for (String name : List.of("slipway-dev-web-eu-central-1", "slipway-dev-eu-central-1")) {
            String body = world.account
                    .cloudWatch()
                    .getDashboard(request -> request.dashboardName(name))
                    .dashboardBody();
            assertThat(body).doesNotContain("${");
            int shown = 0;
            for (JsonNode widget : new ObjectMapper().readTree(body).path("widgets")) {
                JsonNode properties = widget.path("properties");
                properties.path("alarms").forEach(this::isAnAlarm);
                properties.path("annotations").path("alarms").forEach(this::isAnAlarm);
                JsonNode first = properties.path("metrics").path(0);
                if (first.path(0).isTextual() && !first.path(1).asText().contains("5XX")) { // there are none
                    assertThat(hasData(first)).as(first.toString()).isTrue();
                    shown++;
                }
            }
            assertThat(shown).isPositive();
        }

        assertThat(world.apply(World.WEB, SERVICE + "alarms: {dashboard: false}\n")
                        .failure())
                .isNull();
        assertThatThrownBy(() -> world.account
                        .cloudWatch()
                        .getDashboard(request -> request.dashboardName("slipway-dev-web-eu-central-1")))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    private void isAnAlarm(JsonNode arn) {
        String name = arn.asText().replaceFirst("^.*:alarm:", "");
        assertThat(world.account
                        .cloudWatch()
                        .describeAlarms(request ->
                                request.alarmNames(name).alarmTypes(AlarmType.METRIC_ALARM, AlarmType.COMPOSITE_ALARM)))
                .satisfies(found -> assertThat(found.metricAlarms().size()
                                + found.compositeAlarms().size())
                        .as(name)
                        .isEqualTo(1));
    }

    private boolean hasData(JsonNode metric) {
        List<Dimension> dimensions = new ArrayList<>();
        for (int at = 2; metric.path(at + 1).isTextual(); at += 2) {
            dimensions.add(Dimension.builder()
                    .name(metric.path(at).asText())
                    .value(metric.path(at + 1).asText())
                    .build());
        }
        return !world.account
                .cloudWatch()
                .getMetricData(request -> request.startTime(
                                world.timeline.instant().minus(Duration.ofMinutes(15)))
                        .endTime(world.timeline.instant())
                        .metricDataQueries(query -> query.id("m")
                                .metricStat(stat -> stat.stat("Maximum")
                                        .period(60)
                                        .metric(named -> named.namespace(
                                                        metric.path(0).asText())
                                                .metricName(metric.path(1).asText())
                                                .dimensions(dimensions)))))
                .metricDataResults()
                .getFirst()
                .values()
                .isEmpty();
    }

    @Test
    void whoDeletesAServiceHasNoAlarmsLeft() {
        live(SERVICE, "v1");

        assertThat(world.ended(
                                World.WEB,
                                world.plane
                                        .services()
                                        .delete(World.WEB, new Deletion(null, Set.of(), "web"), World.by("ann")))
                        .failure())
                .isNull();

        assertThat(world.account
                        .cloudWatch()
                        .describeAlarms(request -> request.alarmNamePrefix("slipway-dev/web")
                                .alarmTypes(AlarmType.METRIC_ALARM, AlarmType.COMPOSITE_ALARM)))
                .satisfies(left -> {
                    assertThat(left.metricAlarms()).isEmpty();
                    assertThat(left.compositeAlarms()).isEmpty();
                });
    }

    @Test
    void aTopicOfOnesOwnIsToldByTheServicesAsSoonAsTheEnvironmentNamesIt() {
        live(SERVICE, "v1");
        String own = "arn:aws:sns:eu-central-1:123456789012:slipway-shared-pager";
        world.account.sns().createTopic(request -> request.name("slipway-shared-pager"));

        assertThat(world.apply(World.DEV, ENVIRONMENT + "alarms: {topic: '" + own + "'}\n")
                        .failure())
                .isNull();
        world.settle();
        after(10);
        world.scaleByHand(World.WEB, 0);
        after(15);

        assertThat(world.account.published())
                .filteredOn(message -> message.topicArn().equals(own))
                .anySatisfy(message -> assertThat(World.text(message.message(), "NewStateValue"))
                        .isEqualTo("ALARM"));
    }

    /** It is applied twice then: the topic changes with the second. */
    @Test
    void aServiceThatHasToMoveFirstHearsOfATopicThatChangesInTheSameApply() {
        live(SERVICE, "v1");
        String own = "arn:aws:sns:eu-central-1:123456789012:slipway-shared-pager";
        world.account.sns().createTopic(request -> request.name("slipway-shared-pager"));
        String spec = "network: {cidr: 172.17.0.0/16, natGateways: none}\nalarms: {topic: '" + own + "'}\n";
        Set<String> goes = Set.of("NatGatewayA", "NatAddressA", "NatGatewayB", "NatAddressB");

        Operation applied = world.ended(
                World.DEV,
                world.plane
                        .environments()
                        .apply(World.DEV, World.environmentSpec(spec), new Order(null, goes, null), World.by("ann")));

        assertThat(applied.failure()).isNull();
        assertThat(applied.services()).allMatch(service -> service.state() == FollowingState.DONE);
        assertThat(world.parameter(World.WEB, "AssignPublicIp")).isEqualTo("ENABLED");
        assertThat(world.parameter(World.WEB, "AlarmTopic")).isEqualTo(own);
        assertThat(EnvironmentDigest.isOutdated(
                        world.record(World.WEB), world.plane.environments().get(World.DEV)))
                .isFalse();
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:sns:eu-central-1:123456789012:slipway-prod-alarms",
                "arn:aws:sns:eu-west-1:123456789012:slipway-dev-pager",
                "arn:aws:sns:eu-central-1:123456789012:slipway-dev-alarms"
            })
    void theTopicOfAnotherEnvironmentIsRefused(String topic) {
        assertThatThrownBy(() -> world.apply(World.DEV, ENVIRONMENT + "alarms: {topic: '" + topic + "'}\n"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().errors())
                                .singleElement()
                                .satisfies(error -> assertThat(error.field()).isEqualTo("/alarms/topic")));
    }

    @ParameterizedTest
    @CsvSource({
        "AWS/NATGateway, ErrorPortAllocation, nat-ports",
        "AWS/NATGateway, PacketsDropCount, nat-drops",
        "AWS/ApplicationELB, RejectedConnectionCount, rejected-connections"
    })
    void whatServicesShareIsWatchedInTheEnvironment(String namespace, String metric, String alarm) {
        world.apply(World.DEV, ENVIRONMENT + "alarms: {email: ops@example.com}\n");
        after(60);
        assertThat(pages()).isEmpty();
        List<MetricAlarm> found = world.account
                .cloudWatch()
                .describeAlarms(request -> request.alarmNames("slipway-dev/environment/" + alarm))
                .metricAlarms();
        assertThat(found).hasSize(1);

        Instant until = world.timeline.instant().plus(Duration.ofMinutes(30));
        while (world.timeline.instant().isBefore(until)) {
            dimensions(found.getFirst())
                    .forEach(dimensions -> world.account.rawCloudWatch().measure(namespace, metric, dimensions, 1));
            after(1);
        }

        assertThat(state("environment/" + alarm)).isEqualTo("ALARM");
        assertThat(pages()).containsExactly("slipway-dev/environment/" + alarm + " ALARM");
    }

    /** Of any of the environment's certificates; one that has expired measures nothing any more, and is no better for that. */
    @Test
    void aCertificateThatRunsOutIsToldOnceAndStaysSo() {
        world.apply(
                World.DEV,
                ENVIRONMENT
                        + "domain: {name: dev.example.com, hostedZoneId: Z1}\n"
                        + "additionalDomains: [{name: shop.dev.example.com, hostedZoneId: Z1}]\n");
        MetricAlarm alarm = world.account
                .cloudWatch()
                .describeAlarms(request -> request.alarmNames("slipway-dev/environment/certificate"))
                .metricAlarms()
                .getFirst();
        List<Map<String, String>> certificates = dimensions(alarm);
        assertThat(certificates).hasSize(2);

        oneDay(certificates, 300, 22);
        assertThat(pages()).isEmpty();
        oneDay(certificates, 299, 20);
        assertThat(state("environment/certificate")).isEqualTo("ALARM");
        after(2 * 24 * 60); // nothing is measured

        assertThat(state("environment/certificate")).isEqualTo("ALARM");
        assertThat(pages()).containsExactly("slipway-dev/environment/certificate ALARM");
    }

    private void oneDay(List<Map<String, String>> certificates, int... left) {
        for (int i = 0; i < left.length; i++) {
            world.account
                    .rawCloudWatch()
                    .measure("AWS/CertificateManager", "DaysToExpiry", certificates.get(i), left[i]);
        }
        after(24 * 60);
    }

    private static List<Map<String, String>> dimensions(MetricAlarm alarm) {
        return alarm.metrics().isEmpty()
                ? List.of(named(alarm.dimensions()))
                : alarm.metrics().stream()
                        .filter(query -> query.metricStat() != null)
                        .map(query -> named(query.metricStat().metric().dimensions()))
                        .toList();
    }

    private static Map<String, String> named(List<Dimension> dimensions) {
        return dimensions.stream().collect(Collectors.toMap(Dimension::name, Dimension::value));
    }
}
