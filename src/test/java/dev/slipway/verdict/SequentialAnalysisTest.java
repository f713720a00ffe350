package dev.slipway.verdict;

import static dev.slipway.verdict.Rollouts.CRITERIA;
import static dev.slipway.verdict.Rollouts.errors;
import static dev.slipway.verdict.Rollouts.minutes;
import static dev.slipway.verdict.Rollouts.none;
import static dev.slipway.verdict.Rollouts.probed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequentialAnalysisTest {
    private static final Sample NEW = new Sample(103, 2, 101, 5, 1);
    private static final Sample OLD = new Sample(925, 1, 924, 11, 2);

    @Test
    void aMinuteIsUsedOnceAndNoOlderOneAfterIt() {
        Evidence five = minutes(5, NEW, OLD);

        assertThat(SequentialAnalysis.update(five, Traffic.minute(5, OLD, NEW), CRITERIA))
                .isEqualTo(five);
        assertThat(SequentialAnalysis.update(five, Traffic.minute(4, OLD, NEW), CRITERIA))
                .isEqualTo(five);
        assertThat(SequentialAnalysis.update(five, Traffic.minute(6, NEW, OLD), CRITERIA))
                .isEqualTo(minutes(6, NEW, OLD));
    }

    @Test
    void leavesTheWarmUpOut() {
        Criteria slowStart = CRITERIA.withWarmUp(Duration.ofMinutes(3));

        Evidence evidence = minutes(none(), 0, 5, NEW, OLD, slowStart);

        assertThat(evidence.warmingUp()).isEqualTo(3);
        assertThat(evidence.last()).isEqualTo(Traffic.minute(4, NEW, OLD).start());
        assertThat(evidence.errors().concurrent().minutes()).isEqualTo(2);
        assertThat(evidence.latency().concurrent().minutes()).isEqualTo(2);
    }

    @Test
    void keepsMinutesBesideAndAloneApart() {
        Evidence evidence = minutes(minutes(4, NEW, OLD), 5, 3, NEW, null, CRITERIA);

        SignalEvidence errors = evidence.errors();
        assertThat(errors.concurrent()).isEqualTo(minutes(4, NEW, OLD).errors().concurrent());
        assertThat(errors.historical().minutes()).isEqualTo(3);
        assertThat(errors.historical().candidateFailures()).isEqualTo(6);
        assertThat(errors.historical().baselineRequests()).isZero();
        assertThat(errors.absolute().minutes()).isEqualTo(7);
        assertThat(evidence.latency().minutes()).isEqualTo(7);
        assertThat(evidence.latency().candidateFailures()).isEqualTo(35);
    }

    @Test
    void aBaselineWithoutRequestsIsNone() {
        assertThat(minutes(3, NEW, Sample.NONE).errors())
                .isEqualTo(minutes(3, NEW, null).errors());
    }

    @Test
    void aCandidateWithoutRequestsSaysNothing() {
        Evidence evidence = minutes(3, Sample.NONE, OLD);

        assertThat(evidence.errors()).isEqualTo(SignalEvidence.NONE);
        assertThat(evidence.latency()).isEqualTo(SignalEvidence.NONE);
    }

    @Test
    void minutesWithoutAFailureAreCountedButCannotCompare() {
        SignalEvidence errors = minutes(3, errors(10, 0), errors(90, 0)).errors();

        assertThat(errors.concurrent().baselineRequests()).isEqualTo(270);
        assertThat(errors.concurrent().worse()).isEqualTo(EProcess.NONE);
        assertThat(errors.negligible().updates()).isEqualTo(3);
    }

    @Test
    void probesCountOnceAndAgainstTheLimitsOnly() {
        Evidence probed = probed(none(), 0, NEW, null, CRITERIA);

        assertThat(probed(probed, 0, NEW, null, CRITERIA)).isEqualTo(probed);
        assertThat(probed.errors().absolute().candidateRequests()).isEqualTo(103);
        assertThat(probed.latency().absolute().candidateFailures()).isEqualTo(5);
        assertThat(probed.errors().minutes()).isZero();
        assertThat(probed.errors().negligible()).isEqualTo(EProcess.NONE);
        assertThat(probed(probed, 1, Sample.NONE, null, CRITERIA).errors()).isEqualTo(probed.errors());
        Evidence again = probed(probed, 1, NEW, null, CRITERIA);
        assertThat(again.errors().absolute().minutes()).isEqualTo(2);
    }

    @Test
    void aSiteWideIncidentRejectsNobody() {
        Evidence evidence = minutes(20, errors(100, 0), errors(900, 1));
        evidence = minutes(evidence, 21, 20, errors(100, 40), errors(900, 360), CRITERIA);

        assertThat(evidence.errors().concurrent().logWorse()).isNegative();
    }

    @Test
    void aReleaseThatTurnsBadAfterHoursIsNotForgivenForThem() {
        Evidence evidence = minutes(180, errors(100, 1), errors(900, 9));
        evidence = minutes(evidence, 181, 6, errors(100, 10), errors(900, 9), CRITERIA);

        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA, Rollouts.LATE).outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    @Test
    void noSingleMinuteRejects() {
        Evidence two = minutes(2, errors(100, 60), errors(900, 0));
        Evidence three = minutes(3, errors(100, 60), errors(900, 0));

        assertThat(SequentialAnalysis.verdict(two, CRITERIA, Rollouts.SOON).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(SequentialAnalysis.verdict(three, CRITERIA, Rollouts.SOON).outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    @Test
    void healthyAgesWhenAReleaseTurnsBad() {
        Evidence evidence = minutes(120, errors(60, 0), errors(540, 3));
        assertThat(outcome(evidence)).isEqualTo(Outcome.HEALTHY);

        evidence = minutes(evidence, 121, 5, errors(60, 2), errors(540, 3), CRITERIA);

        assertThat(outcome(evidence)).isNotEqualTo(Outcome.HEALTHY);
    }

    @Test
    void healthyEndsWithoutMetrics() {
        Evidence evidence = minutes(60, errors(100, 0), errors(900, 0));
        Instant last = Traffic.START.plus(Duration.ofMinutes(60));

        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA, last.plus(Duration.ofMinutes(15)))
                        .outcome())
                .isEqualTo(Outcome.HEALTHY);
        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA, last.plus(Duration.ofMinutes(16)))
                        .outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }

    @Test
    void healthyHasToBeShownAtEachStep() {
        Evidence first = minutes(60, errors(100, 0), errors(900, 0));
        Instant at = Traffic.START.plus(Duration.ofMinutes(61));

        Evidence second = SequentialAnalysis.shifted(first, at, CRITERIA);
        assertThat(outcome(second)).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(SequentialAnalysis.shifted(second, at, CRITERIA)).isEqualTo(second);
        assertThat(outcome(minutes(second, 62, 3, errors(20, 0), errors(980, 0), CRITERIA)))
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        // Sooner than at the first step: a part of what is known is carried.
        assertThat(outcome(minutes(second, 62, 3, errors(200, 0), errors(800, 0), CRITERIA)))
                .isEqualTo(Outcome.HEALTHY);
    }

    @Test
    void coldCachesAreNoEvidence() {
        Sample slow = new Sample(100, 0, 100, 60);
        Criteria criteria = CRITERIA.withWarmUp(Duration.ZERO).withLatencyWarmUp(Duration.ofMinutes(4));

        Evidence cold = minutes(none(), 0, 4, slow, new Sample(900, 0, 900, 40), criteria);
        assertThat(cold.latency()).isEqualTo(SignalEvidence.NONE);
        assertThat(cold.errors().minutes()).isEqualTo(4);
        assertThat(minutes(cold, 4, 1, slow, new Sample(900, 0, 900, 40), criteria)
                        .latency()
                        .minutes())
                .isEqualTo(1);
    }

    /** Shape and minutes are two things: the release warms up in all of them. */
    @Test
    void aMinuteThatIsNotJudgedShowsHowWarmTheReleaseIs() {
        Criteria criteria = CRITERIA.withWarmUp(Duration.ZERO).withLatencyWarmUp(Duration.ofMinutes(4));
        Sample old = new Sample(900, 0, 900, 45);
        Evidence evidence = none();
        for (int minute = 0;
                minute < 4;
                minute++) { // a half, a quarter …: slow as they are, the newest two are no fewer
            Sample candidate = new Sample(100, 0, 100, minute < 2 ? 60 : 20);
            evidence = minute < 2
                    ? SequentialAnalysis.notJudged(
                            evidence, Traffic.minute(minute, candidate, old).start(), candidate, criteria)
                    : minutes(evidence, minute, 1, candidate, old, criteria);
        }

        assertThat(evidence.errors().minutes()).isEqualTo(2);
        assertThat(evidence.last()).isEqualTo(Traffic.START.plus(Duration.ofMinutes(3)));
        Evidence next = minutes(evidence, 4, 1, new Sample(100, 0, 100, 15), old, criteria);
        assertThat(next.warmUp().over()).isFalse();
        assertThat(next.latency().minutes()).isZero();
        Evidence blind = minutes(none(), 2, 3, new Sample(100, 0, 100, 20), old, criteria);
        assertThat(blind.warmUp().over()).isTrue();
    }

    /** What the criteria leave out as the warm-up after the first shift shows it as well. */
    @Test
    void soDoesTheWarmUpOfTheCriteria() {
        Criteria criteria = CRITERIA.withWarmUp(Duration.ofMinutes(3)).withLatencyWarmUp(Duration.ofMinutes(4));

        Evidence evidence = none();
        int[] slow = {90, 75, 60, 48, 35, 25, 18, 16, 15, 15, 15, 15, 15, 15};
        for (int minute = 0; minute < slow.length; minute++) {
            Sample candidate = new Sample(100, 0, 100, slow[minute]);
            evidence = minutes(evidence, minute, 1, candidate, new Sample(900, 0, 900, 45), criteria);
        }

        assertThat(evidence.errors().minutes()).isEqualTo(11);
        assertThat(evidence.latency().minutes()).isEqualTo(3);
    }

    /** Caches fill: each minute clearly fewer are slow. What is slow for good, or comes and goes, is warm when the spec says so. */
    @Test
    void aWarmUpThatGoesOnIsSeenByItsShapeAndEndsAtLast() {
        Criteria criteria = CRITERIA.withWarmUp(Duration.ZERO).withLatencyWarmUp(Duration.ofMinutes(4));

        assertThat(judgedFrom(criteria, 90, 75, 60, 48, 35, 25, 18, 16, 15, 15, 15, 15, 15, 15))
                .isEqualTo(11);
        assertThat(judgedFrom(criteria, 60, 60, 60, 60, 60, 60, 60, 60)).isEqualTo(4);
        assertThat(judgedFrom(criteria, 10, 20, 40, 60, 80, 80, 80, 80)).isEqualTo(4);
        assertThat(judgedFrom(criteria, 100, 96, 92, 86, 78, 70, 62, 54, 46, 38, 30, 22, 14, 6))
                .as("three times as long at the most")
                .isEqualTo(12);
    }

    /** Of answers in fewer than two minutes nobody knows whether it gets better; what has no time tells nothing either way. */
    @ParameterizedTest
    @CsvSource({"0, 12", "1, 12", "2, 4", "3, 4", "4, 4"})
    void theWarmUpIsAsLongAsCanBeWhereTooFewMinutesTell(int timed, int end) {
        Duration usual = Duration.ofMinutes(4);
        WarmUp cold = WarmUp.NONE;
        int minute = 0;
        while (!cold.over()) {
            Sample sample = minute < 4 - timed || minute >= 4 ? errors(100, 100) : new Sample(100, 0, 100, 60);
            cold = cold.next(sample, Duration.ofMinutes(minute++), usual);
        }

        assertThat(minute - 1).isEqualTo(end);
        assertThat(cold.isTimed()).isEqualTo(timed > 0);
    }

    @Test
    void aMinuteWithoutAnAnswerLeavesTheShapeAsItIs() {
        Duration usual = Duration.ofMinutes(4);
        WarmUp cold = WarmUp.NONE;
        for (int slow : new int[] {80, 40}) {
            cold = cold.next(new Sample(100, 0, 100, slow), Duration.ofMinutes(3), usual);
        }
        assertThat(cold.next(errors(100, 100), usual, usual)).isEqualTo(cold);
        assertThat(cold.next(new Sample(100, 0, 100, 30), usual, usual).last()).hasSize(3);
    }

    /** Every answer is slow: until latency is judged, nobody knows that it is not; then it is worse. */
    @Test
    void whatAnswersIsNotHealthyBeforeItsLatencyIsJudged() {
        Criteria criteria = CRITERIA.withLatencyWarmUp(Duration.ofMinutes(20));
        Sample old = new Sample(900, 0, 900, 45);
        Evidence evidence = none();
        for (int minute = 1; minute < 20; minute++) {
            evidence = minutes(evidence, minute, 1, new Sample(100, 0, 100, 100), old, criteria);
            assertThat(outcome(evidence)).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        }
        assertThat(SequentialAnalysis.verdict(evidence, criteria, Rollouts.SOON).message())
                .isEqualTo("Slow answers on the new release are not judged yet: it is new, and gets warm.");
        assertThat(outcome(minutes(evidence, 20, 3, new Sample(100, 0, 100, 100), old, criteria)))
                .isEqualTo(Outcome.UNHEALTHY);
        assertThat(outcome(minutes(none(), 1, 19, errors(100, 0), errors(900, 0), criteria)))
                .as("no times, no latency")
                .isEqualTo(Outcome.HEALTHY);
    }

    /** The minute in which the warm-up ends may be one that is not judged. */
    @Test
    void norInTheMinuteInWhichItIsWarm() {
        Criteria criteria = CRITERIA.withLatencyWarmUp(Duration.ofMinutes(20));
        Evidence evidence = minutes(none(), 1, 19, new Sample(100, 0, 100, 5), new Sample(900, 0, 900, 45), criteria);
        Instant at = Traffic.START.plus(Duration.ofMinutes(20));
        Evidence warm = SequentialAnalysis.notJudged(evidence, at, new Sample(100, 0, 100, 5), criteria);

        assertThat(warm.warmUp().over()).isTrue();
        assertThat(outcome(warm)).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }

    /** Their answers have times, too. */
    @Test
    void ofProbesLatencyIsJudgedOnceTheReleaseIsWarm() {
        Criteria criteria = Traffic.probing(
                CRITERIA.withLatencyWarmUp(Duration.ofMinutes(4)).withLimits(5.0, 10.0), Duration.ZERO);
        Sample slow = new Sample(120, 0, 120, 120);

        Evidence cold = probed(none(), 11, slow, null, criteria);
        assertThat(cold.latency()).isEqualTo(SignalEvidence.NONE);
        assertThat(cold.errors().absolute().candidateRequests()).isEqualTo(120);
        Evidence warm = probed(none(), 12, slow, null, criteria);
        assertThat(warm.latency().absolute().candidateFailures()).isEqualTo(120);
        assertThat(SequentialAnalysis.verdict(warm, criteria, Rollouts.SOON).outcome())
                .as("errors alone are within the limit")
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        Evidence quick = probed(none(), 12, new Sample(120, 0, 120, 0), null, criteria);
        assertThat(SequentialAnalysis.verdict(quick, criteria, Rollouts.SOON).outcome())
                .isEqualTo(Outcome.HEALTHY);
    }

    /** The first minute of which latency was judged; of 100 answers so many are slow, and failures are judged throughout. */
    private static int judgedFrom(Criteria criteria, int... slow) {
        Evidence evidence = none();
        for (int minute = 0; minute < slow.length; minute++) {
            Sample candidate = new Sample(100, 0, 100, slow[minute]);
            evidence = minutes(evidence, minute, 1, candidate, new Sample(900, 0, 900, 45), criteria);
        }
        assertThat(evidence.errors().minutes()).isEqualTo(slow.length);
        return slow.length - evidence.latency().minutes();
    }

    @Test
    void aTailThatIsTwiceAsSlowIsSeenThoughNoMoreAreSlow() {
        Sample old = new Sample(900, 0, 900, 45, 2);
        Evidence tail = minutes(15, new Sample(100, 0, 100, 5, 4), old);
        Evidence same = minutes(15, new Sample(100, 0, 100, 5, 0), old);

        Verdict verdict = SequentialAnalysis.verdict(tail, CRITERIA, Rollouts.SOON);
        assertThat(verdict.outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(verdict.message())
                .startsWith(
                        "4 % of 1,500 requests took more than twice as long as is slow on the new release, 0.2 % of");
        assertThat(outcome(same)).isNotEqualTo(Outcome.UNHEALTHY);
    }

    @Test
    void aReleaseThatGetsFarFewerRequestsThanItsWeightIsWorse() {
        assertThat(outcome(arriving(25, 50, 900, 0.1))).isEqualTo(Outcome.UNHEALTHY);
        assertThat(SequentialAnalysis.verdict(arriving(25, 50, 900, 0.1), CRITERIA, Rollouts.SOON)
                        .message())
                .startsWith(
                        "By its weight of 10 % the new release was to get about 2,375 of 23,750 requests in 25 minutes,")
                .contains("requests get lost before it; so few come by chance less than once in ");
        assertThat(outcome(arriving(25, 100, 900, 0.1))).isNotEqualTo(Outcome.UNHEALTHY);
        assertThat(outcome(arriving(25, 200, 800, 0.1))).isNotEqualTo(Outcome.UNHEALTHY);
        Verdict early = SequentialAnalysis.verdict(arriving(15, 50, 900, 0.1), CRITERIA, Rollouts.SOON);
        assertThat(early.outcome()).as("minutes are learned from first").isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(early.message())
                .isEqualTo(
                        "By its weight of 10 % the new release was to get about 1,425 of 14,250 requests in 15 minutes, and it got"
                                + " 750: too few to call it sound, and too few minutes to say that they get lost.");
        assertThat(outcome(arriving(60, 50, 900, null)))
                .as("no weight is known")
                .isNotEqualTo(Outcome.UNHEALTHY);
        assertThat(outcome(arriving(60, 0, 900, 0.1)))
                .as("no figures are no loss")
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }

    @Test
    void sharesThatScatterByThemselvesAreNoLoss() {
        Evidence evidence = none();
        for (int minute = 1; minute <= 60; minute++) { // clients that stay for five minutes: none, or two in ten
            long ours = minute / 5 % 3 == 0 ? 190 : 10;
            evidence = SequentialAnalysis.update(
                    evidence, Traffic.minute(minute, errors(ours, 0), errors(1_000 - ours, 0), 0.1), CRITERIA);
            assertThat(outcome(evidence)).isNotEqualTo(Outcome.UNHEALTHY);
        }
    }

    private static Evidence arriving(int minutes, long ours, long beside, @Nullable Double weight) {
        Evidence evidence = none();
        for (int minute = 1; minute <= minutes; minute++) {
            evidence = SequentialAnalysis.update(
                    evidence, Traffic.minute(minute, errors(ours, 0), errors(beside, 0), weight), CRITERIA);
        }
        return evidence;
    }

    private static Outcome outcome(Evidence evidence) {
        return SequentialAnalysis.verdict(evidence, CRITERIA, Rollouts.SOON).outcome();
    }

    @Test
    void survivesStorageAsJsonAndStaysSmall() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
        Criteria criteria = CRITERIA.withLimits(1.0, 2.0).withLatencyWarmUp(Duration.ofMinutes(4));
        List<Sample> before = new ArrayList<>(Collections.nCopies(20, new Sample(900, 1, 900, 20)));
        before.addAll(Collections.nCopies(30, new Sample(900, 30, 900, 9)));
        Evidence evidence = Evidence.after(Traffic.START, new BaselineHistory(before, before.size()));
        assertThat(evidence.errorVariation().dispersion()).isGreaterThan(1);
        for (int minute = 1; minute <= 60; minute++) {
            Sample beside = minute <= 30 ? OLD : null;
            evidence = SequentialAnalysis.update(
                    evidence, Traffic.minute(minute, NEW, beside, beside == null ? 1 : 0.1), criteria);
            if (minute % 20 == 0) {
                Instant at = Traffic.START.plus(Duration.ofMinutes(minute + 1));
                evidence = SequentialAnalysis.shifted(evidence, at, criteria);
            }
            assertThat(json.readValue(json.writeValueAsString(evidence), Evidence.class))
                    .isEqualTo(evidence);
        }

        String stored = json.writeValueAsString(evidence);

        assertThat(stored).hasSizeLessThan(4_000);
    }

    /**
     * A release that fails a fifth was replaced, within a minute, a few minutes ago; the one after it fails as much. How it began and ended is
     * no sign that minutes vary.
     */
    @Test
    void aReleaseThatFailedBeforeTheLiveOneDoesNotHideTheNext() {
        List<Sample> before = new ArrayList<>(Collections.nCopies(26, errors(10_000, 1)));
        before.add(errors(10_000, 1_431));
        before.addAll(Collections.nCopies(22, errors(10_000, 2_000)));
        before.addAll(List.of(errors(567, 117), errors(612, 16)));
        before.addAll(Collections.nCopies(4, errors(600, 0)));
        Criteria criteria = CRITERIA.withLimits(5.0, null);
        Evidence evidence = Evidence.after(Traffic.START, new BaselineHistory(before, 1));

        assertThat(evidence.errorVariation()).isEqualTo(Variation.NONE);
        Evidence failing = minutes(evidence, 1, 3, errors(600, 120), null, criteria);
        assertThat(SequentialAnalysis.verdict(failing, criteria, Rollouts.SOON).outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    /** 60 minutes of 100 requests, or after a shift 3 of 200: a release is never healthy on fewer than the criteria say. */
    @ParameterizedTest
    @CsvSource({"6000, HEALTHY", "6001, NOT_ENOUGH_EVIDENCE"})
    void healthyNeedsTheFewestRequestsThatTheCriteriaSay(long fewest, Outcome outcome) {
        Evidence evidence = minutes(60, errors(100, 0), errors(900, 0));

        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA.withMinimumRequests(fewest), Rollouts.SOON)
                        .outcome())
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"600, HEALTHY", "601, NOT_ENOUGH_EVIDENCE"})
    void andSoManyOfThemSinceTheLastShift(long fewest, Outcome outcome) {
        Evidence first = minutes(60, errors(100, 0), errors(900, 0));
        Evidence second = SequentialAnalysis.shifted(first, Traffic.START.plus(Duration.ofMinutes(61)), CRITERIA);
        Evidence evidence = minutes(second, 62, 3, errors(200, 0), errors(800, 0), CRITERIA);

        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA.withMinimumRequests(fewest), Rollouts.SOON)
                        .outcome())
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"150, HEALTHY", "151, NOT_ENOUGH_EVIDENCE"})
    void requestsOfOurOwnAreNoFewer(long fewest, Outcome outcome) {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ZERO);
        Evidence probed = probed(none(), 0, errors(150, 0), null, criteria);

        assertThat(SequentialAnalysis.verdict(probed, criteria.withMinimumRequests(fewest), Traffic.START)
                        .outcome())
                .isEqualTo(outcome);
    }

    /** 60 minutes of 1,000 requests; the old revision fails at the limit, too, and so is no worse. */
    @ParameterizedTest
    @CsvSource({"0, HEALTHY", "1, NOT_ENOUGH_EVIDENCE"})
    void whatFailsInAllBeyondTheLimitIsNotHealthyThoughNoWorse(long more, Outcome outcome) {
        Criteria limited = CRITERIA.withLimits(5.0, null);
        Evidence evidence = minutes(none(), 1, 59, errors(1_000, 50), errors(1_000, 50), limited);
        evidence = minutes(evidence, 60, 1, errors(1_000, 50 + more), errors(1_000, 50), limited);

        assertThat(SequentialAnalysis.verdict(evidence, limited, Rollouts.SOON).outcome())
                .isEqualTo(outcome);
    }

    /** Either e-value shows that a release is sound: their mean counts, of 2 and 8 it is 5. */
    @ParameterizedTest
    @CsvSource({
        // e-values for no worse, for harmless, for worse, and for sound
        "2, 8, 1, 5",
        "8, 2, 1, 5",
        "2, 8, 3.99, 5",
        "2, 8, 4, 1", // seems worse, and is not called harmless
        "8, 2, 4, 4"
    })
    void soundnessIsTheMeanOfTwoAndWhatSeemsWorseIsNotHarmless(
            double noWorse, double harmless, double worse, double sound) {
        Tally beside = Tally.NONE.withNonInferior(ofValue(noWorse)).withLogCapped(Math.log(worse));
        SignalEvidence track = SignalEvidence.NONE.withConcurrent(beside).withNegligible(ofValue(harmless));

        assertThat(Math.exp(SequentialAnalysis.logNonInferior(track))).isCloseTo(sound, within(1e-9));
    }

    private static EProcess ofValue(double value) {
        return new EProcess(1, Collections.nCopies(3, Math.log(value)));
    }

    /** 20 is enough, and each step has to bring a factor of 3 itself. */
    @Test
    void atMostAThirdOfWhatIsNeededIsCarriedToTheNextStep() {
        Evidence first = minutes(60, errors(100, 0), errors(900, 0));
        Evidence second = SequentialAnalysis.shifted(first, Traffic.START.plus(Duration.ofMinutes(61)), CRITERIA);

        assertThat(Alternatives.BELOW_LIMIT.logValue(second.errors().negligible()))
                .isLessThanOrEqualTo(Math.log(20 / 3.0))
                .isCloseTo(Math.log(20 / 3.0), within(1e-3));
    }
}
