package dev.slipway.simulation.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.cost.CostChange;
import dev.slipway.cost.CostReport;
import dev.slipway.cost.CostReport.Basis;
import dev.slipway.cost.Waste;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Acceptance.Accepted;
import dev.slipway.plan.Plan;
import dev.slipway.plan.Plans;
import dev.slipway.rollout.Rollout.State;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.cloudwatch.model.CloudWatchException;

/** What plans and GET …/cost tell, in eu-central-1: the sums are those of EnvironmentCostTest and ServiceCostTest. */
class CostsTest {
    private static final String SERVICE = "container: {port: 8000, cpu: 1024, memory: 2048}\n";

    private final World world = new World(3);
    private final Map<String, Integer> calls = new TreeMap<>();

    private void counting() {
        world.chaos.watcher = (operation, request) -> {
            calls.merge(operation, 1, Integer::sum);
            return () -> {};
        };
    }

    private void created() {
        assertThat(world.apply(World.DEV, "terminationProtection: false\n").failure())
                .isNull();
        assertThat(world.apply(World.WEB, SERVICE).failure()).isNull();
    }

    private CostChange cost(Target target, Accepted accepted) {
        world.settle();
        String id = accepted.id();
        Plan plan = Plans.get(world.store, target, id);
        return Objects.requireNonNull(plan.cost());
    }

    private CostChange planned(String yaml) {
        return cost(World.WEB, world.plane.services().plan(World.WEB, World.serviceSpec(yaml), World.by("ann")));
    }

    /** A task of 1 vCPU and 2 GB is 0.04656 + 2 × 0.00511 = $0.05678 an hour. */
    @Test
    void aPlanOfAServiceShowsWhatATaskMoreCosts() {
        created();

        CostChange cost = planned(SERVICE + "count: 3\n");

        assertThat(cost.message())
                .isEqualTo("It will cost $129.95 a month instead of $88.50, and what is paid by use.");
        assertThat(cost.changes())
                .containsExactly(new CostChange.PartChange(
                        "tasks on demand",
                        "$82.90 a month: 2 × 730 h × $0.05678",
                        "$124.35 a month: 3 × 730 h × $0.05678"));
        assertThat(planned(SERVICE).changes()).isEmpty();
    }

    /** Without NAT gateways and their three alarms' metrics, with an address for each of the two tasks. */
    @Test
    void aPlanOfAnEnvironmentShowsWhatItsGatewaysCost() {
        created();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);

        CostChange cost = cost(
                World.DEV,
                world.plane
                        .environments()
                        .plan(
                                World.DEV,
                                World.environmentSpec("terminationProtection: false\nnetwork: {natGateways: none}\n"),
                                World.by("ann")));

