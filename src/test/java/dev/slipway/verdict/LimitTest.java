package dev.slipway.verdict;

import static dev.slipway.verdict.Rollouts.CRITERIA;
import static dev.slipway.verdict.Rollouts.LATE;
import static dev.slipway.verdict.Rollouts.SOON;
import static dev.slipway.verdict.Rollouts.errors;
import static dev.slipway.verdict.Rollouts.minutes;
import static dev.slipway.verdict.Rollouts.none;
import static dev.slipway.verdict.Rollouts.probed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.verdict.Verdict.Basis;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits of the spec where the old release is over them itself, and where it is not. */
class LimitTest {
    private static final int RUNS = 100;
    private static final Criteria LIMITED = CRITERIA.withTolerance(3).withLimits(5.0, 20.0);

    /** At half of the traffic, in 110 minutes, of which the old release keeps the limit in some by luck. At 5 % of 100 runs, 12 are too many. */
    @ParameterizedTest
    @CsvSource({"600, 0.07, 0", "60, 0.07, 0", "60, 0, 0.3"})
    void anEqualReleaseOfAServiceThatIsOverTheLimitIsRejectedByItInFewRollouts(
            double requests, double failing, double slow) {
        for (int known : new int[] {0, 60}) {
            long rejected = IntStream.range(0, RUNS)
                    .filter(run -> isRejected(new SplittableRandom(run), requests, failing, slow, known))
                    .count();
            assertThat(rejected).isLessThanOrEqualTo(11);
        }
    }

    private static boolean isRejected(
            SplittableRandom random, double requests, double failing, double slow, int known) {
        List<Sample> before = IntStream.range(0, known)
                .mapToObj(_ -> Traffic.sample(random, requests, failing, slow))
                .toList();
        Evidence evidence = Evidence.after(Traffic.START, new BaselineHistory(before, known));
        for (int minute = 1; minute <= 110; minute++) {
            evidence = SequentialAnalysis.update(
                    evidence,
                    Traffic.minute(
                            minute,
                            Traffic.sample(random, requests / 2, failing, slow),
                            Traffic.sample(random, requests / 2, failing, slow)),
                    LIMITED);
            if (SequentialAnalysis.verdict(evidence, LIMITED, SOON).outcome() == Outcome.UNHEALTHY) {
                return true;
            }
        }
        return false;
    }

    @ParameterizedTest
    @CsvSource({
        // of 1,000 in each minute: failed and slow before, failed and slow on the new release alone
        "70, 0, 70, 0, HEALTHY",
        "70, 0, 35, 0, HEALTHY",
        "120, 0, 60, 0, HEALTHY",
        "10, 250, 10, 250, HEALTHY",
        "10, 300, 10, 250, HEALTHY",
        "70, 0, 77, 0, NOT_ENOUGH_EVIDENCE",
        "70, 0, 400, 0, UNHEALTHY",
        "10, 0, 100, 0, UNHEALTHY",
        "49, 0, 100, 0, UNHEALTHY"
    })
    void aloneItIsHeldAgainstWhatTheOldReleaseDidWhereThatWasOverTheLimit(
            long failedBefore, long slowBefore, long failed, long slow, Outcome outcome) {
        Evidence before = Evidence.after(
                Traffic.START,
                new BaselineHistory(Collections.nCopies(60, new Sample(1_000, failedBefore, 1_000, slowBefore)), 60));

        Evidence evidence = minutes(before, 1, 10, new Sample(1_000, failed, 1_000, slow), null, LIMITED);

        assertThat(SequentialAnalysis.verdict(evidence, LIMITED, SOON).outcome())
                .isEqualTo(outcome);
    }

    @Test
    void whereTheOldReleaseIsNotShownToBeOverTheLimitNothingElseCounts() {
        EvidenceUpdate update = EvidenceUpdate.of(Signal.ERRORS, LIMITED, none());

        assertThat(update.limit(none())).isEqualTo(0.05);
        for (Sample few : List.of(errors(20, 1), errors(20, 2), errors(19, 2), errors(40, 3), errors(120, 11))) {
            assertThat(update.limit(Evidence.none(Traffic.START, few))).isEqualTo(0.05);
        }
        assertThat(update.limit(Evidence.none(Traffic.START, errors(1_000, 80))))
                .isEqualTo(OneProportion.upperBound(1_000, 80, 0.001));
        assertThat(EvidenceUpdate.of(Signal.TAIL, LIMITED, none()).limit(none()))
                .isNull();
        assertThat(update.limit(minutes(none(), 1, 10, errors(10, 0), errors(1_000, 70), LIMITED)))
                .isCloseTo(OneProportion.upperBound(10_000, 700, 0.001), within(1e-9));
    }

