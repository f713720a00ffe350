package dev.slipway.rollout;

import static dev.slipway.deployment.SettingsFixture.CHECK;
import static dev.slipway.deployment.SettingsFixture.NOON;
import static dev.slipway.deployment.SettingsFixture.settings;
import static dev.slipway.deployment.SettingsFixture.verdict;
import static dev.slipway.rollout.GateStage.POST_TEST_TRAFFIC_SHIFT;
import static dev.slipway.rollout.GateStage.PRE_PRODUCTION_TRAFFIC_SHIFT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Approval;
import dev.slipway.deployment.RolloutSettings.VerdictRules.OnNoEvidence;
import dev.slipway.rollout.GatePolicy.Decision;
import dev.slipway.rollout.Rollout.Stop;
import dev.slipway.rollout.Rollout.Stop.Cause;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GatePolicyTest {
    private static final RolloutSettings PLAIN = settings(given -> {});
    private static final Instant AT = NOON.minus(GatePolicy.CHECK_PAUSE);
    private static final Decision PROCEED = new Decision.Proceed();

    private static GateRecord.Checkpoint entered(GateStage stage, int step) {
        return GateRecord.Checkpoint.entered(stage, step, NOON);
    }

    private static Decision decide(
            GateStage stage,
            GateRecord.Checkpoint passage,
            RolloutSettings settings,
            @Nullable Stop stop,
            @Nullable Verdict verdict,
            Instant now) {
        return GatePolicy.decide(new GatePolicy.Snapshot(stage, passage.step(), passage, settings, stop, verdict, now));
    }

    private static Decision tested(RolloutSettings settings, GateRecord.Checkpoint passage, Duration later) {
        return decide(POST_TEST_TRAFFIC_SHIFT, passage, settings, null, null, NOON.plus(later));
    }

    private static Decision judged(
            RolloutSettings settings, GateRecord.Checkpoint passage, @Nullable Verdict verdict, Duration later) {
        return decide(PRE_PRODUCTION_TRAFFIC_SHIFT, passage, settings, null, verdict, NOON.plus(later));
    }

    private static List<GateRecord.CheckResult> results(boolean... passed) {
        List<GateRecord.CheckResult> results = new ArrayList<>();
        for (boolean good : passed) {
            results.add(new GateRecord.CheckResult("/" + results.size(), good, good ? "fine" : "answered 500"));
        }
        return results;
    }

    @ParameterizedTest
    @EnumSource(GateStage.class)
    void whatIsStoppedFailsAtEveryStageWithItsCauseEvenWherePassedBefore(GateStage stage) {
        Stop stop = new Stop(Cause.CANCELLED, "eve", "Cancelled by eve.", NOON);
        GateRecord.Checkpoint passed = entered(stage, 0).passed(NOON);

        assertThat(decide(stage, passed, PLAIN, stop, null, NOON))
                .isEqualTo(new Decision.Fail(Cause.CANCELLED, "Cancelled by eve."));
    }

    @ParameterizedTest
    @EnumSource(GateStage.class)
    void whoAsksAgainAfterPassingPasses(GateStage stage) {
        RolloutSettings strict = settings(given -> {
            given.checks = List.of(CHECK);
            given.when = Approval.When.EACH_STEP;
        });

        assertThat(decide(stage, entered(stage, 1).passed(NOON), strict, null, verdict(Outcome.UNHEALTHY, false), NOON))
                .isEqualTo(PROCEED);
    }

    @Test
    void withoutChecksTestTrafficPasses() {
        assertThat(tested(PLAIN, entered(POST_TEST_TRAFFIC_SHIFT, 0), Duration.ZERO))
                .isEqualTo(PROCEED);
    }

    @Test
    void checksAreMadeUntilTheyPassAndThreeTimesAtMost() {
        RolloutSettings checked = settings(given -> given.checks = List.of(CHECK, CHECK));
        GateRecord.Checkpoint passage = entered(POST_TEST_TRAFFIC_SHIFT, 0);

        assertThat(tested(checked, passage, Duration.ZERO)).isEqualTo(new Decision.Check());
        assertThat(tested(checked, passage.checked(results(true, true), AT), Duration.ZERO))
                .isEqualTo(PROCEED);
        GateRecord.Checkpoint twice = passage.checked(results(true, false), AT).checked(results(false, false), AT);
        assertThat(tested(checked, twice, Duration.ZERO)).isEqualTo(new Decision.Check());
        assertThat(tested(checked, twice.checked(results(false, true), AT), Duration.ZERO))
                .isEqualTo(new Decision.Fail(Cause.CHECKS_FAILED, "Check /0 failed: answered 500"));
        assertThat(tested(checked, twice.checked(results(false, false), AT), Duration.ZERO))
                .isEqualTo(new Decision.Fail(
                        Cause.CHECKS_FAILED, "Check /0 failed: answered 500 Check /1 failed: answered 500"));
        assertThat(tested(checked, twice.checked(results(true, true), AT), Duration.ZERO))
                .isEqualTo(PROCEED);
    }

    @Test
    void aRoundOfChecksIsNotRepeatedAtOnceHoweverOftenWeAreAsked() {
        RolloutSettings checked = settings(given -> given.checks = List.of(CHECK));
        GateRecord.Checkpoint failed = entered(POST_TEST_TRAFFIC_SHIFT, 0).checked(results(false), NOON);

        assertThat(tested(checked, failed, Duration.ZERO)).isEqualTo(new Decision.Hold("Checks failed in round 1."));
        assertThat(tested(checked, failed, Duration.ofMillis(4_999))).isInstanceOf(Decision.Hold.class);
        assertThat(tested(checked, failed, Duration.ofSeconds(5))).isEqualTo(new Decision.Check());
    }

    @Test
    void theFunctionIsAskedAfterTheChecksUntilTheTimeLimit() {
        RolloutSettings asking = settings(given -> {
            given.checks = List.of(CHECK);
            given.checkFunction = "arn:aws:lambda:eu-central-1:123456789012:function:slipway-check-web";
        });
        GateRecord.Checkpoint passage = entered(POST_TEST_TRAFFIC_SHIFT, 0);
        GateRecord.Checkpoint checked = passage.checked(results(true), AT);

        assertThat(tested(asking, passage, Duration.ZERO)).isEqualTo(new Decision.Check());
        assertThat(tested(asking, checked, Duration.ofSeconds(599))).isEqualTo(new Decision.AskFunction());
        assertThat(tested(asking, checked, Duration.ofSeconds(600)))
                .isEqualTo(new Decision.Fail(Cause.CHECKS_FAILED, "The check function did not decide within 600 s."));
        assertThat(tested(asking, checked.withFunctionPassed(true), Duration.ofSeconds(700)))
                .isEqualTo(PROCEED);
    }

    @Test
    void beforeTheFirstShiftThereIsNothingToJudge() {
        assertThat(judged(PLAIN, entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 0), null, Duration.ofDays(1)))
                .isEqualTo(PROCEED);
    }

    @Test
    void laterStepsNeedAHealthyVerdict() {
        GateRecord.Checkpoint second = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1);

        assertThat(judged(PLAIN, second, verdict(Outcome.HEALTHY, false), Duration.ofDays(1)))
                .isEqualTo(PROCEED);
        assertThat(judged(PLAIN, second, verdict(Outcome.UNHEALTHY, false), Duration.ZERO))
                .isEqualTo(new Decision.Fail(Cause.UNHEALTHY, "It is UNHEALTHY."));
        assertThat(judged(PLAIN, second, null, Duration.ZERO))
                .isEqualTo(new Decision.Hold("Waits for a verdict: no metrics yet."));
        assertThat(judged(PLAIN, second, verdict(Outcome.NOT_ENOUGH_EVIDENCE, false), Duration.ofMinutes(59)))
                .isEqualTo(new Decision.Hold("Waits for a verdict: It is NOT_ENOUGH_EVIDENCE."));
        assertThat(judged(PLAIN, second, verdict(Outcome.NOT_ENOUGH_EVIDENCE, true), Duration.ofMinutes(59)))
                .isEqualTo(new Decision.Probe());
    }

    @Test
    void silenceIsNeverPromoted() {
        GateRecord.Checkpoint second = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1);
        String sentence = "There was still too little to judge by, 60 min after the step's bake: ";

        assertThat(judged(PLAIN, second, null, Duration.ofMinutes(60)))
                .isEqualTo(new Decision.Fail(Cause.NO_EVIDENCE, sentence + "no metrics yet."));
        assertThat(judged(PLAIN, second, verdict(Outcome.NOT_ENOUGH_EVIDENCE, true), Duration.ofMinutes(61)))
                .isEqualTo(new Decision.Fail(Cause.NO_EVIDENCE, sentence + "It is NOT_ENOUGH_EVIDENCE."));
    }

    private static RolloutSettings then(OnNoEvidence then) {
        return settings(given -> given.onNoEvidence = then);
    }

    private static final Verdict NEITHER = verdict(Outcome.NOT_ENOUGH_EVIDENCE, false);
    private static final String MISSING =
            "There was still too little to judge by, 60 min after the step's bake: It is NOT_ENOUGH_EVIDENCE.";

    @ParameterizedTest
    @EnumSource(OnNoEvidence.class)
    void untilTheHoldIsOverAllWaitAndWhatIsBadNeverPasses(OnNoEvidence then) {
        GateRecord.Checkpoint second = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1);

        assertThat(judged(then(then), second, NEITHER, Duration.ofMinutes(59)))
                .isEqualTo(new Decision.Hold("Waits for a verdict: It is NOT_ENOUGH_EVIDENCE."));
        assertThat(judged(then(then), second, verdict(Outcome.UNHEALTHY, false), Duration.ofMinutes(61)))
                .isEqualTo(new Decision.Fail(Cause.UNHEALTHY, "It is UNHEALTHY."));
    }

    @Test
    void withoutEvidencePeopleAreAskedAndTheirSilenceNeverApproves() {
        RolloutSettings asking = settings(given -> {
            given.onNoEvidence = OnNoEvidence.APPROVE;
            given.onTimeout = Approval.OnTimeout.APPROVE;
        });
        GateRecord.Checkpoint second = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1);
        GateRecord.Checkpoint asked = second.withApprovalRequestedAt(NOON.plus(Duration.ofMinutes(60)));

        assertThat(judged(asking, second, NEITHER, Duration.ofMinutes(60)))
                .isEqualTo(new Decision.AskForApproval(MISSING));
        assertThat(judged(asking, asked, NEITHER, Duration.ofMinutes(89))).isInstanceOf(Decision.Hold.class);
        assertThat(judged(asking, asked, NEITHER, Duration.ofMinutes(90)))
                .isEqualTo(new Decision.Fail(Cause.NO_EVIDENCE, MISSING + " Nobody approved it within 30 min."));
        assertThat(judged(asking, answered(asked, true, null), NEITHER, Duration.ofMinutes(61)))
                .isEqualTo(PROCEED);
        assertThat(judged(asking, answered(asked, false, null), NEITHER, Duration.ofMinutes(61)))
                .isEqualTo(new Decision.Fail(Cause.REJECTED, "eve rejected it."));
        assertThat(judged(asking, asked, verdict(Outcome.HEALTHY, false), Duration.ofMinutes(61)))
                .as("evidence has come meanwhile")
                .isEqualTo(PROCEED);
    }

    /** Evidence that it is sound comes and goes by chance: who was asked when it was there is asked the same until the answer. */
    @ParameterizedTest
    @EnumSource(OnNoEvidence.class)
    void aPersonThatThinksIsNotOvertakenByDoubt(OnNoEvidence then) {
        RolloutSettings settings = settings(given -> {
            given.onNoEvidence = then;
            given.when = Approval.When.EACH_STEP;
            given.approvalMinutes = 300;
        });
        GateRecord.Checkpoint asking = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1)
                .withApprovalRequestedAt(NOON.plus(Duration.ofMinutes(10)))
                .withWaitsFor("Release 2 waits for an approval.");
        GateRecord.Checkpoint approved =
                asking.withApproval(new GateRecord.Approval(true, "eve", NOON.plus(Duration.ofMinutes(200)), null));

        assertThat(judged(settings, asking, NEITHER, Duration.ofMinutes(20)))
                .isEqualTo(new Decision.Hold("Release 2 waits for an approval."));
        assertThat(judged(settings, asking, NEITHER, Duration.ofMinutes(309)))
                .isEqualTo(new Decision.Hold("Release 2 waits for an approval."));
        assertThat(judged(settings, asking, NEITHER, Duration.ofMinutes(310)))
                .isEqualTo(new Decision.Fail(Cause.REJECTED, "Nobody approved it within 300 min."));
        assertThat(judged(settings, answered(asking, false, null), NEITHER, Duration.ofMinutes(20)))
                .isEqualTo(new Decision.Fail(Cause.REJECTED, "eve rejected it."));
        assertThat(judged(settings, approved, NEITHER, Duration.ofMinutes(249)))
                .as("the 190 minutes in which people were asked do not count")
                .isEqualTo(new Decision.Hold("Waits for a verdict: It is NOT_ENOUGH_EVIDENCE."));
        assertThat(judged(settings, approved, verdict(Outcome.HEALTHY, false), Duration.ofMinutes(201)))
                .isEqualTo(PROCEED);
        assertThat(judged(settings, approved, verdict(Outcome.UNHEALTHY, false), Duration.ofMinutes(201)))
                .isInstanceOf(Decision.Fail.class);
        Decision after = judged(settings, approved, NEITHER, Duration.ofMinutes(250));
        switch (then) {
            case APPROVE -> assertThat(after).isEqualTo(PROCEED);
            case ROLLBACK -> assertThat(after).isInstanceOf(Decision.Fail.class);
            case PROMOTE, WAIT -> assertThat(after).isInstanceOf(Decision.RecordNoEvidence.class);
        }
    }

    /** It was sound for the first time when the patience with it was over, and is in doubt again. */
    @Test
    void aPersonAskedAfterALongWaitIsNotOvertakenByDoubtEither() {
        RolloutSettings settings = settings(given -> {
            given.onNoEvidence = OnNoEvidence.WAIT;
            given.when = Approval.When.EACH_STEP;
            given.approvalMinutes = 240;
        });
        GateRecord.Checkpoint asking = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1)
                .withEvidenceMissedAt(NOON.plus(Duration.ofMinutes(60)))
                .withApprovalRequestedAt(NOON.plus(Duration.ofMinutes(120)))
                .withWaitsFor("Release 2 waits for an approval.");
        GateRecord.Checkpoint approved =
                asking.withApproval(new GateRecord.Approval(true, "eve", NOON.plus(Duration.ofMinutes(200)), null));

        assertThat(judged(settings, asking, NEITHER, Duration.ofMinutes(125)))
                .isEqualTo(new Decision.Hold("Release 2 waits for an approval."));
        assertThat(judged(settings, approved, NEITHER, Duration.ofMinutes(201)))
                .isEqualTo(new Decision.Hold("Waits for a verdict: It is NOT_ENOUGH_EVIDENCE."));
        assertThat(judged(settings, approved, verdict(Outcome.HEALTHY, false), Duration.ofMinutes(202)))
                .isEqualTo(PROCEED);
    }

    /** ECS ends a stage after 24 hours, and would roll back what a person has approved. */
    @ParameterizedTest
    @EnumSource(OnNoEvidence.class)
    void whatWasAskedLongDoesNotHoldLongerThanEcsWaits(OnNoEvidence then) {
        RolloutSettings settings = settings(given -> {
            given.onNoEvidence = then;
            given.when = Approval.When.EACH_STEP;
            given.approvalMinutes = 1380;
        });
        GateRecord.Checkpoint approved = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1)
                .withEvidenceMissedAt(NOON.plus(Duration.ofMinutes(1379)))
                .withApprovalRequestedAt(NOON.plus(Duration.ofMinutes(5)))
                .withApproval(new GateRecord.Approval(true, "eve", NOON.plus(Duration.ofMinutes(1378)), null));

        assertThat(judged(settings, approved, NEITHER, Duration.ofMinutes(1379)))
                .isInstanceOf(Decision.Hold.class);
        Decision after = judged(settings, approved, NEITHER, Duration.ofMinutes(1380));
        switch (then) {
            case APPROVE, PROMOTE -> assertThat(after).isEqualTo(PROCEED);
            case ROLLBACK, WAIT -> assertThat(after).isInstanceOf(Decision.Fail.class);
        }
    }

    @Test
    void silenceApprovesOnlyWhatIsSound() {
        RolloutSettings settings = settings(given -> {
            given.when = Approval.When.EACH_STEP;
            given.onTimeout = Approval.OnTimeout.APPROVE;
            given.onNoEvidence = OnNoEvidence.APPROVE;
        });
        GateRecord.Checkpoint asking =
                entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1).withApprovalRequestedAt(NOON.plus(Duration.ofMinutes(10)));

        assertThat(judged(settings, asking, NEITHER, Duration.ofMinutes(40)))
                .isEqualTo(new Decision.Hold("Waits for a verdict: It is NOT_ENOUGH_EVIDENCE."));
        assertThat(judged(settings, asking, verdict(Outcome.HEALTHY, false), Duration.ofMinutes(41)))
                .isEqualTo(PROCEED);
        assertThat(judged(settings, asking, NEITHER, Duration.ofMinutes(90))).isInstanceOf(Decision.Fail.class);
    }

    @Test
    void withoutEvidenceItGoesOnWhereTheSpecSaysSoAndThatIsWrittenDownOnce() {
        GateRecord.Checkpoint second = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1);
        GateRecord.Checkpoint recorded = second.withEvidenceMissedAt(NOON);
        RolloutSettings asked = settings(given -> {
            given.onNoEvidence = OnNoEvidence.PROMOTE;
            given.when = Approval.When.EACH_STEP;
        });

        assertThat(judged(then(OnNoEvidence.PROMOTE), second, NEITHER, Duration.ofMinutes(60)))
                .isInstanceOf(Decision.RecordNoEvidence.class);
        assertThat(judged(then(OnNoEvidence.PROMOTE), recorded, NEITHER, Duration.ofMinutes(60)))
                .isEqualTo(PROCEED);
        assertThat(judged(asked, recorded, NEITHER, Duration.ofMinutes(60)))
                .isEqualTo(new Decision.AskForApproval(null));
    }

    @Test
    void waitingEndsBeforeEcsGivesUp() {
        GateRecord.Checkpoint second = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1);
        GateRecord.Checkpoint recorded = second.withEvidenceMissedAt(NOON);

        assertThat(judged(then(OnNoEvidence.WAIT), second, NEITHER, Duration.ofMinutes(60)))
                .isInstanceOf(Decision.RecordNoEvidence.class);
        assertThat(judged(then(OnNoEvidence.WAIT), recorded, NEITHER, Duration.ofMinutes(1379)))
                .isInstanceOf(Decision.Hold.class);
        assertThat(judged(
                        then(OnNoEvidence.WAIT),
                        recorded,
                        verdict(Outcome.NOT_ENOUGH_EVIDENCE, true),
                        Duration.ofMinutes(1379)))
                .isEqualTo(new Decision.Probe());
        assertThat(judged(then(OnNoEvidence.WAIT), recorded, NEITHER, Duration.ofMinutes(1380)))
                .isEqualTo(new Decision.Fail(Cause.NO_EVIDENCE, MISSING.replace("60 min", "1380 min")));
    }

    /** ECS ends a stage after 24 hours; who is asked late has less time. */
    @Test
    void peopleAreAskedNoLongerThanEcsWaits() {
        GateRecord.Checkpoint late =
                entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 1).withApprovalRequestedAt(NOON.plus(Duration.ofMinutes(1370)));

        assertThat(Approvals.until(PLAIN, late, NOON.plus(Duration.ofMinutes(1370))))
                .isEqualTo(NOON.plus(Duration.ofHours(23)));
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, 0, false",
        "NONE, 1, false",
        "BEFORE_PRODUCTION, 0, true",
        "BEFORE_PRODUCTION, 1, false",
        "EACH_STEP, 0, true",
        "EACH_STEP, 1, true"
    })
    void peopleAreAskedWhereTheSpecSaysSo(Approval.When when, int step, boolean asked) {
        Decision decision = judged(
                settings(given -> given.when = when),
                entered(PRE_PRODUCTION_TRAFFIC_SHIFT, step),
                verdict(Outcome.HEALTHY, false),
                Duration.ZERO);

        assertThat(decision).isEqualTo(asked ? new Decision.AskForApproval(null) : PROCEED);
    }

    @Test
    void anAnswerIsTakenAndSilenceMeansWhatTheSpecSays() {
        RolloutSettings reject = settings(given -> given.when = Approval.When.BEFORE_PRODUCTION);
        RolloutSettings approve = settings(given -> {
            given.when = Approval.When.BEFORE_PRODUCTION;
            given.onTimeout = Approval.OnTimeout.APPROVE;
        });
        GateRecord.Checkpoint asking = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 0).withApprovalRequestedAt(NOON);

        assertThat(judged(reject, asking, null, Duration.ofMinutes(29)))
                .isEqualTo(new Decision.Hold("Waits for an approval."));
        assertThat(judged(reject, asking, null, Duration.ofMinutes(30)))
                .isEqualTo(new Decision.Fail(Cause.REJECTED, "Nobody approved it within 30 min."));
        assertThat(judged(approve, asking, null, Duration.ofMinutes(30))).isEqualTo(PROCEED);
        assertThat(judged(reject, answered(asking, true, null), null, Duration.ofMinutes(31)))
                .isEqualTo(PROCEED);
        assertThat(judged(approve, answered(asking, false, null), null, Duration.ZERO))
                .isEqualTo(new Decision.Fail(Cause.REJECTED, "eve rejected it."));
        assertThat(judged(approve, answered(asking, false, "not today"), null, Duration.ZERO))
                .isEqualTo(new Decision.Fail(Cause.REJECTED, "eve rejected it: not today"));
    }

    private static GateRecord.Checkpoint answered(
            GateRecord.Checkpoint asking, boolean approved, @Nullable String reason) {
        return asking.withApproval(new GateRecord.Approval(approved, "eve", NOON, reason));
    }

    /** Before the one-off task, and before a first release; a rolling update has no point at which anybody is asked. */
    @ParameterizedTest
    @CsvSource({
        "CANARY, NONE, false",
        "CANARY, BEFORE_PRODUCTION, true",
        "BLUE_GREEN, EACH_STEP, true",
        "ROLLING, EACH_STEP, false",
        "ROLLING, NONE, false"
    })
    void peopleAreAskedBeforeTheStartWhereTheyAreBeforeProductionTraffic(
            RolloutSettings.Strategy strategy, Approval.When when, boolean asked) {
        RolloutSettings settings = settings(given -> {
            given.strategy = strategy;
            given.when = when;
        });
        GateRecord.Checkpoint fresh = entered(PRE_PRODUCTION_TRAFFIC_SHIFT, 0);

        Decision decision = GatePolicy.beforeStart(new GatePolicy.Snapshot(null, 0, fresh, settings, null, null, NOON));

        assertThat(decision).isEqualTo(asked ? new Decision.AskForApproval(null) : PROCEED);
    }
}
