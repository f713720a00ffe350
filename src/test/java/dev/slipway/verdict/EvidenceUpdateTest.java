package dev.slipway.verdict;

import static dev.slipway.verdict.Rollouts.CRITERIA;
import static dev.slipway.verdict.Rollouts.errors;
import static dev.slipway.verdict.Rollouts.none;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What neighbours and the old revision's own variation take from the evidence of a minute. */
class EvidenceUpdateTest {
    private static final Sample OFTEN = errors(1_000, 300);
    private static final Sample NEVER = errors(1_000, 0);

    private static Evidence updated(Evidence evidence, Criteria criteria, @Nullable Sample now) {
        return SequentialAnalysis.update(evidence, Traffic.minute(5, errors(200, 190), null, null, now), criteria);
    }

    private static double against(Tally tally) {
        return Alternatives.ABOVE_LIMIT.logValue(tally.worse());
    }

    private static double soundness(Tally tally) {
        return Alternatives.BELOW_LIMIT.logValue(tally.nonInferior());
    }

    /**
     * Of the neighbours' requests 30 % fail, and before it was surely not more than 0.68839 % (1 − 0.001^(1/1000)). Three times what they
     * fail more by, 87.9348 %, is taken for the limit, as the incident may be none of the release's doing.
     */
    @Test
    void whatNeighboursFailMoreByIsNoNewsOfAReleaseThatServesAlone() {
        Evidence told = updated(none().withNeighboursBefore(NEVER), CRITERIA.withLimits(5.0, null), OFTEN);
        Evidence wide = updated(none(), CRITERIA.withLimits(87.9348, null), null);

        assertThat(against(told.errors().absolute()))
                .isPositive()
                .isCloseTo(against(wide.errors().absolute()), within(1e-3));
        assertThat(against(updated(none(), CRITERIA.withLimits(5.0, null), null)
                        .errors()
                        .absolute()))
                .isGreaterThan(1.5);
    }

    @ParameterizedTest
    @CsvSource({
        // the neighbours' failures of 1,000 now and before, whether that is more than before
        "0, 0, false",
        "12, 0, true", // surely more than 0.69 % (lower bound at 5 %), which it was not above
        "11, 0, false",
        "300, 300, false",
        "300, 250, false", // it was not above 29.4 %, and is over 27.6 % now
        "400, 250, true"
    })
    void neighboursFailMoreWhereItIsSure(long now, long before, boolean more) {
        Criteria limited = CRITERIA.withLimits(1.0, null);

        SignalEvidence told = updated(none().withNeighboursBefore(errors(1_000, before)), limited, errors(1_000, now))
                .errors();

        SignalEvidence untold = updated(none(), limited, null).errors();
        assertThat(told.negligible().equals(untold.negligible())).isEqualTo(!more);
    }

    @Test
    void neighboursOfWhichNothingIsKnownBeforeOrNowTellNothing() {
        Evidence untold = updated(none(), CRITERIA, null);

        assertThat(updated(none(), CRITERIA, OFTEN)).isEqualTo(untold);
        assertThat(updated(none().withNeighboursBefore(Sample.NONE), CRITERIA, OFTEN)
                        .errors())
                .isEqualTo(untold.errors());
        assertThat(updated(none().withNeighboursBefore(NEVER), CRITERIA, null).errors())
                .isEqualTo(untold.errors());
        assertThat(updated(none().withNeighboursBefore(NEVER), CRITERIA, Sample.NONE)
                        .errors())
                .isEqualTo(untold.errors());
    }

    @Test
    void neighboursDoNotMatterWhereTheOldRevisionServesBesideTheNew() {
        Evidence evidence = none().withNeighboursBefore(NEVER);
        Sample beside = errors(800, 4);

        assertThat(SequentialAnalysis.update(
                        evidence, Traffic.minute(5, errors(200, 190), beside, null, OFTEN), CRITERIA))
                .isEqualTo(SequentialAnalysis.update(
                        evidence, Traffic.minute(5, errors(200, 190), beside, null, null), CRITERIA));
        assertThat(SequentialAnalysis.update(
                                evidence, Traffic.minute(5, errors(200, 190), Sample.NONE, null, OFTEN), CRITERIA)
                        .errors())
                .as("one without requests serves nobody")
                .isEqualTo(updated(evidence, CRITERIA, OFTEN).errors());
    }

    @Test
    void whereTheOldRevisionFailedAtEachRequestNothingIsFarMore() {
        Evidence evidence = updated(Evidence.none(Traffic.START, errors(100, 100)), CRITERIA, null);

        assertThat(evidence.errors().historical().worse()).isEqualTo(EProcess.NONE);
        assertThat(evidence.errors().historical().minutes()).isEqualTo(1);
    }

