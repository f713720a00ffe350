package dev.slipway.rollout;

import static dev.slipway.deployment.SettingsFixture.NOON;
import static dev.slipway.deployment.SettingsFixture.settings;
import static dev.slipway.deployment.SettingsFixture.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.id.ServiceId;
import dev.slipway.release.ContainerSettings;
import dev.slipway.rollout.Rollout.Stop;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.rollout.TrafficShiftPolicy.Crashes;
import dev.slipway.rollout.TrafficShiftPolicy.Decision;
import dev.slipway.rollout.TrafficShiftPolicy.Direction;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import dev.slipway.verdict.Verdict.VerdictStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficShiftPolicyTest {
    private static final RolloutSettings CANARY = settings(given -> {});
    private static final ContainerSettings CONTAINER = new ContainerSettings(
            8000,
            256,
            512,
            ContainerSettings.Architecture.X86_64,
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            null,
            false,
            null,
            null,
            true,
            30,
            null);
    private static final int DRAINING = 1800;
    private static final Decision GO = new Decision.Continue();

    private static Decision decide(String stage, int failed, @Nullable Verdict verdict, Duration later) {
        return TrafficShiftPolicy.decide(new TrafficShiftPolicy.Snapshot(
                CANARY,
                Direction.FORWARD,
                true,
                new Rollout.Stage(stage, 10, NOON),
                NOON,
                failed,
                Crashes.NONE,
                4,
                DRAINING,
                verdict,
                NOON.plus(later)));
    }

    @Test
    void onlyAnUnhealthyVerdictTakesBack() {
        assertThat(decide("BAKE_TIME", 0, verdict(Outcome.UNHEALTHY, false), Duration.ZERO))
                .isEqualTo(new Decision.RecordStop(Cause.UNHEALTHY, "It is UNHEALTHY."));
        assertThat(decide("BAKE_TIME", 0, verdict(Outcome.HEALTHY, false), Duration.ZERO))
                .isEqualTo(GO);
        assertThat(decide("BAKE_TIME", 0, verdict(Outcome.NOT_ENOUGH_EVIDENCE, false), Duration.ZERO))
                .isEqualTo(GO);
        assertThat(decide("BAKE_TIME", 0, null, Duration.ZERO)).isEqualTo(GO);
    }

    @Test
    void threeFailedTasksAreTooManyForAFewTasks() {
        assertThat(decide("SCALE_UP", 2, null, Duration.ZERO)).isEqualTo(GO);
        assertThat(decide("SCALE_UP", 3, null, Duration.ZERO))
                .isEqualTo(new Decision.RecordStop(Cause.FAILED_TASKS, "3 of its tasks failed, and 3 are too many."));
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "6, 3", "7, 4", "8, 4", "9, 5", "400, 200", "401, 200", "5000, 200"})
    void asManyFailedTasksAsForTheCircuitBreaker(int desired, int most) {
        assertThat(TrafficShiftPolicy.maxFailures(desired)).isEqualTo(most);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT"})
    void tasksHaveTheTimeLimitToGetReady(String stage) {
        assertThat(decide(stage, 0, null, Duration.ofSeconds(600))).isEqualTo(GO);
        assertThat(decide(stage, 0, null, Duration.ofSeconds(601)))
                .isEqualTo(new Decision.RecordStop(Cause.TIME_LIMIT, "Its tasks were not ready within 600 s."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "NEW"})
    void laterItHasAsLongAsAllPartsTogether(String stage) {
        Duration longest = CANARY.maxDuration(4, DRAINING);

        assertThat(longest).isEqualTo(Duration.ofMinutes(20 + 30 + 60 + 2 * (30 + 3)));
        assertThat(decide(stage, 0, null, longest)).isEqualTo(GO);
        assertThat(decide(stage, 0, null, longest.plusSeconds(1)))
                .isEqualTo(new Decision.RecordStop(
                        Cause.TIME_LIMIT,
                        "It was not done within 176 min, which is longer than all its parts may take together."));
    }

    @Test
    void whatAnEarlierDeploymentHasLeftBehindMayDrainBeforeTheNewTasksStart() {
        Duration drained = Duration.ofSeconds(600 + DRAINING + 180);

        assertThat(decide("RECONCILE_SERVICE", 0, null, drained)).isEqualTo(GO);
        assertThat(decide("RECONCILE_SERVICE", 0, null, drained.plusSeconds(1)))
                .isEqualTo(new Decision.RecordStop(Cause.TIME_LIMIT, "Its tasks were not ready within 2580 s."));
        Rollout.Stage startedLate = new Rollout.Stage("SCALE_UP", 0, NOON.plus(drained));
        assertThat(TrafficShiftPolicy.decide(new TrafficShiftPolicy.Snapshot(
                        CANARY,
                        Direction.FORWARD,
                        false,
                        startedLate,
                        NOON,
                        0,
                        Crashes.NONE,
                        4,
                        DRAINING,
                        null,
                        NOON.plus(drained.plusSeconds(600)))))
                .isEqualTo(GO);
    }

    @Test
    void whatHasEverythingIsNotRolledBackBecauseTheOldTasksTakeTheirTime() {
        assertThat(decide("CLEAN_UP", 0, null, Duration.ofDays(2))).isEqualTo(GO);
        assertThat(decide("CLEAN_UP", 0, verdict(Outcome.UNHEALTHY, false), Duration.ZERO))
                .isEqualTo(new Decision.RecordStop(Cause.UNHEALTHY, "It is UNHEALTHY."));
    }

    private static Decision goingBack(Direction direction, boolean served, String stage, boolean bad) {
        return TrafficShiftPolicy.decide(new TrafficShiftPolicy.Snapshot(
                CANARY,
                direction,
                served,
                new Rollout.Stage(stage, served ? 100 : 0, NOON),
                NOON,
                bad ? 3 : 0,
                bad ? new Crashes(9, 0) : Crashes.NONE,
                4,
                DRAINING,
                bad && served ? verdict(Outcome.UNHEALTHY, false) : null,
                NOON.plus(bad ? Duration.ZERO : Duration.ofDays(2))));
    }

    /** ECS would bring the release up again that is to go. */
    @ParameterizedTest
    @CsvSource({
        "FORWARD, true, BAKE_TIME, UNHEALTHY, TIME_LIMIT",
        "FORWARD, true, CLEAN_UP, UNHEALTHY, ",
        "BACK_BY_ORDER, false, SCALE_UP, FAILED_TASKS, TIME_LIMIT",
        "BACK_BY_ORDER, true, BAKE_TIME, UNHEALTHY, TIME_LIMIT",
        "BACK_BY_ORDER, true, CLEAN_UP, , ",
        "BACK_BY_ITSELF, false, SCALE_UP, FAILED_TASKS, TIME_LIMIT",
        "BACK_BY_ITSELF, false, PRE_PRODUCTION_TRAFFIC_SHIFT, FAILED_TASKS, TIME_LIMIT",
        "BACK_BY_ITSELF, true, PRODUCTION_TRAFFIC_SHIFT, , ",
        "BACK_BY_ITSELF, true, BAKE_TIME, , ",
        "BACK_BY_ITSELF, true, CLEAN_UP, , "
    })
    void goingBackIsStoppedByNothingOnceItServes(
            Direction direction, boolean served, String stage, @Nullable Cause whenBad, @Nullable Cause whenLate) {
        assertThat(cause(goingBack(direction, served, stage, true))).isEqualTo(whenBad);
        assertThat(cause(goingBack(direction, served, stage, false))).isEqualTo(whenLate);
    }

    private static @Nullable Cause cause(Decision decision) {
        return decision instanceof Decision.RecordStop stop ? stop.cause() : null;
    }

    @ParameterizedTest
    @CsvSource({
        "2, 0, 4, false",
        "3, 0, 4, true",
        "5, 1, 4, false",
        "6, 1, 4, true",
        "9, 0, 20, false",
        "10, 0, 20, true"
    })
    void tasksThatEndByThemselvesInABakeAreTooManyBesideTheOldOnes(
            int candidate, int live, int desired, boolean stops) {
        Decision decision = TrafficShiftPolicy.decide(new TrafficShiftPolicy.Snapshot(
                CANARY,
                Direction.FORWARD,
                true,
                new Rollout.Stage("BAKE_TIME", 10, NOON),
                NOON,
                0,
                new Crashes(candidate, live),
                desired,
                DRAINING,
                null,
                NOON));

        assertThat(decision)
                .isEqualTo(
                        stops
                                ? new Decision.RecordStop(
                                        Cause.FAILED_TASKS,
                                        "%d of its tasks have stopped by themselves while it served, and %d of the old release's in the last hour."
                                                .formatted(candidate, live))
                                : GO);
    }

    @ParameterizedTest
    @CsvSource({
        "true, 0, 1000, 60, false",
        "true, 1, 1000, 0, true",
        "true, 0, 99, 10, false",
        "true, 0, 99, 11, true",
        "true, 0, 100, 11, false",
        "false, 1, 1000, 11, false"
    })
    void endedTasksAreAskedForWhereRequestsFailOrHardlyAnyCome(
            boolean shifted, long failures, long requests, int minutes, boolean asks) {
        AnalysisState state = AnalysisState.none("r");
        VerdictStatistics figures = new VerdictStatistics(5, 5, requests, failures, 0, 0, 0, 0);
        Verdict known = new Verdict(
                Outcome.NOT_ENOUGH_EVIDENCE, Verdict.Basis.NONE, "Nothing is known.", false, null, figures, figures);

        assertThat(TrafficShiftPolicy.mayCrash(
                        known, shifted ? state.shifted(NOON, 10) : state, NOON.plus(Duration.ofMinutes(minutes))))
                .isEqualTo(asks);
    }

    @Test
    void withoutAVerdictEndedTasksAreAskedForAfterTenMinutes() {
        AnalysisState state = AnalysisState.none("r").shifted(NOON, 10);

        assertThat(TrafficShiftPolicy.mayCrash(null, state, NOON.plusSeconds(600)))
                .isFalse();
        assertThat(TrafficShiftPolicy.mayCrash(null, state, NOON.plusSeconds(601)))
                .isTrue();
    }

    private static boolean asks(
            Rollout.@Nullable Stage stage,
            @Nullable Instant asked,
            boolean held,
            @Nullable Instant passed,
            Duration later) {
        return TrafficShiftPolicy.mustPoll(rollout(stage, null), asked, held, passed, NOON.plus(later));
    }

    private static Rollout rollout(Rollout.@Nullable Stage stage, @Nullable Stop stop) {
        return Rollout.requested(
                        "r1",
                        new ServiceId("dev", "web"),
                        new Rollout.Request(
                                Rollout.Reason.DEPLOY,
                                "ann",
                                "image",
                                null,
                                null,
                                CONTAINER,
                                settings(given -> given.strategy = Strategy.CANARY),
                                null),
                        1,
                        NOON)
                .withStop(stop)
                .progressed(progress -> progress.release(2).stage(stage));
    }

    private static Rollout.Stage stage(String name, double percent) {
        return new Rollout.Stage(name, percent, NOON);
    }

    @Test
    void ecsIsAskedWhereNobodyTells() {
        Duration soon = Duration.ofMinutes(1);

        assertThat(asks(null, NOON, false, null, soon)).isTrue();
        assertThat(asks(stage("BAKE_TIME", 100), null, false, null, soon)).isTrue();
        assertThat(asks(stage("SCALE_UP", 0), NOON, false, null, soon)).isTrue();
        assertThat(asks(stage("CLEAN_UP", 100), NOON, false, null, soon)).isTrue();
        assertThat(TrafficShiftPolicy.mustPoll(
                        rollout(stage("BAKE_TIME", 100), new Stop(Cause.CANCELLED, "eve", "", NOON)),
                        NOON,
                        false,
                        null,
                        NOON.plus(soon)))
                .isTrue();
    }

    @Test
    void inABakeItIsAskedEveryFiveMinutesAndAfterTheLast() {
        assertThat(asks(stage("BAKE_TIME", 100), NOON, false, null, Duration.ofSeconds(299)))
                .isFalse();
        assertThat(asks(stage("BAKE_TIME", 100), NOON, false, null, Duration.ofSeconds(300)))
                .isTrue();
        Instant lately = NOON.plus(Duration.ofMinutes(14));
        assertThat(asks(stage("BAKE_TIME", 100), lately, false, null, Duration.ofSeconds(899)))
                .isFalse();
        assertThat(asks(stage("BAKE_TIME", 100), lately, false, null, Duration.ofSeconds(900)))
                .isTrue();
        assertThat(asks(stage("BAKE_TIME", 10), lately, false, null, Duration.ofSeconds(900)))
                .isFalse();
    }

    @Test
    void ourOwnGateTellsWhenItLetsItPass() {
        Duration soon = Duration.ofMinutes(1);

        assertThat(asks(stage("PRE_PRODUCTION_TRAFFIC_SHIFT", 0), NOON, true, null, soon))
                .isFalse();
        assertThat(asks(stage("BAKE_TIME", 10), NOON, false, NOON, soon)).isTrue();
        assertThat(asks(stage("BAKE_TIME", 10), NOON, false, NOON.minusSeconds(1), soon))
                .isFalse();
        assertThat(asks(stage("SCALE_UP", 0), NOON, true, null, soon)).isTrue(); // the gate was asked since
    }
}