        assertThat(cost.before()).isEqualTo(113.73);
        assertThat(cost.after()).isEqualTo(37.41); // 19.71 + 7.30 + 7.30 + 0.10 + 3
        assertThat(cost.changes())
                .extracting(CostChange.PartChange::what)
                .contains("NAT gateways", "public IPv4 addresses of tasks", "data through NAT gateways")
                .doesNotContain("load balancer");
    }

    /** By use only: before it there was nothing, and afterwards nothing is paid while nobody pushes. */
    @Test
    void aPlanOfAPipelineShowsWhatABuildCosts() {
        created();
        world.plane.pipelines().grants().grant(World.DEV, new PipelineId("web"), World.by("ann"));

        CostChange cost = cost(
                new PipelineId("web"),
                world.plane
                        .pipelines()
                        .pipelines()
                        .plan(
                                new PipelineId("web"),
                                World.pipelineSpec("repository: {id: acme/web}\ndeploy: [{environment: dev}]\n"),
                                World.by("ann")));

        assertThat(cost.after()).isZero();
        assertThat(cost.changes())
                .contains(new CostChange.PartChange(
                        "actions of the pipeline", null, "by use, $0.002 per minute of an action"));
    }

    @Test
    void aPlanOfSomethingNewShowsAllOfIt() {
        CostChange cost = cost(
                World.DEV, world.plane.environments().plan(World.DEV, World.environmentSpec("{}"), World.by("ann")));

        assertThat(cost.before()).isNull();
        assertThat(cost.after()).isEqualTo(113.73);
    }

    @Test
    void anEnvironmentCostsWhatItsServicesCostToo() {
        created();
        assertThat(world.apply(new ServiceId("dev", "api"), SERVICE + "routing: {paths: [/api/*]}\n")
                        .failure())
                .isNull();
        counting();

        CostReport report = world.plane.costs().environment(World.DEV);

        assertThat(report.cost().dollarsPerMonth()).isEqualTo(113.73);
        assertThat(report.services())
                .extracting(CostReport.Member::service, CostReport.Member::dollarsPerMonth)
                .containsExactly(tuple("api", 88.5), tuple("web", 88.5));
        assertThat(report.dollarsPerMonth()).isEqualTo(290.73);
        assertThat(report.basis()).isEqualTo(Basis.LIVE);
        assertThat(report.services()).extracting(CostReport.Member::basis).containsOnly(Basis.DECLARED);
        assertThat(report.declaredDollarsPerMonth()).isEqualTo(177.0);
        assertThat(report.unseen()).isEmpty();
        assertThat(report.waste()).isEmpty(); // they are a minute old
        assertThat(calls)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("describeStackResources", 1, "getMetricData", 1, "describeLogGroups", 1));
    }

    /** From the first release on it is paid for, and says so. */
    @Test
    void whatIsDeclaredAndNotRunningIsMarked() {
        created();
        CostReport before = world.plane.costs().service(World.WEB);
        assertThat(before.basis()).isEqualTo(Basis.DECLARED);
        assertThat(before.declaredDollarsPerMonth()).isEqualTo(88.5);

        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);

        CostReport after = world.plane.costs().service(World.WEB);
        assertThat(after.basis()).isEqualTo(Basis.LIVE);
        assertThat(after.dollarsPerMonth()).isEqualTo(88.5);
        assertThat(after.declaredDollarsPerMonth()).isNull();
    }

    /** AWS gives 50 log groups at a time; the last by name is a service's, too. */
    @Test
    void theLogsOfManyServicesAreSeen() {
        created();
        for (int i = 0; i < 60; i++) {
            String name = "/slipway/dev/other-%d".formatted(i);
            world.account.logs().createLogGroup(request -> request.logGroupName(name));
        }
        counting();

        world.plane.costs().environment(World.DEV);

        assertThat(calls).containsEntry("describeLogGroups", 2);
    }

    @Test
    void aServiceIsLookedAtInThreeCalls() {
        created();
        counting();

        CostReport report = world.plane.costs().service(World.WEB);

        assertThat(report.dollarsPerMonth()).isEqualTo(88.5);
        assertThat(report.cost().assumptions())
                .containsExactly(
                        "Declared, not running: no release is live yet, and this is what it costs from the first one on.");
        assertThat(calls)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("getMetricData", 1, "describeLogGroups", 1, "describeImages", 1));
    }

    @Test
    void whoAsksAgainAndAgainDoesNotAskAws() {
        created();
        world.plane.costs().environment(World.DEV);
        world.plane.costs().service(World.WEB);
        counting();

        assertThat(world.plane.costs().environment(World.DEV).dollarsPerMonth()).isEqualTo(202.23);
        world.plane.costs().service(World.WEB);
        assertThat(calls).isEmpty();

        world.timeline.advance(Duration.ofMinutes(5));
        calls.clear();
        world.plane.costs().service(World.WEB);
        assertThat(calls).containsKey("getMetricData");
    }

    /** Eight days with few requests, and hardly a byte through the gateways. */
    @Test
    void whatIsHardlyUsedIsNamed() {
        world.withoutAlarms();
        created();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        List<String> gateways = world.resources(World.DEV).values().stream()
                .filter(id -> id.startsWith("nat-"))
                .toList();
        world.account.traffic().requestsPerMinute("web", 30);
        for (int day = 0; day < 8; day++) {
            gateways.forEach(gateway -> world.account
                    .rawCloudWatch()
                    .measure("AWS/NATGateway", "BytesOutToDestination", Map.of("NatGatewayId", gateway), 1000));
            world.timeline.advance(Duration.ofDays(1));
        }

        CostReport report = world.plane.costs().environment(World.DEV);

        assertThat(report.unseen()).isEmpty();
        assertThat(report.waste()).extracting(Waste::code).containsExactly("nat-gateway-idle", "tasks-oversized");
        assertThat(report.waste().getFirst().savedPerMonth())
                .isEqualTo(75.92); // 2 × 730 × (0.052 + 0.005) − 2 × 730 × 0.005
        assertThat(report.waste().get(1).what()).isEqualTo("dev/web");
        assertThat(report.waste().get(1).action()).startsWith("container: {cpu: 512, memory: 2048}");
        assertThat(world.plane.costs().service(World.WEB).waste())
                .extracting(Waste::code)
                .containsExactly("tasks-oversized");
    }

    /** An answer without waste is worth more than none. */
    @ParameterizedTest
    @CsvSource({"describeStackResources, The NAT gateways", "getMetricData, The metrics", "describeLogGroups, The logs"
    })
    void whatAwsRefusesIsNamedAndTheRestIsTold(String refused, String what) {
        created();
        world.chaos.watcher = (operation, request) -> {
            if (operation.equals(refused)) {
                throw CloudWatchException.builder().message("You may not.").build();
            }
            return () -> {};
        };

        CostReport report = world.plane.costs().environment(World.DEV);

        assertThat(report.dollarsPerMonth()).isEqualTo(202.23); // 113.73 + 88.50
        assertThat(report.unseen())
                .singleElement()
                .asString()
                .startsWith(what + " could not be looked at: You may not.");
    }

    @Test
    void aForecastHasItsPricesFromTheSameList() {
        created();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(State.SUCCEEDED);
        var forecast = Objects.requireNonNull(
                world.plane.dryRun().rollOut(World.WEB, World.asking("v2")).forecast());

        assertThat(forecast.extra().prices()).isEqualTo("AWS list prices of eu-central-1, of 2022-01-01 to 2026-07-07");
        assertThat(Objects.requireNonNull(forecast.extra().dollars()))
                .isCloseTo(forecast.extra().taskHours() * 0.05678, within(0.0001));
    }
}
