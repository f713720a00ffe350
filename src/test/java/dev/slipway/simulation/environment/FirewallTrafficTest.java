package dev.slipway.simulation.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.firewall.FirewallReport;
import dev.slipway.firewall.FirewallReports;
import dev.slipway.logs.LogQueries;
import dev.slipway.operation.Operation;
import dev.slipway.plan.Declarations.Order;
import dev.slipway.rollout.Rollout;
import dev.slipway.simulated.traffic.HttpCall.Client;
import dev.slipway.simulated.traffic.Senders;
import dev.slipway.simulation.World;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;

/**
 * A firewall before traffic that is made up by the minute: people and attackers ask side by side. What is refused reaches no target, what
 * only counts is served, and nobody else notices anything.
 */
class FirewallTrafficTest {
    private static final String PLAIN = "terminationProtection: false\n";
    private static final String COUNT = PLAIN + "firewall: {}\n";
    private static final String BLOCK = PLAIN + "firewall: {managedRules: {sql: block}}\n";
    private static final Client ATTACKER = new Client("203.0.113.200", "US");
    private static final Senders ATTACK = Senders.asking(0.1, 5, "/?q=1'%20or%201=1", ATTACKER);
    private static final Set<String> LOG = Set.of("FirewallLog");

    private final World world = new World(4);