    /** Requests that fail in pairs are as half as many that fail by themselves. */
    @Test
    void failuresThatComeInTwosCountForHalf() {
        Criteria limited = CRITERIA.withLimits(5.0, null);
        Variation twos = new Variation(2, 1, false);

        SignalEvidence paired = new EvidenceUpdate(Signal.ERRORS, limited, twos)
                .minute(
                        Evidence.none(Traffic.START, errors(4_000, 20)),
                        Traffic.minute(5, errors(40, 6), null),
                        Sample.NONE);
        SignalEvidence single = new EvidenceUpdate(Signal.ERRORS, limited, Variation.NONE)
                .minute(
                        Evidence.none(Traffic.START, errors(2_000, 10)),
                        Traffic.minute(5, errors(20, 3), null),
                        Sample.NONE);

        assertThat(against(paired.absolute())).isEqualTo(against(single.absolute()));
        assertThat(soundness(paired.absolute())).isEqualTo(soundness(single.absolute()));
        assertThat(against(paired.historical())).isEqualTo(against(single.historical()));
        assertThat(soundness(paired.historical())).isEqualTo(soundness(single.historical()));
        assertThat(paired.negligible()).isEqualTo(single.negligible());
    }

    /** By capped e-values, each of which rests on independent requests, it would be otherwise. */
    @Test
    void whereTheOldRevisionVariesItIsThePlainEProcessThatCounts() {
        Evidence evidence = none().withErrorVariation(new Variation(2, 1.5, false));
        for (int minute = 1; minute <= 12; minute++) {
            evidence = SequentialAnalysis.update(
                    evidence, Traffic.minute(minute, errors(200, minute % 3), errors(800, 2)), CRITERIA);
        }

        Tally beside = evidence.errors().concurrent();
        assertThat(beside.logCapped()).isNotZero().isCloseTo(Alternatives.WORSE.logValue(beside.worse()), within(1e-9));
    }

    /** Of 200 requests as of ten: a twentieth of the evidence that it is worse, and all of it that it is sound. */
    @Test
    void whereItIsNotKnownHowTheOldOneVariesAMinuteSaysAsMuchAgainstTheNewOneAsTenRequests() {
        Variation twenty = new Variation(20, 1, false);
        Criteria limited = CRITERIA.withLimits(5.0, null);
        SequentialAnalysis.Minute minute = Traffic.minute(5, errors(200, 30), errors(800, 4));
        SequentialAnalysis.Minute alone = Traffic.minute(5, errors(200, 30), null);
        Evidence before = Evidence.none(Traffic.START, errors(1_000, 0));
        EvidenceUpdate assuming = new EvidenceUpdate(Signal.ERRORS, limited, new Variation(1, 1, true));

        SignalEvidence assumed = assuming.minute(before, minute, Sample.NONE);
        SignalEvidence known = new EvidenceUpdate(Signal.ERRORS, limited, twenty).minute(before, minute, Sample.NONE);
        SignalEvidence independent =
                new EvidenceUpdate(Signal.ERRORS, limited, Variation.NONE).minute(before, minute, Sample.NONE);

        assertThat(assumed.concurrent().worse()).isEqualTo(known.concurrent().worse());
        assertThat(assumed.concurrent().logCapped())
                .isPositive()
                .isEqualTo(known.concurrent().logCapped())
                .isLessThan(independent.concurrent().logCapped());
        assertThat(assumed.absolute().worse()).isEqualTo(known.absolute().worse());
        assertThat(assumed.concurrent().nonInferior())
                .isEqualTo(independent.concurrent().nonInferior())
                .isNotEqualTo(known.concurrent().nonInferior());
        assertThat(assumed.negligible()).isEqualTo(independent.negligible());
        assertThat(against(assuming.minute(before, alone, Sample.NONE).historical()))
                .isPositive()
                .isLessThan(against(new EvidenceUpdate(Signal.ERRORS, limited, Variation.NONE)
                        .minute(before, alone, Sample.NONE)
                        .historical()));
    }

    @Test
    void tailsMayDriftTwofoldWhateverTheHourBeforeSaid() {
        Evidence evidence =
                none().withTailVariation(new Variation(3, 1.2, false)).withErrorVariation(new Variation(3, 1.2, false));

        assertThat(evidence.variation(Signal.TAIL)).isEqualTo(new Variation(3, 2, false));
        assertThat(evidence.variation(Signal.ERRORS)).isEqualTo(new Variation(3, 1.2, false));
    }
}
