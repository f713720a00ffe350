package dev.slipway.verdict;

import static dev.slipway.verdict.Rollouts.CRITERIA;
import static dev.slipway.verdict.Rollouts.LATE;
import static dev.slipway.verdict.Rollouts.SOON;
import static dev.slipway.verdict.Rollouts.errors;
import static dev.slipway.verdict.Rollouts.minutes;
import static dev.slipway.verdict.Rollouts.none;
import static dev.slipway.verdict.Rollouts.probed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.verdict.Verdict.Basis;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictPolicyTest {
    private static final Sample BEFORE = new Sample(60_000, 60, 60_000, 600);

    @ParameterizedTest
    @CsvSource({
        // minutes, new: requests, failures, timed, slow; old: the same
        "12, 103,2,101,0, 925,1,924,1, UNHEALTHY, COMPARISON",
        "12, 103,0,101,9, 925,1,924,9, UNHEALTHY, COMPARISON",
        "12, 103,0,101,0, 925,1,924,1, HEALTHY, COMPARISON",
        "12, 10300,99,10100,505, 92500,900,92400,4620, HEALTHY, COMPARISON",
        "2, 103,0,101,0, 925,1,924,1, NOT_ENOUGH_EVIDENCE, NONE",
        "3, 103,0,101,5, 925,1,924,46, NOT_ENOUGH_EVIDENCE, NONE",
        "30, 3,0,3,0, 25,0,25,0, NOT_ENOUGH_EVIDENCE, NONE",
        "1, 3,1,0,0, 25,0,25,0, NOT_ENOUGH_EVIDENCE, NONE",
        "60, 1,0,1,0, 2500,0,2500,0, NOT_ENOUGH_EVIDENCE, NONE",
    })
    void comparesWithWhatServesBesideIt(
            int count, long a, long b, long c, long d, long e, long f, long g, long h, Outcome outcome, Basis basis) {
        Evidence evidence = minutes(count, new Sample(a, b, c, d), new Sample(e, f, g, h));

        Verdict verdict = SequentialAnalysis.verdict(evidence, CRITERIA, SOON);

        assertThat(verdict.outcome()).isEqualTo(outcome);
        assertThat(verdict.basis()).isEqualTo(basis);
    }

    @Test
    void silenceIsNeverHealthy() {
        for (boolean probes : new boolean[] {false, true}) {
            Criteria criteria = Traffic.probing(CRITERIA, Duration.ofMinutes(5)).withProbes(probes);
            Verdict verdict = SequentialAnalysis.verdict(none(), criteria, LATE);
            assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
            assertThat(verdict.probe()).isEqualTo(probes);
            assertThat(verdict.requestsNeeded()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, 2, NOT_ENOUGH_EVIDENCE, false",
        "false, true, 5, NOT_ENOUGH_EVIDENCE, false",
        "true, false, 5, NOT_ENOUGH_EVIDENCE, false",
        "true, true, 2, NOT_ENOUGH_EVIDENCE, true",
        "true, true, 5, HEALTHY, false"
    })
    void afterPatienceRequestsOfOurOwnAreWantedWhereTheSpecSaysSo(
            boolean probes, boolean late, long each, Outcome outcome, boolean probe) {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.between(Traffic.START, LATE))
                .withProbes(probes);
        // 5 a minute: enough for a limit of 5 %, not for a comparison
        Evidence evidence = minutes(none(), 1, 30, errors(each, 0), errors(50, 0), criteria);

        Verdict verdict = SequentialAnalysis.verdict(evidence, criteria, late ? LATE : LATE.minusSeconds(1));

        assertThat(verdict.outcome()).isEqualTo(outcome);
        assertThat(verdict.probe()).isEqualTo(probe);
    }

    /** Within the limits are many that are worse: to compare is better where users send enough for it within an hour. */
    @ParameterizedTest
    @CsvSource({
        // in each of 30 minutes: new, and failed of it; old
        "5, 0, 45, HEALTHY, false",
        "30, 1, 270, NOT_ENOUGH_EVIDENCE, false",
        "3, 0, 27, NOT_ENOUGH_EVIDENCE, true"
    })
    void requestsOfOurOwnStandForUsersOnlyWhereTheseAreTooFew(
            long each, long failed, long old, Outcome outcome, boolean probe) {
        Criteria criteria = Traffic.probing(CRITERIA.withTolerance(3).withLimits(5.0, null), Duration.ofMinutes(15));
        // Which old ones fail, one in a hundred, so that it takes its time.
        Evidence evidence = none();
        for (int minute = 1; minute <= 30; minute++) {
            evidence =
                    minutes(evidence, minute, 1, errors(each, failed * (minute % 2)), errors(old, old / 90), criteria);
        }

        Verdict verdict = SequentialAnalysis.verdict(evidence, criteria, LATE);

        assertThat(verdict.outcome()).isEqualTo(outcome);
        assertThat(verdict.probe()).isEqualTo(probe);
    }

    @Test
    void whatUsersHaveMetIsNotOutvotedByLimits() {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ofMinutes(15));
        Evidence calm = minutes(none(), 1, 29, errors(10, 0), errors(90, 0), criteria);
        Evidence doubtful = minutes(calm, 30, 3, errors(10, 1), errors(90, 0), criteria);

        assertThat(SequentialAnalysis.verdict(calm, criteria, LATE).basis()).isEqualTo(Basis.ABSOLUTE);
        Verdict verdict = SequentialAnalysis.verdict(doubtful, criteria, LATE);
        assertThat(verdict.errors().worseEValue()).isGreaterThan(4);
        assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(verdict.probe()).as("more of them would change nothing").isFalse();
    }

    /** What a step has not had itself says nothing of it: not users' requests, nor our own. */
    @ParameterizedTest
    @CsvSource({"99, NOT_ENOUGH_EVIDENCE", "100, HEALTHY"})
    void aStepIsHeldAgainstTheLimitsByItsOwnRequests(long probes, Outcome outcome) {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ofMinutes(15));
        Evidence first = minutes(none(), 1, 30, errors(5, 0), errors(45, 0), criteria);
        Evidence second = SequentialAnalysis.shifted(first, Traffic.START.plus(Duration.ofMinutes(31)), criteria);

        Evidence probed = probed(second, 32, errors(probes, 0), errors(45, 0), criteria);

        assertThat(SequentialAnalysis.verdict(first, criteria, LATE).outcome()).isEqualTo(Outcome.HEALTHY);
        assertThat(SequentialAnalysis.verdict(second, criteria, LATE).outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(SequentialAnalysis.verdict(probed, criteria, LATE).outcome()).isEqualTo(outcome);
    }

    @Test
    void probesFillUpWhatIsLacking() {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ZERO);

        Evidence good = probed(none(), 0, errors(150, 0), null, criteria);
        Evidence poor = probed(none(), 0, errors(150, 9), null, criteria);
        Evidence once = probed(none(), 0, errors(150, 150), null, criteria);
        Evidence twice = probed(once, 1, errors(120, 120), errors(5, 0), criteria);
        Evidence bad = probed(twice, 2, errors(120, 120), errors(5, 0), criteria);

        assertThat(SequentialAnalysis.verdict(good, criteria, Traffic.START).basis())
                .isEqualTo(Basis.ABSOLUTE);
        assertThat(SequentialAnalysis.verdict(good, criteria, Traffic.START).outcome())
                .isEqualTo(Outcome.HEALTHY);
        assertThat(SequentialAnalysis.verdict(poor, criteria, Traffic.START).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(SequentialAnalysis.verdict(twice, criteria, Traffic.START).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(SequentialAnalysis.verdict(bad, criteria, Traffic.START).outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    /** Of a minute in which the old release breaks the limit, be it by one request, nobody knows whose doing it is. */
    @Test
    void probesThatFailSayNothingInMinutesInWhichTheOldReleaseBreaksTheLimit() {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ZERO);
        Evidence evidence = none();
        for (int minute = 0; minute < 30; minute++) {
            evidence = probed(evidence, minute, errors(120, 120), errors(5, 1), criteria);
        }

        assertThat(evidence.errors()).isEqualTo(SignalEvidence.NONE);
        assertThat(evidence.lastProbe()).isEqualTo(Traffic.START.plus(Duration.ofMinutes(29)));
    }

    /** Each may win a third of what is needed, and both are of one minute. */
    @Test
    void usersAndProbesOfOneMinuteAreOneMinute() {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ZERO);
        Evidence evidence = none();
        for (int minute = 1; minute <= 2; minute++) {
            var users = Traffic.minute(minute, errors(10, 10), errors(30, 0));
            evidence = SequentialAnalysis.update(evidence, users, errors(120, 120), criteria);
        }

        assertThat(evidence.lastProbe()).isEqualTo(evidence.last());
        assertThat(evidence.errors().absolute().candidateFailures()).isEqualTo(260);
        assertThat(evidence.errors().absolute().minutes()).isEqualTo(2);
        assertThat(evidence.errors().concurrent().candidateRequests()).isEqualTo(20);
        assertThat(SequentialAnalysis.verdict(evidence, criteria, SOON).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(SequentialAnalysis.verdict(
                                minutes(evidence, 3, 1, errors(30, 30), errors(30, 0), criteria), criteria, SOON)
                        .outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    @Test
    void aMinuteInWhichOnlyProbesCameCountsToo() {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ZERO);

        Evidence evidence = SequentialAnalysis.update(
                none(), Traffic.minute(1, errors(0, 0), errors(3, 0)), errors(120, 3), criteria);

        assertThat(evidence.errors().absolute().candidateFailures()).isEqualTo(3);
        assertThat(evidence.lastProbe()).isEqualTo(evidence.last());
    }

    @ParameterizedTest
    @CsvSource({
        "10, 100, 0, 0, HEALTHY, BEFORE_AFTER",
        "10, 100, 5, 0, UNHEALTHY, BEFORE_AFTER",
        "10, 100, 0, 20, UNHEALTHY, BEFORE_AFTER",
        "2, 100, 0, 0, NOT_ENOUGH_EVIDENCE, NONE"
    })
    void aloneItIsHeldAgainstWhatWasBefore(
            int count, long all, long failures, long slow, Outcome outcome, Basis basis) {
        Evidence evidence = minutes(
                Evidence.none(Traffic.START, BEFORE), 1, count, new Sample(all, failures, all, slow), null, CRITERIA);

        Verdict verdict = SequentialAnalysis.verdict(evidence, CRITERIA, SOON);

        assertThat(verdict.outcome()).isEqualTo(outcome);
        assertThat(verdict.basis()).isEqualTo(basis);
    }

    @Test
    void aloneWithNothingKnownOnlyTheLimitsRemain() {
        Criteria criteria = CRITERIA.withLimits(5.0, null);

        assertThat(alone(errors(100, 0), criteria).basis()).isEqualTo(Basis.ABSOLUTE);
        assertThat(alone(errors(100, 0), criteria).outcome()).isEqualTo(Outcome.HEALTHY);
        assertThat(alone(errors(100, 30), criteria).basis()).isEqualTo(Basis.ABSOLUTE);
        assertThat(alone(errors(100, 30), criteria).outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(alone(errors(100, 5), criteria).outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(alone(errors(100, 30), CRITERIA).outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }

    @Test
    void aMinuteAloneDoesNotUndoAHold() {
        Criteria criteria = CRITERIA.withLimits(5.0, null);
        Evidence evidence = minutes(none(), 1, 4, errors(30, 0), errors(70, 0), criteria);
        evidence = minutes(evidence, 5, 4, errors(30, 0), null, criteria);

        assertThat(SequentialAnalysis.verdict(evidence, criteria, SOON).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        evidence = minutes(evidence, 9, 1, errors(30, 0), null, criteria);
        assertThat(SequentialAnalysis.verdict(evidence, criteria, SOON).basis()).isEqualTo(Basis.ABSOLUTE);
    }

    @Test
    void aLimitHoldsWhereTheOldReleaseKeepsIt() {
        Criteria criteria = CRITERIA.withLimits(5.0, null);
        Evidence both = minutes(none(), 1, 10, errors(100, 20), errors(900, 180), criteria);
        Evidence kept = minutes(none(), 1, 60, errors(1_000, 62), errors(9_000, 448), criteria);
        Evidence justOver = minutes(none(), 1, 20, errors(10_000, 505), errors(90_000, 4_590), criteria);

        assertThat(SequentialAnalysis.verdict(kept, criteria, SOON).outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(SequentialAnalysis.verdict(both, criteria, SOON).outcome()).isNotEqualTo(Outcome.UNHEALTHY);
        assertThat(SequentialAnalysis.verdict(both, CRITERIA, SOON).outcome()).isNotEqualTo(Outcome.UNHEALTHY);
        assertThat(SequentialAnalysis.verdict(justOver, criteria, SOON).outcome())
                .isEqualTo(Outcome.HEALTHY);
    }

    @Test
    void oneBadMinuteOfTenRequestsIsNotOverALimit() {
        Criteria criteria = CRITERIA.withLimits(5.0, null);
        Evidence evidence = minutes(none(), 1, 1, errors(10, 3), null, criteria);

        assertThat(SequentialAnalysis.verdict(evidence, criteria, SOON).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }

    @Test
    void theFinalBakeAddsToWhatTheComparisonFound() {
        Evidence evidence = Evidence.none(Traffic.START, BEFORE);
        evidence = minutes(evidence, 1, 8, errors(100, 1), errors(900, 2), CRITERIA);
        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA, SOON).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);

        evidence = minutes(evidence, 9, 3, errors(1_000, 40), null, CRITERIA);

        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA, SOON).basis()).isEqualTo(Basis.BEFORE_AFTER);
        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA, SOON).outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    @Test
    void theWeakerBasisIsTold() {
        // Errors can be compared; the old revision crashes at each request, so that times are known of the new one
        // only.
        Evidence evidence = minutes(
                Evidence.none(Traffic.START, BEFORE), 1, 10, new Sample(200, 0, 200, 0), errors(900, 900), CRITERIA);

        Verdict verdict = SequentialAnalysis.verdict(evidence, CRITERIA, SOON);

        assertThat(verdict.outcome()).isEqualTo(Outcome.HEALTHY);
        assertThat(verdict.basis()).isEqualTo(Basis.BEFORE_AFTER);
    }

    /** The old revision has answered, so it has times: that they are not there says nothing of the new one. */
    @Test
    void timesOfTheOldRevisionThatNeverComeAreNoComparisonWithBefore() {
        Criteria limited = CRITERIA.withLimits(null, 5.0);
        for (Criteria criteria : List.of(CRITERIA, limited)) {
            Evidence evidence = minutes(
                    Evidence.none(Traffic.START, BEFORE),
                    1,
                    10,
                    new Sample(60, 0, 60, 18, 6),
                    errors(540, 0),
                    criteria);

            assertThat(SequentialAnalysis.verdict(evidence, criteria, SOON).outcome())
                    .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
            assertThat(evidence.of(Signal.LATENCY).historical()).isEqualTo(Tally.NONE);
        }
    }

    @Test
    void tellsTheNumbersAndHowManyMoreItNeeds() {
        Verdict verdict = SequentialAnalysis.verdict(
                minutes(2, new Sample(100, 1, 99, 2), new Sample(900, 3, 897, 9)), CRITERIA, SOON);

        assertThat(verdict.errors().minutes()).isEqualTo(2);
        assertThat(verdict.errors().concurrentMinutes()).isEqualTo(2);
        assertThat(verdict.errors().candidateRequests()).isEqualTo(200);
        assertThat(verdict.errors().candidateFailures()).isEqualTo(2);
        assertThat(verdict.errors().baselineRequests()).isEqualTo(1_800);
        assertThat(verdict.errors().baselineFailures()).isEqualTo(6);
        assertThat(verdict.errors().worseEValue()).isBetween(1.0, 10.0);
        assertThat(verdict.errors().nonInferiorEValue()).isBetween(0.05, 1.0);
        assertThat(verdict.latency().candidateFailures()).isEqualTo(4);
        double all = SampleSizeEstimate.candidateRequests(Signal.ERRORS, 0.1, 6 / 1_800.0, Variation.NONE, CRITERIA);
        assertThat(verdict.requestsNeeded()).isEqualTo(Math.round(all) - 200);

        Evidence bunched = minutes(2, new Sample(100, 1, 99, 2), new Sample(900, 3, 897, 9))
                .withErrorVariation(new Variation(3, 1, false));
        assertThat(SequentialAnalysis.verdict(bunched, CRITERIA, SOON).requestsNeeded())
                .isEqualTo(Math.round(3 * all) - 200);
    }

    /** One that calls half of all failures harmless, so that only the rest of the rules can be in the way. */
    private static final Criteria LOOSE = CRITERIA.withNegligibleErrorPercent(50);

    @ParameterizedTest
    @CsvSource({"19, NOT_ENOUGH_EVIDENCE", "20, HEALTHY"})
    void aHundredRequestsAreTheLeastThatAreEverHealthy(long each, Outcome outcome) {
        Evidence evidence = minutes(none(), 1, 5, errors(each, 0), errors(20, 0), LOOSE);

        assertThat(SequentialAnalysis.verdict(evidence, LOOSE, SOON).outcome()).isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"4, NOT_ENOUGH_EVIDENCE", "5, HEALTHY"})
    void soItIsAtEachStep(int count, Outcome outcome) {
        Evidence evidence = minutes(none(), 1, 10, errors(20, 0), errors(20, 0), LOOSE);
        evidence = SequentialAnalysis.shifted(evidence, Traffic.START.plus(Duration.ofMinutes(11)), LOOSE);
        evidence = minutes(evidence, 12, count, errors(20, 0), errors(20, 0), LOOSE);

        assertThat(SequentialAnalysis.verdict(evidence, LOOSE, SOON).outcome()).isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"2, HEALTHY", "3, NOT_ENOUGH_EVIDENCE"})
    void whatIsOverALimitSoFarIsNotHealthy(long failures, Outcome outcome) {
        Criteria limited = LOOSE.withLimits(10.0, null);
        Evidence evidence = minutes(none(), 1, 6, errors(20, failures), errors(20, 2), limited);

        assertThat(SequentialAnalysis.verdict(evidence, limited, SOON).outcome())
                .isEqualTo(outcome);
    }

    /** It has to be shown not to be worse, then, which takes longer. */
    @Test
    void whatSeemsToBeWorseIsNotHarmlessForItsSmallRate() {
        Criteria criteria = CRITERIA.withNegligibleErrorPercent(5).withTolerance(3);
        Evidence equal = minutes(none(), 1, 5, errors(100, 0), errors(900, 1), criteria);
        Evidence doubtful = minutes(none(), 1, 5, errors(100, 1), errors(900, 1), criteria);

        assertThat(SequentialAnalysis.verdict(equal, criteria, SOON).outcome()).isEqualTo(Outcome.HEALTHY);
        Verdict verdict = SequentialAnalysis.verdict(doubtful, criteria, SOON);
        assertThat(verdict.errors().worseEValue()).isGreaterThan(4);
        assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }

    @Test
    void figuresStayFinite() {
        Verdict verdict =
                SequentialAnalysis.verdict(minutes(60, errors(10_000, 9_000), errors(10_000, 1)), CRITERIA, SOON);

        assertThat(verdict.errors().worseEValue()).isBetween(1e8, 1e9);
        assertThat(verdict.errors().nonInferiorEValue()).isZero();
    }

    private static Verdict alone(Sample candidate, Criteria criteria) {
        return SequentialAnalysis.verdict(minutes(none(), 1, 10, candidate, null, criteria), criteria, SOON);
    }
}
