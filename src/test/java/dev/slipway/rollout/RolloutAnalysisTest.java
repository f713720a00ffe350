package dev.slipway.rollout;

import static dev.slipway.deployment.SettingsFixture.NOON;
import static dev.slipway.deployment.SettingsFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.app.ControlPlane;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.RolloutSettings.Strategy;
import dev.slipway.deployment.RolloutSettings.VerdictRules;
import dev.slipway.deployment.TargetGroupMetrics;
import dev.slipway.deployment.TargetGroups;
import dev.slipway.id.ServiceId;
import dev.slipway.preflight.PreflightFixture;
import dev.slipway.release.ContainerSettings.Architecture;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import dev.slipway.store.Write;
import dev.slipway.verdict.EValues;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Basis;
import dev.slipway.verdict.Verdict.Outcome;
import dev.slipway.verdict.Verdict.VerdictStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RolloutAnalysisTest {
    private static final String LIVE = "targetgroup/web-a/1";
    private static final String CANDIDATE = "targetgroup/web-b/2";
    private static final RolloutSettings CANARY = settings(given -> {});

    private final FakeCloudWatch cloudWatch = new FakeCloudWatch();
    private final Store store = new MemoryStore(ControlPlane.json(), () -> NOON);
    private final RolloutAnalysis judging = new RolloutAnalysis(new TargetGroupMetrics(cloudWatch), store);

    private static Rollout rollout(RolloutSettings settings) {
        String balancer = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/dev/1";
        String group = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:";
        return Rollout.requested(
                        "r1",
                        new ServiceId("dev", "web"),
                        new Rollout.Request(
                                Rollout.Reason.DEPLOY,
                                "ann",
                                "image",
                                null,
                                null,
                                PreflightFixture.container(Architecture.X86_64, Map.of()),
                                settings,
                                null),
                        1,
                        NOON)
                .progressed(progress -> progress.release(2)
                        .targetGroups(new TargetGroups(
                                balancer, group + LIVE, group + CANDIDATE, "rule", "http://web", "lb")));
    }

    private static AnalysisState shifted(double percent) {
        return AnalysisState.none("r1").shifted(NOON, percent);
    }

    private static Instant minute(int number) {
        return NOON.plus(Duration.ofMinutes(number));
    }

    private static VerdictStatistics errors(AnalysisState judgement) {
        return Objects.requireNonNull(RolloutAnalysis.verdict(judgement, CANARY, minute(60)))
                .errors();
    }

    private void serve(int from, int to, int live, int candidate, int answered) {
        for (int i = from; i < to; i++) {
            if (live > 0) {
                cloudWatch.group(LIVE, minute(i), live, live);
            }
            cloudWatch.group(CANDIDATE, minute(i), candidate, answered);
        }
    }

    @Test
    void beforeTrafficMovesCloudWatchIsNotAsked() {
        AnalysisState none = AnalysisState.none("r1");

        assertThat(judging.update(none, rollout(CANARY), minute(60))).isSameAs(none);
        assertThat(cloudWatch.asked).isEmpty();
    }

    /** It looks like no traffic, and is not: clients wait in vain, and give up. */
    @Test
    void aReleaseThatAnswersNobodyIsToldAndNotSound() {
        for (double percent : new double[] {10, 100}) {
            AnalysisState shifted = shifted(percent);
            serve(-60, 0, 1000, 0, 0);
            for (int i = 0; i < 30; i++) {
                if (percent < 100) {
                    cloudWatch.group(LIVE, minute(i), 900, 900);
                }
                cloudWatch.put(CANDIDATE + " RequestCount", minute(i), 100);
            }

            AnalysisState after = judging.update(shifted, rollout(CANARY), minute(20));

            Verdict verdict = Objects.requireNonNull(RolloutAnalysis.verdict(after, CANARY, minute(20)));
            assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
            assertThat(verdict.message())
                    .matches(
                            "1,\\d+ requests on the new release have no answer that CloudWatch counts: nothing can be said of it\\.");
        }
    }

    /** Who reads that a release is not shown to be sound, and sees its traffic grow, is told what was shown and when. */
    @Test
    void aVerdictThatSaysLessThanBeforeSaysWhy() {
        serve(0, 30, 9000, 1000, 1000);
        AnalysisState first = judging.update(shifted(10), rollout(CANARY), minute(24));
        Verdict sound = Objects.requireNonNull(RolloutAnalysis.verdict(first, CANARY, minute(24)));
        assertThat(sound.outcome()).isEqualTo(Outcome.HEALTHY);
        assertThat(sound.message()).doesNotContain("It was shown");

        Verdict more =
                Objects.requireNonNull(RolloutAnalysis.verdict(first.shifted(minute(24), 50), CANARY, minute(24)));
        assertThat(more.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(more.message())
                .startsWith(
                        "It was shown to be sound with 10 %% of the traffic, at %s. With the 50 %% that it has since %s it has to be shown anew. "
                                .formatted(minute(21), minute(24)));

        Verdict stale = Objects.requireNonNull(RolloutAnalysis.verdict(first, CANARY, minute(60)));
        assertThat(stale.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(stale.message())
                .isEqualTo(
                        "It was shown to be sound with 10 %% of the traffic, at %s. No minute has told of it since %s, and what is that old does not count."
                                .formatted(minute(21), minute(21)));

        AnalysisState silence = first;
        for (int now = 35; now <= 60; now++) {
            silence = judging.update(silence, rollout(CANARY), minute(now));
        }
        assertThat(silence.minutes().stream().filter(minute -> minute.outcome() == Outcome.HEALTHY))
                .as("also after minutes without figures, while it is not too old")
                .hasSizeGreaterThan(30);
        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(silence, CANARY, minute(60)))
                        .message())
                .isEqualTo(
                        "It was shown to be sound with 10 %% of the traffic, at %s. No minute has told of it since %s, and what is that old does not count."
                                .formatted(minute(30), minute(30)));
    }

    /** Nobody is asked to let it go on by what it was, without a word of those that it has not answered since. */
    @Test
    void aReleaseThatWasSoundAndAnswersNobodyAnyMoreSaysHowManyHaveNoAnswer() {
        serve(-60, 0, 1000, 0, 0);
        serve(0, 21, 9000, 1000, 1000);
        for (int i = 21; i < 60; i++) {
            cloudWatch.group(LIVE, minute(i), 9000, 9000);
            cloudWatch.put(CANDIDATE + " RequestCount", minute(i), 60);
        }

        assertThat(says(shifted(10), 24, 45))
                .matches(
                        "It was shown to be sound with 10 %% of the traffic, at %1$s\\. No minute has told of it since %1$s, and what is that old does not count\\. 1,\\d{3} requests on it may have failed besides, without an answer that CloudWatch counts\\."
                                .formatted(minute(21)));
    }

    /** When it was sound last, and when it was heard of last, are two times. */
    @Test
    void doubtThatCameBeforeTheSilenceIsToldToo() {
        serve(0, 21, 9000, 1000, 1000);
        serve(21, 31, 9000, 1000, 985);

        String said = says(shifted(10), 24, 50);

        assertThat(said)
                .startsWith(
                        "It was shown to be sound with 10 %% of the traffic, at %s. Since then it has become doubtful. "
                                .formatted(minute(21)))
                .contains(" % of 30,000 requests failed on the new release in 30 minutes")
                .endsWith(" No minute has told of it since %s.".formatted(minute(31)));
    }

    /** What a release comes to that is looked at each minute. */
    private String says(AnalysisState state, int from, int to) {
        AnalysisState next = state;
        for (int now = from; now <= to; now++) {
            next = judging.update(next, rollout(CANARY), minute(now));
        }
        Verdict verdict = Objects.requireNonNull(RolloutAnalysis.verdict(next, CANARY, minute(to)));
        assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        return verdict.message();
    }

    @Test
    void aMinuteIsReadFourMinutesAfterItsBeginningAndOnce() {
        serve(0, 10, 900, 100, 100);

        AnalysisState early =
                judging.update(shifted(10), rollout(CANARY), minute(4).minusMillis(1));
        assertThat(early.readUntil()).isNull();
        AnalysisState first = judging.update(early, rollout(CANARY), minute(4));
        assertThat(first.readUntil()).isEqualTo(minute(1));
        assertThat(judging.update(first, rollout(CANARY), minute(4).plusSeconds(59)))
                .isSameAs(first);
        assertThat(cloudWatch.asked).hasSize(1);
        AnalysisState later = judging.update(first, rollout(CANARY), minute(8));
        assertThat(later.readUntil()).isEqualTo(minute(5));
        assertThat(cloudWatch.asked.getLast().startTime()).isEqualTo(minute(1));
        assertThat(cloudWatch.asked.getLast().endTime()).isEqualTo(minute(5));
    }

    /** A worse release was in the same target group before: how the old one varies by itself is known without it, if for long enough. */
    @Test
    void theOldReleaseIsMeasuredByItsOwnMinutesOnly() {
        AnalysisState mixed = afterAWorseRelease(50);
        live(-50);
        AnalysisState own = judging.update(shifted(10), rollout(CANARY), minute(4));

        assertThat(mixed.evidence().errorVariation().dispersion()).isGreaterThan(10);
        assertThat(own.evidence().errorVariation().dispersion()).isEqualTo(1);
        assertThat(own.evidence().errorVariation().assumed()).isFalse();
        assertThat(own.evidence().before().failures()).isZero();
    }

    /** Too few minutes to say that nothing comes in bunches: what served before, in either target group, says at least how traffic does. */
    @Test
    void whereTheOldReleaseIsNewWhateverServedInTheHourCounts() {
        for (int i = -60; i < -40; i++) {
            cloudWatch.group(CANDIDATE, minute(i), 1000, i % 3 == 0 ? 900 : 1000);
        }
        afterAWorseRelease(20);
        live(-20);

        Evidence evidence =
                judging.update(shifted(10), rollout(CANARY), minute(4)).evidence();

        assertThat(evidence.errorVariation().dispersion()).isGreaterThan(10);
        assertThat(evidence.errorVariation().assumed()).isFalse();
        assertThat(evidence.before().failures()).isZero();
        assertThat(evidence.history().own()).isEqualTo(20);
        assertThat(evidence.history().minutes()).hasSize(60);
        assertThat(evidence.history().minutes().getFirst().requests())
                .as("both groups")
                .isEqualTo(2000);
        assertThat(evidence.history().minutes().get(40).requests())
                .as("its own")
                .isEqualTo(900);
    }

    /** The other release failed by turns, until so many minutes ago. */
    private AnalysisState afterAWorseRelease(int minutes) {
        for (int i = -60; i < -minutes; i++) {
            cloudWatch.group(LIVE, minute(i), 1000, i % 3 == 0 ? 900 : 1000);
        }
        serve(-minutes, 10, 900, 100, 100);
        return judging.update(shifted(10), rollout(CANARY), minute(4));
    }

    /** The old release went live by a rollout that started then. */
    private void live(int since) {
        Rollout before = rollout(CANARY)
                .withId("r0")
                .progressed(
                        progress -> progress.release(1).startedAt(minute(since)).calledAt(minute(since)))
                .ended(Rollout.State.SUCCEEDED, minute(-2), "Release 1 is live.", null, null);
        store.write(new Write.Create<>(Rollout.key(before.service(), before.id()), before));
    }

    @Test
    void theMinutesOfTheShiftAndTheWarmUpAreLeftOut() {
        serve(0, 10, 900, 100, 0); // every request of the new release fails

        AnalysisState first = judging.update(shifted(10), rollout(CANARY), minute(4));
        assertThat(errors(first).minutes()).isZero();
        AnalysisState second = judging.update(first, rollout(CANARY), minute(5));
        assertThat(errors(second).minutes()).isEqualTo(1);
        assertThat(errors(second).candidateFailures()).isEqualTo(100);
    }

    @Test
    void aMinuteThatIsMissingIsWaitedForAndThenTakenForSilence() {
        serve(0, 3, 900, 100, 100);
        serve(4, 6, 900, 100, 100); // minute 3 is late

        AnalysisState waits = judging.update(shifted(10), rollout(CANARY), minute(8));
        assertThat(waits.readUntil()).isEqualTo(minute(3));
        serve(3, 4, 900, 100, 100);
        AnalysisState came = judging.update(waits, rollout(CANARY), minute(8).plusSeconds(30));
        assertThat(came.readUntil()).isEqualTo(minute(5));
        assertThat(errors(came).minutes()).isEqualTo(4);
    }

    @Test
    void missingIsNotZeroFailures() {
        serve(0, 3, 900, 100, 100);
        cloudWatch.group(LIVE, minute(3), 900, 900);

        AnalysisState silent = judging.update(shifted(10), rollout(CANARY), minute(9));
        assertThat(silent.readUntil()).isEqualTo(minute(4));
        assertThat(errors(silent).minutes()).isEqualTo(2);
    }

    @Test
    void aMinuteWithoutFiguresOfTheOldReleaseIsWaitedForAndNeverJudgedByThePast() {
        serve(-61, 0, 900, 0, 0);
        serve(0, 3, 900, 100, 100);
        serve(3, 4, 0, 100, 50); // the old release's figures are late
        serve(4, 6, 900, 100, 100);

        AnalysisState waits = judging.update(shifted(10), rollout(CANARY), minute(8));
        assertThat(waits.readUntil()).isEqualTo(minute(3));
        AnalysisState without = judging.update(waits, rollout(CANARY), minute(9));
        assertThat(without.readUntil()).isEqualTo(minute(6));
        assertThat(errors(without).minutes())
                .isEqualTo(errors(without).concurrentMinutes())
                .isEqualTo(4);
        assertThat(errors(without).candidateFailures()).isZero();
    }

    @Test
    void answersThatAreLateAreWaitedForAndAreNoFailures() {
        serve(0, 3, 900, 100, 100);
        serve(3, 4, 900, 100, 100);
        cloudWatch.put(CANDIDATE + " HTTPCode_Target_2XX_Count", minute(3), 90);
        serve(4, 6, 900, 100, 100);

        AnalysisState waits = judging.update(shifted(10), rollout(CANARY), minute(8));
        assertThat(waits.readUntil()).isEqualTo(minute(3));
        AnalysisState taken = judging.update(waits, rollout(CANARY), minute(9));
        assertThat(errors(taken).minutes()).isEqualTo(5);
        assertThat(errors(taken).candidateFailures()).isZero();
    }

    @Test
    void ofRequestsAloneNothingIsKnown() {
        serve(0, 3, 900, 100, 100);
        cloudWatch.group(LIVE, minute(3), 900, 900);
        cloudWatch.put(CANDIDATE + " RequestCount", minute(3), 100);

        AnalysisState judged = judging.update(shifted(10), rollout(CANARY), minute(9));

        assertThat(judged.readUntil()).isEqualTo(minute(4));
        assertThat(errors(judged).minutes()).isEqualTo(2);
    }

    @Test
    void whatTheLoadBalancerAnswersWith5xxInTheTargetsPlaceIsAFailure() {
        serve(0, 2, 900, 100, 100);
        cloudWatch.put(CANDIDATE + " HTTPCode_Target_2XX_Count", minute(1), 80); // 20 without an answer: 12 crashed,
        cloudWatch.put("app/dev/1 HTTPCode_ELB_502_Count", minute(1), 12); // 8 closed by clients or upgraded

        AnalysisState judged = judging.update(shifted(10), rollout(CANARY), minute(8));

        assertThat(errors(judged).candidateRequests()).isEqualTo(100);
        assertThat(errors(judged).candidateFailures()).isEqualTo(12);
    }

    @Test
    void eachStepWantsEvidenceOfItsOwn() {
        serve(0, 20, 900, 600, 600);
        serve(20, 30, 300, 1200, 1200);
        AnalysisState first = judging.update(shifted(40), rollout(CANARY), minute(20));
        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(first, CANARY, minute(20)))
                        .outcome())
                .isEqualTo(Outcome.HEALTHY);

        AnalysisState second = first.shifted(minute(20), 80);
        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(second, CANARY, minute(21)))
                        .outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        AnalysisState seen = judging.update(second, rollout(CANARY), minute(29));
        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(seen, CANARY, minute(29)))
                        .outcome())
                .isEqualTo(Outcome.HEALTHY);
    }

    /** ECS may ask for the next step before anybody has seen the traffic move. */
    @Test
    void evidenceOfAnEarlierStepIsNoneForOneThatNobodyHasSeenYet() {
        serve(0, 30, 900, 600, 600);
        RolloutSettings linear = CANARY.withStrategy(Strategy.LINEAR).withLinear(new RolloutSettings.Linear(40, 0));
        AnalysisState first = judging.update(shifted(40), rollout(linear), minute(20));

        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(first, linear, 1, minute(20)))
                        .outcome())
                .isEqualTo(Outcome.HEALTHY);
        Verdict next = Objects.requireNonNull(RolloutAnalysis.verdict(first, linear, 2, minute(20)));
        assertThat(next.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(next.message()).contains("With the 80 % that it has since");
    }

    @Test
    void ourOwnRequestsAreSubtracted() {
        serve(0, 2, 900, 120, 105); // of which 20 are ours, and 5 of those failed
        AnalysisState probed = shifted(10).probed(minute(1), new Sample(20, 5, 0, 0));

        AnalysisState judged = judging.update(probed, rollout(CANARY), minute(5));

        assertThat(errors(judged).candidateRequests()).isEqualTo(100);
        assertThat(errors(judged).candidateFailures()).isEqualTo(10);
    }

    /** Rounds of one clock minute are one minute, weighed when it is known what the old release did in it. */
    @Test
    void ourOwnRequestsOfAMinuteAreWeighedOnceAndWithWhatTheOldReleaseDid() {
        RolloutSettings probing = CANARY.withVerdict(CANARY.verdict().withProbes(true));
        for (int i = 30; i < 40; i++) {
            cloudWatch.group(
                    LIVE, minute(i), 5, i < 35 ? 1 : 5); // a fault of the whole site, then of the new release alone
            cloudWatch.group(CANDIDATE, minute(i), 60, 0);
        }
        AnalysisState state = shifted(10);
        Verdict verdict = null;
        for (int i = 30; i < 37; i++) {
            for (int round = 0; round < 3; round++) {
                state = state.probed(minute(i), new Sample(20, 20, 0, 0));
            }
            assertThat(state.probes()).hasSize(i - 29);
            assertThat(state.probesIn(minute(i))).isEqualTo(new Sample(60, 60, 0, 0));
            state = judging.update(state, rollout(probing), minute(i + 4));
            verdict = Objects.requireNonNull(RolloutAnalysis.verdict(state, probing, minute(i + 4)));
            assertThat(verdict.outcome()).as("minute %d", i).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        }
        Evidence seen = Objects.requireNonNull(state.evidence());
        assertThat(seen.lastProbe()).isEqualTo(minute(36));
        assertThat(verdict.errors().candidateRequests()).as("no user's").isZero();

        state = state.probed(minute(37), new Sample(60, 60, 0, 0));
        state = judging.update(state, rollout(probing), minute(41));

        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(state, probing, minute(41)))
                        .basis())
                .isEqualTo(Basis.ABSOLUTE);
    }

    /** Nothing serves users in that minute, and probes are sent all the same. */
    @Test
    void ourOwnRequestsCountInAMinuteWithoutFigures() {
        serve(0, 9, 0, 0, 0);
        cloudWatch.group(CANDIDATE, minute(5), 20, 20);
        AnalysisState state = judging.update(
                shifted(10).probed(minute(5), new Sample(20, 1, 0, 0)).probed(minute(6), new Sample(40, 2, 0, 0)),
                rollout(CANARY),
                minute(15));

        Evidence seen = Objects.requireNonNull(state.evidence());
        assertThat(seen.lastProbe()).isEqualTo(minute(6));
        assertThat(seen.last()).isNull();
        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(state, CANARY, minute(15)))
                        .message())
                .startsWith("5 % of 60 requests failed on the new release in 2 minutes");
    }

    /** The release gets warm in the minutes around the shift, too, and in those without figures of the old one. */
    @Test
    void minutesThatAreNotJudgedShowWhetherTheReleaseGetsWarm() {
        RolloutSettings timed = settings(given -> given.slowMillis = 500);
        for (int i = 0; i < 9; i++) {
            if (i != 3) {
                timed(LIVE, i, 900, 45);
            }
            timed(CANDIDATE, i, 100, 60 + i);
        }

        AnalysisState state = judging.update(shifted(10), rollout(timed), minute(9));

        assertThat(Objects.requireNonNull(state.evidence()).warmUp().last())
                .extracting(Sample::slow)
                .containsExactly(60L, 61L, 62L, 63L);
        assertThat(state.evidence().warmUp().over()).as("no fewer are slow").isTrue();
        assertThat(errors(state).minutes()).isEqualTo(4);
    }

    private void timed(String group, int at, int answers, int slow) {
        cloudWatch.group(group, minute(at), answers, answers);
        cloudWatch.put(group + " TargetResponseTime", minute(at), slow); // all of them
    }

    @Test
    void whatServesBesideIsTheMeasureUntilAllTrafficHasMoved() {
        serve(0, 20, 900, 100, 100);
        AnalysisState moved = shifted(10).shifted(minute(10), 100);

        AnalysisState judged = judging.update(moved, rollout(CANARY), minute(23));

        // Of minutes 0 to 19: not the shifts' own minutes nor the minute before, 0, 9 and 10.
        assertThat(errors(judged).minutes()).isEqualTo(17);
        assertThat(errors(judged).concurrentMinutes()).isEqualTo(8);
    }

    @Test
    void whereNothingServesBesideTheHourBeforeIsTheMeasure() {
        RolloutSettings blueGreen = settings(given -> given.strategy = Strategy.BLUE_GREEN);
        serve(-61, 0, 1000, 0, 0);
        serve(0, 10, 0, 1000, 1000);

        AnalysisState judged = judging.update(shifted(100), rollout(blueGreen), minute(13));

        assertThat(Objects.requireNonNull(judged.evidence()).before()).isEqualTo(new Sample(60_000, 0, 0, 0));
        assertThat(errors(judged).concurrentMinutes()).isZero();
        serve(10, 20, 0, 1000, 900);
        AnalysisState worse = judging.update(judged, rollout(blueGreen), minute(23));
        var verdict = Objects.requireNonNull(RolloutAnalysis.verdict(worse, blueGreen, minute(23)));
        assertThat(verdict.outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(verdict.basis()).isEqualTo(Basis.BEFORE_AFTER);
    }

    @Test
    void aMetricOfTheUsersBeyondItsLimitRejects() {
        RolloutSettings watched = settings(given ->
                given.metrics = List.of(new VerdictRules.Metric("queue", "shop", "depth", Map.of(), "Maximum", 100)));
        serve(0, 10, 900, 100, 100);
        cloudWatch.put("depth", minute(-5), 500).put("depth", minute(2), 100);

        AnalysisState fine = judging.update(shifted(10), rollout(watched), minute(8));
        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(fine, watched, minute(8)))
                        .outcome())
                .isNotEqualTo(Outcome.UNHEALTHY);
        for (int i = 5; i < 10; i++) {
            cloudWatch.put("depth", minute(i), 101);
        }
        AnalysisState over = judging.update(fine, rollout(watched), minute(13));
        var verdict = Objects.requireNonNull(RolloutAnalysis.verdict(over, watched, minute(13)));
        assertThat(verdict.outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(verdict.message()).contains("queue");
        assertThat(over.minutes())
                .extracting(AnalyzedMinute::outcome)
                .endsWith(Outcome.HEALTHY, Outcome.UNHEALTHY, Outcome.UNHEALTHY, Outcome.UNHEALTHY);
    }

    /** As an agent's may, or those of five minutes: the load balancer's minutes have been weighed by then. */
    @Test
    void aMetricOfTheUsersMayComeLate() {
        RolloutSettings watched = settings(given ->
                given.metrics = List.of(new VerdictRules.Metric("queue", "shop", "depth", Map.of(), "Maximum", 100)));
        serve(0, 24, 900, 100, 100);
        AnalysisState fine = judging.update(shifted(10), rollout(watched), minute(20));
        Verdict silent = Objects.requireNonNull(RolloutAnalysis.verdict(fine, watched, minute(20)));
        assertThat(silent.outcome()).isEqualTo(Outcome.HEALTHY);
        assertThat(silent.message()).endsWith(" No value has come yet of queue.");

        cloudWatch.put("depth", minute(8), 101).put("depth", minute(13), 101).put("depth", minute(18), 101);
        AnalysisState over = judging.update(fine, rollout(watched), minute(22));

        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(over, watched, minute(22)))
                        .outcome())
                .isEqualTo(Outcome.UNHEALTHY);
        assertThat(cloudWatch.asked).hasSize(2);
    }

    /** One publisher is late, and another tells of newer minutes meanwhile. */
    @Test
    void lateMinutesOfAMetricCountBesideNewerOnes() {
        RolloutSettings watched = settings(given ->
                given.metrics = List.of(new VerdictRules.Metric("queue", "shop", "depth", Map.of(), "Maximum", 100)));
        serve(0, 24, 900, 100, 100);
        cloudWatch.put("depth", minute(11), 1);
        AnalysisState fine = judging.update(shifted(10), rollout(watched), minute(16));

        cloudWatch.put("depth", minute(8), 101).put("depth", minute(9), 101).put("depth", minute(10), 101);
        AnalysisState over = judging.update(fine, rollout(watched), minute(20));

        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(over, watched, minute(20)))
                        .outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    /** A sum is not whole before all publishers have told. */
    @Test
    void aMinuteOfAMetricHasTheValueThatWasReadLast() {
        RolloutSettings watched = settings(given ->
                given.metrics = List.of(new VerdictRules.Metric("queue", "shop", "depth", Map.of(), "Sum", 100)));
        serve(0, 24, 900, 100, 100);
        for (int i = 8; i < 12; i++) {
            cloudWatch.put("depth", minute(i), 60);
        }
        AnalysisState fine = judging.update(shifted(10), rollout(watched), minute(16));

        for (int i = 8; i < 12; i++) {
            cloudWatch.add("depth", minute(i), 60);
        }
        AnalysisState over = judging.update(fine, rollout(watched), minute(17));

        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(over, watched, minute(17)))
                        .outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    @Test
    void withoutMetricsThereIsNoVerdict() {
        assertThat(RolloutAnalysis.verdict(shifted(10), CANARY, NOON)).isNull();
    }

    @Test
    void requestsThatDoNotArriveAreHeldAgainstTheWeightOfTheirMinute() {
        serve(0, 40, 900, 50, 50);

        AnalysisState judged = judging.update(shifted(10), rollout(CANARY), minute(43));

        Verdict verdict = Objects.requireNonNull(RolloutAnalysis.verdict(judged, CANARY, minute(43)));
        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.UNHEALTHY);
        assertThat(verdict.message()).startsWith("By its weight of 10 % the new release was to get about ");
        AnalysisState fair = judging.update(shifted(5), rollout(CANARY), minute(43));
        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(fair, CANARY, minute(43)))
                        .outcome())
                .isNotEqualTo(Verdict.Outcome.UNHEALTHY);
    }

    @Test
    void slowAnswersAreAskedForWithTheSpecsLimit() {
        RolloutSettings timed = settings(given -> given.slowMillis = 1500);
        serve(0, 10, 900, 100, 100);
        for (int i = 0; i < 10; i++) {
            for (String group : List.of(LIVE, CANDIDATE)) {
                cloudWatch.put(group + " TargetResponseTime", minute(i), 50);
            }
        }

        AnalysisState judged = judging.update(shifted(10), rollout(timed), minute(13));

        assertThat(cloudWatch.asked.getFirst().metricDataQueries())
                .extracting(query -> query.metricStat().stat())
                .contains("TC(1.5:)", "TC(3:)", "SampleCount");
        assertThat(Objects.requireNonNull(RolloutAnalysis.verdict(judged, timed, minute(60)))
                        .latency()
                        .minutes())
                .isPositive();
        assertThat(timed.criteria().maxSlowPercent()).isEqualTo(20);
        assertThat(CANARY.criteria().maxSlowPercent()).isNull();
        assertThat(settings(given -> given.maxErrorPercent = 100).criteria().maxErrorPercent())
                .isNull();
    }

    @Test
    void everyMinuteThatIsReadIsKeptAndSaysWhetherItWasWeighed() {
        serve(0, 3, 900, 100, 99);
        cloudWatch.group(LIVE, minute(3), 900, 900); // nobody comes to the new release
        serve(4, 5, 0, 100, 100); // no figures of the old one
        serve(5, 6, 900, 100, 98);

        AnalysisState first = judging.update(shifted(10), rollout(CANARY), minute(4));
        AnalysisState all = judging.update(first, rollout(CANARY), minute(10).plusSeconds(30));

        assertThat(first.minutes())
                .containsExactly(new AnalyzedMinute(
                        NOON, 10, false, new Sample(100, 1, 0, 0), new Sample(900, 0, 0, 0), null, null, null));
        assertThat(all.minutes())
                .extracting(AnalyzedMinute::start)
                .containsExactly(NOON, minute(1), minute(2), minute(3), minute(4), minute(5));
        assertThat(all.minutes())
                .extracting(AnalyzedMinute::judged)
                .containsExactly(false, true, true, false, false, true);
        assertThat(all.minutes().get(3).candidate()).isNull();
        assertThat(all.minutes().get(3).baseline()).isEqualTo(new Sample(900, 0, 0, 0));
        assertThat(all.minutes().get(4).candidate()).isEqualTo(new Sample(100, 0, 0, 0));
        assertThat(all.minutes().get(4).baseline()).isNull();
        assertThat(all.minutes().get(4).errors()).isEqualTo(all.minutes().get(2).errors());
        assertThat(all.minutes().getLast().errors())
                .isEqualTo(EValues.of(errors(all)))
                .isNotEqualTo(all.minutes().get(4).errors());
        assertThat(all.lacksFirstMinutes()).isFalse();
    }

    @Test
    void theEValueReachesItsThresholdInTheMinuteThatRejects() {
        serve(0, 5, 900, 100, 100);
        serve(5, 20, 900, 100, 70);

        AnalysisState judged = judging.update(shifted(10), rollout(CANARY), minute(23));

        double threshold = CANARY.criteria().thresholds().errors().worseEValue();
        int rejects =
                judged.minutes().stream().map(AnalyzedMinute::outcome).toList().indexOf(Outcome.UNHEALTHY);
        assertThat(rejects).isGreaterThan(5);
        assertThat(judged.minutes().subList(1, rejects))
                .allSatisfy(minute -> assertThat(
                                Objects.requireNonNull(minute.errors()).worseEValue())
                        .isLessThan(threshold));
        assertThat(Objects.requireNonNull(judged.minutes().get(rejects).errors())
                        .worseEValue())
                .isGreaterThanOrEqualTo(threshold);
        assertThat(judged.minutes().get(rejects).latency()).isEqualTo(new EValues(1, 1));
    }

    @Test
    void afterAShiftAMinuteTellsWhatIsKnownAtTheNewShare() {
        serve(0, 20, 900, 600, 600);
        AnalysisState moved = shifted(40).shifted(minute(15).plusSeconds(20), 100);

        AnalysisState judged = judging.update(moved, rollout(CANARY), minute(23));

        assertThat(judged.minutes().get(14).outcome()).isEqualTo(Outcome.HEALTHY);
        assertThat(judged.minutes().get(15).outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(judged.minutes().subList(14, 17))
                .extracting(AnalyzedMinute::judged)
                .containsExactly(false, false, false);
        assertThat(judged.minutes().subList(14, 17))
                .extracting(AnalyzedMinute::percent)
                .containsExactly(40.0, 40.0, 100.0);
        assertThat(judged.minutes().get(16).baseline()).isNull();
    }
}
