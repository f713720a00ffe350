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

    /** Of an old release of which ten requests failed once nobody knows what is usual; it kept the limit. */
    @Test
    void whereTheOldReleaseKeepsTheLimitNothingElseCounts() {
        EvidenceUpdate update = EvidenceUpdate.of(Signal.ERRORS, LIMITED, none());

        assertThat(update.limit(none())).isEqualTo(0.05);
        assertThat(update.limit(Evidence.none(Traffic.START, errors(20, 1)))).isEqualTo(0.05);
        assertThat(update.limit(Evidence.none(Traffic.START, errors(20, 2)))).isCloseTo(0.4474, within(1e-4));
        assertThat(EvidenceUpdate.of(Signal.TAIL, LIMITED, none()).limit(none()))
                .isNull();
        assertThat(update.limit(minutes(none(), 1, 10, errors(10, 0), errors(1_000, 70), LIMITED)))
                .isCloseTo(OneProportion.upperBound(10_000, 700, 0.001), within(1e-9));
    }

    @Test
    void failuresThatComeInBunchesTellLessOfWhatIsUsual() {
        Evidence before = Evidence.none(Traffic.START, errors(10_000, 700));

        assertThat(new EvidenceUpdate(Signal.ERRORS, LIMITED, new Variation(10, 1.5, false)).limit(before))
                .isEqualTo(1.5 * OneProportion.upperBound(1_000, 70, 0.001));
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