    /** One or two requests before, in a quiet hour, say nothing of what is usual; then 600 a minute come, and nothing serves beside it. */
    @ParameterizedTest
    @CsvSource({"120, UNHEALTHY", "48, UNHEALTHY", "33, NOT_ENOUGH_EVIDENCE", "24, NOT_ENOUGH_EVIDENCE", "1, HEALTHY"})
    void aHandfulOfRequestsBeforeLiftsNoLimit(long failed, Outcome outcome) {
        Evidence quiet = Evidence.none(Traffic.START, errors(19, 1));

        Evidence evidence = minutes(quiet, 1, 15, errors(600, failed), null, LIMITED);

        assertThat(SequentialAnalysis.verdict(evidence, LIMITED, SOON).outcome())
                .isEqualTo(outcome);
    }

    /** Three minutes in which all fails, in a step in which the old release fails 2 % as always, and then 10 % of the new one alone. */
    @Test
    void anIncidentBesideLiftsNoLimitForTheRestOfTheRollout() {
        Evidence evidence = Evidence.none(Traffic.START, errors(36_000, 720));
        evidence = minutes(evidence, 1, 7, errors(60, 1), errors(540, 11), LIMITED);
        evidence = minutes(evidence, 8, 3, errors(60, 60), errors(540, 540), LIMITED);

        assertThat(EvidenceUpdate.of(Signal.ERRORS, LIMITED, evidence).limit(evidence))
                .isEqualTo(0.05);
        evidence = minutes(evidence, 11, 10, errors(600, 60), null, LIMITED);
        assertThat(SequentialAnalysis.verdict(evidence, LIMITED, SOON).basis()).isEqualTo(Basis.ABSOLUTE);
    }

    /** It was over it in the hour before, by an incident that is over. */
    @Test
    void whatTheOldReleaseKeepsBesideTheNewOneCountsMoreThanWhatItDidBefore() {
        Evidence evidence = Evidence.none(Traffic.START, errors(36_000, 10_800));
        assertThat(EvidenceUpdate.of(Signal.ERRORS, LIMITED, evidence).limit(evidence))
                .isGreaterThan(0.3);

        evidence = minutes(evidence, 1, 5, errors(60, 0), errors(540, 1), LIMITED);

        assertThat(EvidenceUpdate.of(Signal.ERRORS, LIMITED, evidence).limit(evidence))
                .isEqualTo(0.05);
    }

    @Test
    void failuresThatComeInBunchesTellLessOfWhatIsUsual() {
        Evidence before = Evidence.none(Traffic.START, errors(10_000, 800));
        Evidence notShown = Evidence.none(Traffic.START, errors(10_000, 700));
        EvidenceUpdate update = new EvidenceUpdate(Signal.ERRORS, LIMITED, new Variation(10, 1.5, false));

        assertThat(update.limit(before)).isEqualTo(1.5 * OneProportion.upperBound(1_000, 80, 0.001));
        assertThat(update.limit(notShown)).isEqualTo(0.05);
    }

    /** By the limit alone it would never be healthy, however well it compares. */
    @Test
    void aReleaseThatIsNoWorseIsHealthyThoughBothAreOverTheLimit() {
        Criteria criteria = LIMITED.withLimits(5.0, null);
        Evidence evidence = none();
        for (int minute = 1; minute <= 20; minute++) {
            Sample old = errors(500, minute % 2 == 0 ? 25 : 45); // keeps it in each other minute
            evidence = minutes(evidence, minute, 1, errors(500, 35), old, criteria);
        }

        assertThat(evidence.errors().absolute().minutes()).isEqualTo(10);
        assertThat(SequentialAnalysis.verdict(evidence, criteria, SOON).basis()).isEqualTo(Basis.COMPARISON);
    }

    @Test
    void probesAreHeldAgainstTheSame() {
        Criteria criteria = Traffic.probing(CRITERIA.withLimits(5.0, null), Duration.ZERO);
        Evidence sound = Evidence.none(Traffic.START, errors(3_600, 36));
        Evidence failing = Evidence.none(Traffic.START, errors(3_600, 1_440));
        for (int minute = 0; minute < 10; minute++) {
            sound = probed(sound, minute, errors(120, 48), null, criteria);
            failing = probed(failing, minute, errors(120, 48), null, criteria);
        }

        assertThat(SequentialAnalysis.verdict(sound, criteria, LATE).outcome()).isEqualTo(Outcome.UNHEALTHY);
        assertThat(SequentialAnalysis.verdict(failing, criteria, LATE).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
    }
}
