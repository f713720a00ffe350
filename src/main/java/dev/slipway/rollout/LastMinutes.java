package dev.slipway.rollout;

import dev.slipway.aws.AwsErrors;
import dev.slipway.operation.Transaction;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Judges the minutes that are due when ECS has deployed a release and were not read, because nobody looked or CloudWatch did not
 * answer: they may tell that it is to go all the same. Where CloudWatch does not answer then either, the rollout goes on to where tasks
 * are watched, and they are read there.
 */
record LastMinutes(Store store, RolloutAnalysis analysis, VerdictRecorder verdicts, RolloutCompletion completion) {
    /** While they cannot be read. */
    static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

    private static final Logger LOG = Logger.getLogger(LastMinutes.class);

    /** ECS has deployed it. A rollback stays whatever they tell. */
    RolloutReconcileResult deployed(
            RolloutContext context,
            Optional<Stored<AnalysisState>> stored,
            AnalysisState state,
            Optional<GateRecord> gate,
            Instant now) {
        Rollout rollout = context.rollout().value();
        if (rollout.stop() != null || rollout.request().reason() == Rollout.Reason.ROLLBACK) {
            return completion.succeeded(context, rollout, now);
        }
        AnalysisState known = withAllTraffic(state, gate);
        AnalysisState judged;
        try {
            judged = analysis.update(known, rollout, now);
        } catch (SdkException e) {
            LOG.warnf(
                    e,
                    "target=%s its last minutes cannot be read",
                    rollout.service().key());
            String waitsFor =
                    "Release %d is live. Its last minutes are not judged yet, since CloudWatch does not let them be read (%s) It is tried until %s."
                            .formatted(context.release(), inWords(e), now.plus(context.maxDuration()));
            return completion
                    .stabilize(context, rollout.progressed(progress -> progress.waitsFor(waitsFor)), LOOK_AGAIN, now)
                    .and(written(context, stored, known.withUnreadSince(now)));
        }
        if (judged.equals(state)) {
            return completion.succeeded(context, rollout, now);
        }
        VerdictRecorder.Judgement judgement = verdicts.judge(rollout, stored, judged, now);
        return judgement.isUnhealthy()
                ? stop(context, judgement, now)
                : completion.succeeded(context, judgement.rollout(), now).and(judgement.recorded());
    }

    /** With the last shift, which nobody may have seen: then it was when the gate let it pass. */
    private static AnalysisState withAllTraffic(AnalysisState state, Optional<GateRecord> gate) {
        boolean seen = state.lastShift().filter(shift -> shift.percent() >= 100).isPresent();
        Instant passed = gate.map(GateRecord::passedAt).orElse(null);
        return seen || passed == null ? state : state.shifted(passed, 100);
    }

    private static Transaction written(
            RolloutContext context, Optional<Stored<AnalysisState>> stored, AnalysisState state) {
        Rollout rollout = context.rollout().value();
        return stored.map(read -> new Transaction().update(read, state))
                .orElseGet(() -> new Transaction().create(AnalysisState.key(rollout.service(), rollout.id()), state));
    }

    private static String inWords(SdkException error) {
        return AwsErrors.failure(error)
                .map(failure -> failure.problem().detail())
                .orElse("");
    }

    private RolloutReconcileResult stop(RolloutContext context, VerdictRecorder.Judgement judgement, Instant now) {
        Verdict verdict = Objects.requireNonNull(judgement.verdict());
        return verdicts.recordStop(context, judgement, Rollout.Stop.Cause.UNHEALTHY, verdict.message(), now);
    }

    /** Those that could not be read when ECS was done; empty when they have been, or had time enough. */
    Optional<Stored<AnalysisState>> unread(Rollout rollout) {
        return rollout.settings().isRolling()
                ? Optional.empty()
                : store.get(AnalysisState.key(rollout.service(), rollout.id()))
                        .filter(found -> found.value().unreadSince() != null);
    }

    /** Reads them; empty while that is not possible. */
    Optional<RolloutReconcileResult> read(RolloutContext context, Stored<AnalysisState> unread, Instant now) {
        Rollout rollout = context.rollout().value();
        AnalysisState read = unread.value().withUnreadSince(null);
        AnalysisState judged;
        try {
            judged = analysis.update(read, rollout, now);
        } catch (SdkException e) {
            Instant until = Objects.requireNonNull(unread.value().unreadSince()).plus(context.maxDuration());
            LOG.warnf(
                    e,
                    "target=%s its last minutes cannot be read",
                    rollout.service().key());
            return now.isBefore(until)
                    ? Optional.empty()
                    : Optional.of(context.withNote(
                                    "Its last minutes were not judged: AWS did not let them be read within %d min."
                                            .formatted(context.maxDuration().toMinutes()))
                            .requeue(rollout, Duration.ZERO, new Transaction().update(unread, read)));
        }
        VerdictRecorder.Judgement judgement = verdicts.judge(rollout, Optional.of(unread), judged, now);
        return Optional.of(
                judgement.isUnhealthy()
                        ? stop(context, judgement, now)
                        : context.requeue(judgement.rollout(), Duration.ZERO, judgement.recorded()));
    }
}
