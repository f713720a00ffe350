package dev.slipway.simulated.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.simulated.ecs.SimulatedEcsFixture;
import dev.slipway.simulated.ecs.SimulatedEcsStages;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatch.model.Metric;

class SimulatedTrafficTest {
    private static final int AN_HOUR = 60;

    private final TrafficFixture account = new TrafficFixture();

    private double failures(String group, Instant start, int minutes) {
        return account.sum("RequestCount", group, start, minutes)
                - account.sum("HTTPCode_Target_2XX_Count", group, start, minutes)
                - account.sum("HTTPCode_Target_3XX_Count", group, start, minutes)
                - account.sum("HTTPCode_Target_4XX_Count", group, start, minutes);
    }

    @Test
    void aProductionRuleGetsSixHundredRequestsAMinuteAndAGoodImageAnswersThemAll() {
        account.running("v1");
        Instant start = account.minutes(AN_HOUR);
        String group = account.base.groupA;
        assertThat(account.sum("RequestCount", group, start, AN_HOUR)).isCloseTo(36_000, within(800.0));
        assertThat(failures(group, start, AN_HOUR)).isZero();
        assertThat(account.series(account.ofGroup("RequestCount", group), "Sum", start, AN_HOUR))
                .hasSize(AN_HOUR)
                .satisfies(series -> assertThat(new HashSet<>(series.values())).hasSizeGreaterThan(20));
    }

    @Test
    void whatWasToldOnceIsToldAgainAndAnotherSeedTellsSomethingElse() {
        Instant start = account.running("v1").minutes(5);
        Metric metric = account.ofGroup("RequestCount", account.base.groupA);
        assertThat(account.series(metric, "Sum", start, 5)).isEqualTo(account.series(metric, "Sum", start, 5));
        TrafficFixture twin = new TrafficFixture().running("v1");
        assertThat(twin.minutes(30)).isEqualTo(start);
        assertThat(twin.series(twin.ofGroup("RequestCount", twin.base.groupA), "Sum", start, 5))
                .isEqualTo(account.series(metric, "Sum", start, 5));
        TrafficFixture other = new TrafficFixture(8).running("v1");
        other.minutes(5);
        assertThat(other.series(other.ofGroup("RequestCount", other.base.groupA), "Sum", start, 5))
                .isNotEqualTo(account.series(metric, "Sum", start, 5));
    }

    @Test
    void requestsFollowTheWeightsOfTheRuleFromTheSecondTheyChange() {
        account.running("v1").alsoRunning("v2");
        account.base.account.traffic().requestsPerMinute(6000);
        Instant start = account.base.timeline.instant();
        account.base.seconds(90);
        account.weights(90, 10);
        account.base.seconds(90);
        account.base.advance(TrafficFixture.LATEST);
        Metric other = account.ofGroup("RequestCount", account.base.groupB);
        var series = account.series(other, "Sum", start, 3);
        assertThat(series).doesNotContainKey(start);
        assertThat(series.get(start.plusSeconds(60))).isCloseTo(300, within(80.0));
        assertThat(series.get(start.plusSeconds(120))).isCloseTo(600, within(120.0));
    }

    @Test
    void aQuietServiceHasNoDataPointsAtAll() {
        account.running("v1");
        account.base.account.traffic().requestsPerMinute(SimulatedEcsFixture.SERVICE, 0);
        Instant start = account.minutes(5);
        assertThat(account.series(account.ofGroup("RequestCount", account.base.groupA), "Sum", start, 5))
                .isEmpty();
        assertThat(account.series(account.ofLoadBalancer("RequestCount"), "SampleCount", start, 5))
                .isEmpty();
        assertThat(account.series(account.ofGroup("HealthyHostCount", account.base.groupA), "Minimum", start, 5)
                        .values())
                .hasSize(5)
                .containsOnly(2.0);
    }

