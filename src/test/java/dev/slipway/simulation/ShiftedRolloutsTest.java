package dev.slipway.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.store.Write;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts that shift traffic, from end to end: who goes live, who is rolled back, and when. */
class ShiftedRolloutsTest {
    private static final String ENVIRONMENT = "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n";
    private static final String SERVICE = "container: {port: 8000}\nrollout: {strategy: %s%s}\n";

    private final World world = new World(1);

    private void created(String strategy, String more) {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy, more)).failure())
                .isNull();
        assertThat(world.rollOut(World.WEB, "v1").state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private void holds(int live, String of) {
        assertThat(world.record(World.WEB).live()).isEqualTo(live);
        assertThat(world.traffic(World.WEB).allServed()).isTrue();
        assertThat(world.traffic(World.WEB).byTaskDefinition()).containsOnlyKeys(of);
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "canary", "linear"})
    void aGoodReleaseGoesLiveAndTheNextOneToo(String strategy) {
        created(strategy, "");

        Rollout second = world.rollOut(World.WEB, "v2");
        assertThat(second.outcome().failure()).isNull();
        assertThat(second.state()).as(second.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        Rollout third = world.rollOut(World.WEB, "v3");

        assertThat(third.state()).as(third.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        holds(3, world.ecs(World.WEB).taskDefinition());
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy, "") + "gracePeriodSeconds: 30\n")
                        .failure())
                .isNull();
        holds(3, world.ecs(World.WEB).taskDefinition());
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "canary", "linear", "rolling"})
    void longDrainingTakesNoRolloutBack(String strategy) {
        created(strategy, ", timeLimitSeconds: 300, bakeMinutes: 0");
        assertThat(world.apply(
                                World.WEB,
                                SERVICE.formatted(strategy, ", timeLimitSeconds: 300, bakeMinutes: 0")
                                        + "routing: {drainingSeconds: 3600}\n")
                        .failure())
                .isNull();

        Rollout next = world.rollOut(World.WEB, "v2");
        assertThat(next.state()).as(next.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        String location = world.plane
                .rollouts()
                .rollBack(World.WEB, null, null, null, World.by("ann"))
                .location();
        Rollout back = world.rolledOut(World.WEB, location);

        assertThat(back.state()).as(back.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(Duration.between(back.progress().startedAt(), back.outcome().endedAt()))
                .isGreaterThan(Duration.ofHours(1));
        holds(1, world.ecs(World.WEB).taskDefinition());
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "canary", "linear"})
    void aRolloutOfAStoppedServiceEndsSoonAndSaysThatNothingWasJudged(String strategy) {
        created(strategy, "");
        String checked = ", checks: [{path: /, contains: Nobody says this}]";
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy, checked) + "count: 0\n")
                        .failure())
                .isNull();
        world.timeline.advance(Duration.ofMinutes(5));

        Rollout next = world.rollOut(World.WEB, "v2");

        assertThat(next.state()).as(next.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(next.outcome().detail())
                .isEqualTo("Release 2 is live. The service has no tasks: it was neither checked nor judged.");
        assertThat(next.preflight().findings()).anyMatch(found -> found.code().equals("service-stopped"));
        assertThat(next.preflight().findings()).hasSize(1);
        assertThat(Duration.between(next.progress().startedAt(), next.outcome().endedAt()))
                .isLessThan(Duration.ofMinutes(10));
        Rollout back = world.rollBack(World.WEB, null);
        assertThat(back.state()).as(back.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(world.apply(World.WEB, SERVICE.formatted(strategy, "") + "count: 2\n")
                        .failure())
                .isNull();
        world.timeline.advance(Duration.ofMinutes(5));
        holds(1, world.ecs(World.WEB).taskDefinition());
    }

    @Test
    void aStoppedServiceStillWaitsForAnApproval() {
        created("canary", ", approval: {when: before-production}");
        assertThat(world.apply(
                                World.WEB,
                                SERVICE.formatted("canary", ", approval: {when: before-production}") + "count: 0\n")
                        .failure())
                .isNull();
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .location();
        String id = World.idOf(location);
        world.timeline.advance(Duration.ofMinutes(10));
        Rollout waiting = world.plane.rollouts().rollout(World.WEB, id);
        assertThat(world.plane.rollouts().gate(waiting).orElseThrow().awaitingApproval())
                .isPresent();

        world.answer(World.WEB, id, true, null, "eve");

        assertThat(world.rolledOut(World.WEB, location).state()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    @Test
    void aFirstReleaseOfAStoppedServiceIsToldWithoutOneOfZeroTasks() {
        assertThat(world.apply(World.DEV, ENVIRONMENT).failure()).isNull();
        world.apply(World.WEB, SERVICE.formatted("canary", "") + "count: 0\n");

        Rollout first = world.rollOut(World.WEB, "v1");

        assertThat(first.state()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(first.outcome().detail())
                .isEqualTo("Release 1 is live, the service's first; the service has no tasks (count is 0).");
    }

    @Test
    void aReleaseThatFailsForUsersIsRolledBackFromTheCanary() {
        created("canary", "");
        String live = world.ecs(World.WEB).taskDefinition();

        Rollout bad = world.rollOut(World.WEB, "v2-prod-errors-20");

        assertThat(bad.state()).as(bad.outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(bad.stop().cause()).isEqualTo(Cause.UNHEALTHY);
        assertThat(bad.progress().verdict().outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(bad.progress().stage().percent()).isEqualTo(10);
        assertThat(Duration.between(bad.progress().startedAt(), bad.outcome().endedAt()))
                .isLessThan(Duration.ofMinutes(15));
        holds(1, live);
    }

    @Test
    void aReleaseThatNeverStartsIsRolledBackAfterAFewFailedTasks() {
        created("blue-green", "");
        String live = world.ecs(World.WEB).taskDefinition();

        Rollout bad = world.rollOut(World.WEB, "v2-crash");

        assertThat(bad.state()).as(bad.outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(bad.stop().cause()).isEqualTo(Cause.FAILED_TASKS);
        holds(1, live);
    }

    @Test
    void aReleaseThatNeverBecomesHealthyIsRolledBackAtTheTimeLimit() {
        created("canary", ", timeLimitSeconds: 300");
        String live = world.ecs(World.WEB).taskDefinition();

        Rollout bad = world.rollOut(World.WEB, "v2-never-healthy");

        assertThat(bad.state()).as(bad.outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(bad.stop().cause()).isIn(Cause.TIME_LIMIT, Cause.FAILED_TASKS);
        holds(1, live);
    }

    @Test
    void aFailedCheckKeepsProductionTrafficAway() {
        created("canary", ", checks: [{path: /, contains: Nobody says this}]");
        String live = world.ecs(World.WEB).taskDefinition();

        Rollout bad = world.rollOut(World.WEB, "v2");

        assertThat(bad.state()).as(bad.outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(bad.stop().cause()).isEqualTo(Cause.CHECKS_FAILED);
        assertThat(bad.outcome().detail()).contains("the body does not contain \"Nobody says this\"");
        holds(1, live);
    }

    @Test
    void anApprovalIsWaitedForAndGiven() {
        created("canary", ", approval: {when: before-production}");
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .location();
        String id = World.idOf(location);
        world.timeline.advance(Duration.ofMinutes(10));
        Rollout waiting = world.plane.rollouts().rollout(World.WEB, id);
        GateRecord gate = world.plane.rollouts().gate(waiting).orElseThrow();
        assertThat(gate.awaitingApproval()).isPresent();
        assertThat(waiting.progress().stage().percent()).isZero();

        world.answer(World.WEB, id, true, "looks good", "eve");
        Rollout ended = world.rolledOut(World.WEB, location);

        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        holds(2, world.ecs(World.WEB).taskDefinition());
    }

    @Test
    void aRejectedReleaseIsRolledBackAtOnce() {
        created("blue-green", ", approval: {when: before-production}");
        String live = world.ecs(World.WEB).taskDefinition();
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .location();
        String id = World.idOf(location);
        world.timeline.advance(Duration.ofMinutes(10));

        world.answer(World.WEB, id, false, "not today", "eve");
        Rollout ended = world.rolledOut(World.WEB, location);

        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(ended.outcome().failure().action())
                .isEqualTo("Settle with those who approve what speaks against it, then roll out anew.");
        assertThat(ended.outcome().detail()).contains("eve rejected release 2 for 100 % of the traffic: not today");
        holds(1, live);
    }

    @Test
    void anAlarmThatFiresRollsItBackWithAwsReason() {
        created("blue-green", "");
        String live = world.ecs(World.WEB).taskDefinition();
        world.account
                .cloudWatch()
                .putMetricAlarm(request -> request.alarmName("orders")
                        .namespace("shop")
                        .metricName("orders-failed")
                        .statistic("Sum")
                        .period(60)
                        .evaluationPeriods(1)
                        .threshold(1.0)
                        .comparisonOperator("GreaterThanThreshold")
                        .treatMissingData("notBreaching"));
        world.apply(World.WEB, SERVICE.formatted("blue-green", ", alarms: [orders]"));
        String location = world.plane
                .rollouts()
                .rollOut(World.WEB, World.asking("v2"), World.by("ann"))
                .location();
        world.timeline.advance(Duration.ofMinutes(6));

        world.account
                .cloudWatch()
                .putMetricData(request -> request.namespace("shop")
                        .metricData(datum ->
                                datum.metricName("orders-failed").value(5.0).timestamp(world.timeline.instant())));
        Rollout ended = world.rolledOut(World.WEB, location);

        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(ended.stop()).isNull();
        assertThat(ended.outcome().detail()).contains("alarm");
        assertThat(ended.outcome().failure().action())
                .contains("the alarm orders that rollout.alarms names")
                .doesNotContain("stopped tasks");
        holds(1, live);
    }

    @Test
    void withoutTrafficNothingIsPromoted() {
        created("canary", ", verdict: {holdMinutes: 30, onNoEvidence: rollback}");
        String live = world.ecs(World.WEB).taskDefinition();
        world.account.traffic().requestsPerMinute(0);

        Rollout silent = world.rollOut(World.WEB, "v2");

        assertThat(silent.state()).as(silent.outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(silent.stop().cause()).isEqualTo(Cause.NO_EVIDENCE);
        holds(1, live);
    }

    @Test
    void withoutTrafficProbesOfOurOwnTell() {
        created("canary", ", verdict: {probes: true}");
        world.account.traffic().requestsPerMinute(0);

        Rollout probed = world.rollOut(World.WEB, "v2");

        assertThat(probed.state()).as(probed.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    /** What is not written down would count as users' requests. */
    @Test
    void probesAreWrittenDownThoughTheWorkerWritesMeanwhile() {
        created("canary", ", verdict: {probes: true}");
        world.account.traffic().requestsPerMinute(0);
        List<Instant> tries = new ArrayList<>();
        world.chaos.written = writes -> writes.stream()
                .filter(write -> write instanceof Write.Update<?> update
                        && update.key().sort().startsWith("analysis#")
                        && update.value().toString().contains("sent=Sample[requests=20,"))
                .limit(tries.size() < 2 ? 1 : 0)
                .forEach(write -> {
                    tries.add(world.timeline.instant());
                    if (tries.size() == 1) {
                        world.store.write(List.of(same((Write.Update<?>) write)));
                    }
                });

        Rollout probed = world.rollOut(World.WEB, "v2");

        assertThat(tries).hasSize(2);
        assertThat(tries.getLast()).isEqualTo(tries.getFirst());
        assertThat(probed.state()).as(probed.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
    }

    private static <T> Write same(Write.Update<T> update) {
        return new Write.Update<>(update.read(), update.read().value());
    }

    @Test
    void everyStrategyCanFollowEveryOther() {
        created("rolling", "");
        int release = 1;
        for (String strategy : new String[] {
            "canary", "rolling", "linear", "blue-green", "rolling", "blue-green", "canary", "linear", "rolling"
        }) {
            assertThat(world.apply(World.WEB, SERVICE.formatted(strategy, "")).failure())
                    .isNull();
            release++;

            Rollout next = world.rollOut(World.WEB, "v" + release);

            assertThat(next.state())
                    .as(strategy + " " + next.outcome().detail())
                    .isEqualTo(Rollout.State.SUCCEEDED);
            holds(release, world.ecs(World.WEB).taskDefinition());
        }
    }

    @Test
    void aRollbackGoesBackAtOnceFromWhicheverGroup() {
        created("canary", "");
        world.rollOut(World.WEB, "v2");

        var accepted = world.plane.rollouts().rollBack(World.WEB, null, null, null, World.by("ann"));
        Rollout back = world.rolledOut(World.WEB, accepted.location());

        assertThat(back.state()).as(back.outcome().detail()).isEqualTo(Rollout.State.SUCCEEDED);
        assertThat(Duration.between(back.progress().startedAt(), back.outcome().endedAt()))
                .isLessThan(Duration.ofMinutes(8));
        holds(1, world.ecs(World.WEB).taskDefinition());
    }

    @Test
    void aOneOffTaskRunsFirstAndItsFailureChangesNothing() {
        created("canary", ", before: {command: [migrate]}");
        String live = world.ecs(World.WEB).taskDefinition();

        Rollout bad = world.rollOut(World.WEB, "v2-crash");

        assertThat(bad.state()).as(bad.outcome().detail()).isEqualTo(Rollout.State.FAILED);
        assertThat(bad.outcome().failure().code()).isEqualTo("task-failed");
        assertThat(bad.progress().deployment()).isNull();
        holds(1, live);
    }

    @Test
    void aHookThatFailsIsToldFromTasksThatFail() {
        created("blue-green", "");
        world.account.functions().register(World.HOOK, _ -> "{\"hookStatus\": \"FAILED\"}");

        Rollout ended = world.rollOut(World.WEB, "v2");

        assertThat(ended.state()).as(ended.outcome().detail()).isEqualTo(Rollout.State.ROLLED_BACK);
        assertThat(ended.stop()).isNull();
        assertThat(ended.outcome().failure().action())
                .contains("The hook failed without a decision", "check function")
                .doesNotContain("stopped tasks");
    }
}