    private void living(String environment, String service) {
        assertThat(world.apply(World.DEV, environment).failure()).isNull();
        assertThat(world.apply(World.WEB, service).failure()).isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private void living(String environment) {
        living(environment, "container: {port: 8000}\n");
    }

    private static Order order(Set<String> allowed) {
        return World.anything(allowed);
    }

    /** Applies it while every step of time finds all people admitted and served. */
    private Operation apply(String spec, Set<String> allowed) {
        String id = world.plane
                .environments()
                .apply(World.DEV, World.environmentSpec(spec), order(allowed), World.by("ann"))
                .id();
        Instant limit = world.timeline.instant().plusSeconds(100_000);
        while (world.plane.operations().findRunning(World.DEV).isPresent()) {
            assertThat(world.timeline.instant()).isBefore(limit);
            world.timeline.step();
            assertThat(world.traffic(World.WEB).allServed()).isTrue();
        }
        world.settle();
        return world.plane.operations().find(World.DEV, id).orElseThrow();
    }

    private double admitted() {
        return world.account.admitted(
                world.plane.services().get(World.WEB).outputs().get("ProductionRule"));
    }

    /** Requests of each of the next whole minutes that reached a target, or were to reach one. */
    private List<Double> minutes(int count, String metric) {
        Instant start = Instant.ofEpochSecond((world.timeline.instant().getEpochSecond() + 59) / 60 * 60);
        world.timeline.advanceTo(start.plus(Duration.ofMinutes(count + 5)));
        return counted(start, count, metric);
    }

    private List<Double> counted(Instant start, int count, String metric) {
        String balancer = world.plane.environments().get(World.DEV).outputs().get("LoadBalancerFullName");
        MetricDataResult found = world.account
                .cloudWatch()
                .getMetricData(request -> request.startTime(start)
                        .endTime(start.plus(Duration.ofMinutes(count)))
                        .metricDataQueries(query -> query.id("asked")
                                .metricStat(stat -> stat.stat("Sum")
                                        .period(60)
                                        .metric(asked -> asked.namespace("AWS/ApplicationELB")
                                                .metricName(metric)
                                                .dimensions(dimension -> dimension
                                                        .name("LoadBalancer")
                                                        .value(balancer))))))
                .metricDataResults()
                .getFirst();
        return IntStream.range(0, count)
                .mapToObj(minute -> found.timestamps().indexOf(start.plus(Duration.ofMinutes(minute))))
                .map(index -> index < 0 ? 0 : found.values().get(index))
                .toList();
    }

    /** Of one minute, three minutes ago; 0 where there is no data point. */
    private double measured(String metric, String rule) {
        Instant start = Instant.ofEpochSecond(world.timeline.instant().getEpochSecond() / 60 * 60)
                .minusSeconds(180);
        List<Double> values = world.account
                .cloudWatch()
                .getMetricData(request -> request.startTime(start)
                        .endTime(start.plusSeconds(60))
                        .metricDataQueries(query -> query.id("asked")
                                .metricStat(stat -> stat.stat("Sum")
                                        .period(60)
                                        .metric(asked -> asked.namespace("AWS/WAFV2")
                                                .metricName(metric)
                                                .dimensions(
                                                        of -> of.name("WebACL").value("firewall"),
                                                        of -> of.name("Rule").value(rule),
                                                        of -> of.name("Region").value("eu-central-1"))))))
                .metricDataResults()
                .getFirst()
                .values();
        return values.isEmpty() ? 0 : values.getFirst();
    }

    /** The log has a hundred lines of a minute at the most, the metrics have every request. */
    @Test
    void itsMetricsCountEveryRequestOfAMinute() {
        living(COUNT);
        world.account.traffic().requestsPerMinute("web", 6000);
        world.account.traffic().senders("web", Senders.people(0.9), ATTACK);
        world.timeline.advance(Duration.ofMinutes(10));

        assertThat(measured("AllowedRequests", "ALL")).isBetween(5700.0, 6300.0);
        assertThat(measured("CountedRequests", "sql")).isBetween(500.0, 700.0);
        assertThat(measured("CountedRequests", "ALL")).isEqualTo(measured("CountedRequests", "sql"));
        assertThat(measured("BlockedRequests", "ALL")).isZero();

        assertThat(apply(BLOCK, Set.of()).failure()).isNull();
        world.timeline.advance(Duration.ofHours(1));

        assertThat(measured("BlockedRequests", "sql")).isBetween(500.0, 700.0);
        assertThat(measured("AllowedRequests", "Default_Action")).isBetween(5100.0, 5700.0);
        assertThat(measured("AllowedRequests", "ALL")).isEqualTo(measured("AllowedRequests", "Default_Action"));
        assertThat(measured("CountedRequests", "sql")).isZero();
        assertThat(measured("BlockedRequests", "common")).isZero();
    }

    private List<String> report() {
        return reports()
                .report(
                        World.DEV,
                        world.plane.environments().get(World.DEV).declared().firewall(),
                        Duration.ofHours(1))
                .matches()
                .stream()
                .map(FirewallTrafficTest::text)
                .toList();
    }

    private static String text(FirewallReport.Match match) {
        return "%s %s %s".formatted(match.action(), match.rule(), match.path());
    }

    private static double average(List<Double> minutes) {
        return minutes.stream().mapToDouble(each -> each).average().orElseThrow();
    }

    private FirewallReports reports() {
        return new FirewallReports(
                world.account.logs(), new LogQueries(world.account.logs(), world.timeline, () -> {}), world.timeline);
    }

    @Test
    void whatOnlyCountsIsServedAndWhatBlocksReachesNoTarget() {
        living(COUNT);
        world.account.traffic().senders("web", Senders.people(0.9), ATTACK);

        assertThat(average(minutes(10, "RequestCount"))).isBetween(580.0, 620.0);
        assertThat(report()).containsExactly("COUNT sql /");

        assertThat(apply(BLOCK, Set.of()).failure()).isNull();
        world.timeline.advance(Duration.ofHours(1));

        assertThat(admitted()).isEqualTo(0.9);
        assertThat(average(minutes(10, "RequestCount"))).isBetween(520.0, 560.0);
        assertThat(minutes(10, "HTTPCode_ELB_5XX_Count")).containsOnly(0.0);
        assertThat(report()).containsExactly("BLOCK sql /");
    }

    /** The log has about as many as there were. */
    @Test
    void theReportHasTheirNumber() {
        living(BLOCK);
        world.account.traffic().senders("web", Senders.people(0.9), ATTACK);
        world.timeline.advance(Duration.ofHours(2));

        assertThat(reports()
                        .report(
                                World.DEV,
                                world.plane
                                        .environments()
                                        .get(World.DEV)
                                        .declared()
                                        .firewall(),
                                Duration.ofHours(1))
                        .matches())
                .singleElement()
                .satisfies(match -> assertThat(match.requests()).isBetween(3300L, 3900L));
    }

    @Test
    void anAddressThatSendsTooMuchIsRefusedAndPeopleAreNot() {
        living(PLAIN + "firewall: {rateLimit: {requests: 500, minutes: 5, action: block}}\n");
        Senders one = Senders.asking(0.25, 1, "/", ATTACKER); // 150 a minute, 750 in five
        world.account.traffic().senders("web", Senders.people(0.75), one);

        List<Double> minutes = minutes(15, "RequestCount");

        assertThat(average(minutes.subList(0, 2))).as("not yet").isGreaterThan(560);
        assertThat(average(minutes.subList(5, 15))).isBetween(430.0, 470.0);
        world.account.traffic().senders("web", Senders.people(0.75), Senders.asking(0.25, 2, "/", ATTACKER));
        world.timeline.advance(Duration.ofMinutes(6));
        assertThat(admitted()).as("each of two sends 375").isEqualTo(1);
    }

    @Test
    void anAttackThatIsRefusedBringsNoTaskAndNoAlarm() {
        String scaled = "container: {port: 8000}\nscaling: {min: 2, max: 8, requestsPerTask: 300}\n";
        living(BLOCK, scaled);
        world.account.traffic().requestsPerMinute("web", 5000);
        world.account
                .traffic()
                .senders(
                        "web",
                        Senders.people(0.1),
                        Senders.asking(0.9, 50, ATTACK.call().path(), ATTACKER));
        world.timeline.advance(Duration.ofHours(1));
        assertThat(world.ecs(World.WEB).desiredCount()).isEqualTo(2);

        assertThat(apply(COUNT, Set.of()).failure()).isNull();
        world.timeline.advance(Duration.ofMinutes(30));

        assertThat(world.ecs(World.WEB).desiredCount())
                .as("while it only counts")
                .isEqualTo(8);
    }

    /** Through every mode and back, under attack: people's requests are all answered by a target, and well. */
    @Test
    void noRequestOfPeopleFailsWhileTheFirewallChanges() {
        living(PLAIN);
        world.account.traffic().senders("web", Senders.people(0.9), ATTACK);
        Instant begun = Instant.ofEpochSecond(world.timeline.instant().getEpochSecond() / 60 * 60);
        for (String spec : List.of(
                COUNT,
                BLOCK,
                BLOCK + "  # the same\n",
                PLAIN
                        + "firewall: {managedRules: {common: block, knownBadInputs: block, sql: block, ipReputation: block},"
                        + " rateLimit: {requests: 1000, action: block}, block: [192.0.2.0/24], countries: {allow: [DE]}}\n",
                PLAIN + "firewall: {block: [203.0.113.0/24]}\n",
                PLAIN + "firewall: {allow: [203.0.113.0/24], managedRules: {sql: block}}\n",
                BLOCK,
                PLAIN)) {
            assertThat(apply(spec, LOG).failure()).as(spec).isNull();
            assertThat(admitted()).as(spec).isGreaterThanOrEqualTo(0.9);
            world.timeline.advance(Duration.ofMinutes(3));
        }
        world.timeline.advance(Duration.ofMinutes(5));
        int minutes = (int) Duration.between(begun, world.timeline.instant()).toMinutes() - 4;

        assertThat(counted(begun, minutes, "HTTPCode_ELB_5XX_Count")).containsOnly(0.0);
        assertThat(counted(begun, minutes, "HTTPCode_Target_5XX_Count")).allMatch(failed -> failed < 10);
        assertThat(counted(begun, minutes, "RequestCount")).allMatch(requests -> requests > 450);
    }

    /** What is refused is neither evidence for a release nor against it. */
    @ParameterizedTest
    @ValueSource(strings = {"canary", "linear", "blue-green"})
    void aReleaseIsJudgedByWhatReachesIt(String strategy) {
        living(BLOCK, "container: {port: 8000}\nrollout: {strategy: " + strategy + "}\n");
        world.account.traffic().requestsPerMinute("web", 6000);
        world.account
                .traffic()
                .senders(
                        "web",
                        Senders.people(0.1),
                        Senders.asking(0.9, 50, ATTACK.call().path(), ATTACKER));

        assertThat(world.rollOut(World.WEB, "v2").state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.rollOut(World.WEB, "v3-errors-20").state()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(average(minutes(5, "RequestCount"))).isBetween(570.0, 630.0);
    }
}