    @Test
    void aDailySwingMakesEveningsBusierThanMornings() {
        account.running("v1");
        account.base.account.traffic().at(account.base.productionRule, new TrafficPattern(1000, 0.5));
        account.base.timeline.advanceTo(Instant.parse("2026-11-02T00:00:00Z"));
        Metric metric = account.ofGroup("RequestCount", account.base.groupA);
        assertThat(account.sum(metric, Instant.parse("2026-11-01T06:00:00Z"), 10))
                .isCloseTo(5000, within(400.0));
        assertThat(account.sum(metric, Instant.parse("2026-11-01T18:00:00Z"), 10))
                .isCloseTo(15_000, within(700.0));
        assertThatThrownBy(() -> new TrafficPattern(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anImageWithErrorsAnswersThatManyWithA5xx() {
        account.running("v1-errors-5");
        Instant start = account.minutes(AN_HOUR);
        String group = account.base.groupA;
        assertThat(account.sum("HTTPCode_Target_5XX_Count", group, start, AN_HOUR))
                .isCloseTo(1800, within(200.0))
                .isEqualTo(failures(group, start, AN_HOUR));
        assertThat(account.sum(account.ofLoadBalancer("HTTPCode_ELB_5XX_Count"), start, AN_HOUR))
                .isZero();
    }

    @Test
    void killedConnectionsAreInNoCountOfTargetsButInThatOfTheLoadBalancer() {
        account.running("v1-lb-crashes-2");
        Instant start = account.minutes(AN_HOUR);
        String group = account.base.groupA;
        assertThat(account.sum("HTTPCode_Target_5XX_Count", group, start, AN_HOUR))
                .isZero();
        assertThat(account.sum("TargetConnectionErrorCount", group, start, AN_HOUR))
                .isZero();
        double killed = account.sum(account.ofLoadBalancer("HTTPCode_ELB_502_Count"), start, AN_HOUR);
        assertThat(killed).isCloseTo(720, within(130.0)).isEqualTo(failures(group, start, AN_HOUR));
        assertThat(account.sum("HTTPCode_ELB_502_Count", group, start, AN_HOUR)).isZero();
    }

    @Test
    void errorsOfOneZoneStayInThatZone() {
        account.running("v1-zone-errors-20");
        Instant start = account.minutes(10);
        Metric one = zoned("HTTPCode_Target_5XX_Count", "eu-central-1a");
        Metric other = zoned("HTTPCode_Target_5XX_Count", "eu-central-1b");
        assertThat(account.sum(one, start, 10)).isCloseTo(600, within(150.0));
        assertThat(account.sum(other, start, 10)).isZero();
        assertThat(account.sum(zoned("RequestCount", "eu-central-1b"), start, 10))
                .isCloseTo(3000, within(300.0));
    }

    private Metric zoned(String name, String zone) {
        return TrafficFixture.metric(
                name,
                TrafficFixture.targetGroup(account.base.groupA),
                account.loadBalancer(),
                TrafficFixture.dimension("AvailabilityZone", zone));
    }

    @Test
    void aSlowImageIsSlowInPercentilesAndInTheCountOfSlowRequests() {
        account.running("v1").alsoRunning("v2-slow-5");
        account.weights(50, 50);
        Instant start = account.minutes(AN_HOUR);
        double good = percentileOf(account.base.groupA, start);
        double slow = percentileOf(account.base.groupB, start);
        assertThat(good).isCloseTo(0.08, within(0.01));
        assertThat(slow).isCloseTo(0.4, within(0.05));
        double all = sumOf("SampleCount", account.base.groupB, start);
        // ln(0.8 / 0.4) is 1.155 standard deviations of 0.6: 12.4 %
        assertThat(sumOf("TC(0.8:)", account.base.groupB, start) / all).isCloseTo(0.124, within(0.015));
        assertThat(sumOf("TC(0.8:)", account.base.groupA, start)).isLessThan(10);
    }

    private double percentileOf(String group, Instant start) {
        return account.series(account.ofGroup("TargetResponseTime", group), "p50", start, AN_HOUR).values().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    private double sumOf(String stat, String group, Instant start) {
        return account.series(account.ofGroup("TargetResponseTime", group), stat, start, AN_HOUR).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    @Test
    void slowUnderLoadIsFineInACanaryAndSlowWithAllTheTraffic() {
        account.running("v1").alsoRunning("v2-slow-under-load-3");
        account.weights(90, 10);
        Instant canary = account.minutes(10);
        account.weights(0, 100);
        Instant all = account.minutes(10);
        Metric times = account.ofGroup("TargetResponseTime", account.base.groupB);
        assertThat(account.series(times, "Average", canary, 10).values()).allMatch(seconds -> seconds < 0.15);
        assertThat(account.series(times, "Average", all, 10).values()).allMatch(seconds -> seconds > 0.22);
    }

    @Test
    void anEmptyTargetGroupAnswersWith503WhichNoTargetGroupCounts() {
        account.weights(0, 1);
        account.base.running("v1", 2);
        Instant start = account.minutes(10);
        assertThat(account.sum("RequestCount", account.base.groupB, start, 10)).isZero();
        assertThat(account.sum(account.ofLoadBalancer("HTTPCode_ELB_503_Count"), start, 10))
                .isCloseTo(6000, within(400.0));
    }

    @Test
    void aCrashCostsTheRequestsOfAMomentAndThenTheTaskGetsNoMore() {
        account.base.account.traffic().requestsPerMinute(6000);
        Instant start = account.base.timeline.instant();
        account.running("v1-crash-after-5m");
        account.base.advance(TrafficFixture.LATEST);
        int minutes = 20;
        double refused = account.sum("TargetConnectionErrorCount", account.base.groupA, start, minutes);
        assertThat(refused).isPositive().isLessThan(2000);
        // While every task was gone the load balancer had nobody to ask.
        assertThat(account.sum(account.ofLoadBalancer("HTTPCode_ELB_502_Count"), start, minutes))
                .isGreaterThanOrEqualTo(refused);
    }

    @Test
    void dataPointsAppearOneToThreeMinutesAfterTheirMinute() {
        account.running("v1");
        Instant start = account.base.timeline.instant();
        Metric metric = account.ofGroup("RequestCount", account.base.groupA);
        for (int seconds = 0; seconds < 120; seconds += 10) {
            account.base.seconds(seconds == 0 ? 0 : 10);
            assertThat(account.series(metric, "Sum", start, 1)).isEmpty();
        }
        account.base.advance(Duration.ofMinutes(3));
        assertThat(account.series(metric, "Sum", start, 1)).hasSize(1);
    }

    @Test
    void theLoadBalancerCountsWhatItsTargetGroupsCountTogether() {
        account.running("v1").alsoRunning("v2-errors-10");
        account.weights(50, 50);
        Instant start = account.minutes(10);
        double both = account.sum("RequestCount", account.base.groupA, start, 10)
                + account.sum("RequestCount", account.base.groupB, start, 10);
        assertThat(account.sum(account.ofLoadBalancer("RequestCount"), start, 10))
                .isEqualTo(both);
        assertThat(account.sum(account.ofGroup("RequestCountPerTarget", account.base.groupA), start, 10))
                .isEqualTo(account.sum("RequestCount", account.base.groupA, start, 10) / 2);
        assertThat(account.sum(
                        TrafficFixture.metric(
                                "RequestCount",
                                TrafficFixture.targetGroup(account.base.groupA),
                                TrafficFixture.dimension("LoadBalancer", "app/other/1")),
                        start,
                        10))
                .isZero();
    }

    @Test
    void aCanaryGetsItsShareWhenEcsShiftsTraffic() {
        account.running("v1");
        SimulatedEcsStages stages = new SimulatedEcsStages(account.base);
        stages.deploy("v2-errors-20", SimulatedEcsStages.canary(10, 60, 10));
        account.base.until(() -> stages.production().equals(List.of(90, 10)));
        account.base.advance(Duration.ofMinutes(1));
        Instant start = account.minutes(20);
        assertThat(account.sum("RequestCount", account.base.groupA, start, 20)).isCloseTo(10_800, within(600.0));
        assertThat(account.sum("RequestCount", account.base.groupB, start, 20)).isCloseTo(1200, within(200.0));
        assertThat(failures(account.base.groupA, start, 20)).isZero();
        assertThat(failures(account.base.groupB, start, 20)).isCloseTo(240, within(80.0));
    }
}
