package dev.slipway.deployment;

import static dev.slipway.deployment.SettingsFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.RolloutSettings.Approval;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.RolloutSettings.VerdictRules;
import dev.slipway.deployment.RolloutSettings.VerdictRules.OnNoEvidence;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RolloutSettingsTest {
    private static RolloutSettings of(Strategy strategy, double percent) {
        return settings(given -> {
            given.strategy = strategy;
            given.canaryPercent = percent;
            given.stepPercent = percent;
        });
    }

    @ParameterizedTest
    @CsvSource({
        "BLUE_GREEN, 10, 100",
        "CANARY, 0.1, 0.1 100",
        "CANARY, 99.9, 99.9 100",
        "LINEAR, 30, 30 60 90 100",
        "LINEAR, 25, 25 50 75 100",
        "LINEAR, 33.3, 33.3 66.6 99.9 100",
        "LINEAR, 100, 100",
        "LINEAR, 50, 50 100"
    })
    void stepsAscendToAllTraffic(Strategy strategy, double percent, String steps) {
        List<Double> expected =
                Arrays.stream(steps.split(" ")).map(Double::valueOf).toList();

        assertThat(of(strategy, percent).steps())
                .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-9 ? 0 : Double.compare(a, b))
                .isEqualTo(expected);
    }

    @Test
    void aRollingUpdateHasNoSteps() {
        assertThat(of(Strategy.ROLLING, 10).steps()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "29.9, 0", "30, 1", "30.04, 1", "59.96, 2", "90, 3", "100, 4"})
    void theNextStepFollowsFromTheShareThatItHas(double percent, int step) {
        assertThat(of(Strategy.LINEAR, 30).stepAfter(percent)).isEqualTo(step);
    }

    @ParameterizedTest
    @CsvSource({"ROLLING, 0", "BLUE_GREEN, 15", "CANARY, 30", "LINEAR, 60"})
    void bakesAddUp(Strategy strategy, int minutes) {
        assertThat(of(strategy, 30).totalBakeTime()).isEqualTo(Duration.ofMinutes(minutes));
    }

    /** ECS ends the last bake without asking, so that it lasts until the metrics of its last minute are there. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 6", "10, 15", "1435, 1440", "1440, 1440"})
    void theLastBakeEndsWhenItsLastMinuteIsJudged(int minutes, int baked) {
        assertThat(settings(given -> given.bakeMinutes = minutes).finalBakeMinutes())
                .isEqualTo(baked);
    }

    @Test
    void whatWaitsForEvidenceOrForPeopleInDoubtHasTheTimeForIt() {
        RolloutSettings back = settings(given -> {});

        assertThat(settings(given -> given.onNoEvidence = OnNoEvidence.APPROVE).maxDuration(4, 60))
                .isEqualTo(back.maxDuration(4, 60).plusMinutes(30));
        assertThat(settings(given -> {
                            given.onNoEvidence = OnNoEvidence.APPROVE;
                            given.when = Approval.When.EACH_STEP;
                        })
                        .doubtTimeout())
                .as("they are asked anyway")
                .isEqualTo(Duration.ZERO);
        assertThat(settings(given -> given.onNoEvidence = OnNoEvidence.WAIT).maxDuration(4, 60))
                .isEqualTo(back.maxDuration(4, 60).plusMinutes(1380 - 60));
    }

    @ParameterizedTest
    @CsvSource({"NONE, 0", "BEFORE_PRODUCTION, 30", "EACH_STEP, 120"})
    void approvalsAddUp(Approval.When when, int minutes) {
        RolloutSettings settings = settings(given -> {
            given.strategy = Strategy.LINEAR;
            given.stepPercent = 30;
            given.when = when;
        });

        assertThat(settings.totalApprovalTimeout()).isEqualTo(Duration.ofMinutes(minutes));
        assertThat(settings.maxDuration(4, 60)).isEqualTo(Duration.ofMinutes(20 + 60 + minutes + 3 * 60 + 2 * (1 + 3)));
    }

    @Test
    void aRollingUpdateHasItsTimeLimitAndWhatTheOldTasksTakeToLeave() {
        assertThat(of(Strategy.ROLLING, 10).maxDuration(4, 1800)).isEqualTo(Duration.ofSeconds(600 + 1800 + 180));
    }

    @ParameterizedTest
    @EnumSource(Strategy.class)
    void theLongestDrainingThatASpecMayHaveFitsInEveryTimeLimit(Strategy strategy) {
        RolloutSettings settings = of(strategy, 10);

        assertThat(settings.maxDuration(2, 3600).minus(settings.maxDuration(2, 0)))
                .isGreaterThanOrEqualTo(Duration.ofHours(1));
        assertThat(settings.forRollback().maxDuration(2, 3600)).isGreaterThan(Duration.ofHours(1));
    }

    @Test
    void manyTasksStartInBatches() {
        assertThat(of(Strategy.CANARY, 10).startLimit(499)).isEqualTo(Duration.ofSeconds(600));
        assertThat(of(Strategy.CANARY, 10).startLimit(5000)).isEqualTo(Duration.ofSeconds(600 + 10 * 60));
    }

    @Test
    void goingBackAsksNobodyAndBakesNothing() {
        RolloutSettings asking = settings(given -> {
            given.when = Approval.When.EACH_STEP;
            given.checkFunction = "arn";
        });
        RolloutSettings back = asking.forRollback();

        assertThat(back.strategy()).isEqualTo(Strategy.BLUE_GREEN);
        assertThat(back.bakeMinutes()).isZero();
        assertThat(back.checkFunction()).isNull();
        assertThat(back.alarms()).isEmpty();
        assertThat(back.approval().when()).isEqualTo(Approval.When.NONE);
        assertThat(of(Strategy.ROLLING, 10).forRollback().strategy()).isEqualTo(Strategy.ROLLING);
    }

    @ParameterizedTest
    @CsvSource({
        // strategy, whom the spec has asked, minutes for a first release, for its one-off task
        "CANARY, NONE, 0, 0",
        "CANARY, BEFORE_PRODUCTION, 30, 30",
        "BLUE_GREEN, EACH_STEP, 30, 30",
        "ROLLING, EACH_STEP, 0, 0", // it has no point at which anybody could be asked
    })
    void peopleAreAskedBeforeTheFirstTrafficAndBeforeTheOneOffTask(
            Strategy strategy, Approval.When when, int first, int task) {
        RolloutSettings settings = settings(given -> {
            given.strategy = strategy;
            given.when = when;
        });
        RolloutSettings migrating = settings.withBefore(new RolloutSettings.Before(List.of("migrate"), 60));

        assertThat(settings.isApproved()).isEqualTo(first > 0);
        assertThat(settings.firstApprovalTimeout()).isEqualTo(Duration.ofMinutes(first));
        assertThat(settings.isTaskApproved()).as("there is no task").isFalse();
        assertThat(settings.taskApprovalTimeout()).isEqualTo(Duration.ZERO);
        assertThat(migrating.isTaskApproved()).isEqualTo(task > 0);
        assertThat(migrating.taskApprovalTimeout()).isEqualTo(Duration.ofMinutes(task));
    }

    @Test
    void aStoppedServiceIsNeitherCheckedNorBakedAndPeopleAreAsked() {
        RolloutSettings asking = settings(given -> {
            given.when = Approval.When.EACH_STEP;
            given.checks = List.of(SettingsFixture.CHECK);
            given.checkFunction = "arn";
        });
        RolloutSettings stopped = asking.forStopped();

        assertThat(stopped.strategy()).isEqualTo(Strategy.BLUE_GREEN);
        assertThat(stopped.bakeMinutes()).isZero();
        assertThat(stopped.checks()).isEmpty();
        assertThat(stopped.checkFunction()).isNull();
        assertThat(stopped.approval()).isEqualTo(asking.approval());
        RolloutSettings rolling = of(Strategy.ROLLING, 10);
        assertThat(rolling.forStopped()).isEqualTo(rolling);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ROLLING | rolling",
                "BLUE_GREEN | blue/green, 10 min bake",
                "CANARY | canary, 12.5 % for 15 min, 10 min bake",
                "LINEAR | linear, 12.5 % every 15 min, 10 min bake"
            })
    void isToldInAFewWords(Strategy strategy, String summary) {
        assertThat(of(strategy, 12.5).summary()).isEqualTo(summary);
    }

    /** Records from before these settings lack them, and are read as what held then. */
    @Test
    void whatOldSettingsLackIsWhatHeldThen() {
        VerdictRules old = new VerdictRules(5, null, 20, 0, 0, 60, 0, false, 60, null, List.of());
        VerdictRules given = new VerdictRules(5, null, 20, 3, 2, 60, 9, false, 60, OnNoEvidence.WAIT, List.of());

        assertThat(old)
                .isEqualTo(new VerdictRules(5, null, 20, 1.5, 0.5, 60, 4, false, 60, OnNoEvidence.ROLLBACK, List.of()));
        assertThat(List.of(given.tolerance(), given.harmlessPercent())).containsExactly(3.0, 2.0);
        assertThat(given.latencyWarmUpMinutes()).isEqualTo(9);
        assertThat(given.onNoEvidence()).isEqualTo(OnNoEvidence.WAIT);
    }
}
