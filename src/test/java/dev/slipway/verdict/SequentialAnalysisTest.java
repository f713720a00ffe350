package dev.slipway.verdict;

import static dev.slipway.verdict.Rollouts.CRITERIA;
import static dev.slipway.verdict.Rollouts.errors;
import static dev.slipway.verdict.Rollouts.minutes;
import static dev.slipway.verdict.Rollouts.none;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SequentialAnalysisTest {
    private static final Sample NEW = new Sample(103, 2, 101, 5);
    private static final Sample OLD = new Sample(925, 1, 924, 11);

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
        Evidence probed = SequentialAnalysis.updateWithProbes(none(), Traffic.START, NEW, CRITERIA);

        assertThat(SequentialAnalysis.updateWithProbes(probed, Traffic.START, NEW, CRITERIA))
                .isEqualTo(probed);
        assertThat(probed.errors().absolute().candidateRequests()).isEqualTo(103);
        assertThat(probed.latency().absolute().candidateFailures()).isEqualTo(5);
        assertThat(probed.errors().minutes()).isZero();
        assertThat(probed.errors().negligible()).isEqualTo(EProcess.NONE);
        assertThat(SequentialAnalysis.updateWithProbes(probed, Traffic.START.plusSeconds(60), Sample.NONE, CRITERIA)
                        .errors())
                .isEqualTo(probed.errors());
        Evidence again = SequentialAnalysis.updateWithProbes(probed, Traffic.START.plusSeconds(60), NEW, CRITERIA);
        assertThat(again.errors().absolute().minutes()).isEqualTo(2);
    }

    @Test
    void aSiteWideIncidentCondemnsNobody() {
        Evidence evidence = minutes(20, errors(100, 0), errors(900, 1));
        evidence = minutes(evidence, 21, 20, errors(100, 40), errors(900, 360), CRITERIA);

        assertThat(evidence.errors().concurrent().logWorse(CRITERIA)).isNegative();
    }

    @Test
    void aReleaseThatTurnsBadAfterHoursIsNotForgivenForThem() {
        Evidence evidence = minutes(180, errors(100, 1), errors(900, 9));
        evidence = minutes(evidence, 181, 4, errors(100, 10), errors(900, 9), CRITERIA);

        assertThat(SequentialAnalysis.verdict(evidence, CRITERIA, Rollouts.LATE).outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    @Test
    void withStickyClientsNoSingleMinuteCondemns() {
        Criteria sticky = CRITERIA.withStickySessions(true);
        Evidence one = minutes(none(), 1, 1, errors(100, 60), errors(900, 0), sticky);
        Evidence six = minutes(none(), 1, 6, errors(100, 60), errors(900, 0), sticky);

        assertThat(SequentialAnalysis.verdict(one, sticky, Rollouts.SOON).outcome())
                .isEqualTo(Outcome.NOT_ENOUGH_EVIDENCE);
        assertThat(SequentialAnalysis.verdict(six, sticky, Rollouts.SOON).outcome())
                .isEqualTo(Outcome.UNHEALTHY);
        assertThat(SequentialAnalysis.verdict(minutes(1, errors(100, 60), errors(900, 0)), CRITERIA, Rollouts.SOON)
                        .outcome())
                .isEqualTo(Outcome.UNHEALTHY);
    }

    @Test
    void survivesStorageAsJsonAndStaysSmall() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
        Evidence evidence = Evidence.none(Traffic.START, new Sample(50_000, 60, 49_000, 900));
        evidence = minutes(evidence, 1, 30, NEW, OLD, CRITERIA);
        evidence = minutes(evidence, 31, 30, NEW, null, CRITERIA.withLimits(1.0, 2.0));

        String stored = json.writeValueAsString(evidence);

        assertThat(json.readValue(stored, Evidence.class)).isEqualTo(evidence);
        assertThat(stored).hasSizeLessThan(3_000);
    }
}
