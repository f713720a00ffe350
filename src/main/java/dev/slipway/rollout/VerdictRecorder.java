package dev.slipway.rollout;

import dev.slipway.ledger.LedgerEntry;
import dev.slipway.operation.Transaction;
import dev.slipway.store.Stored;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes down what the minutes of a release come to, and tells people of what is new in it. */
record VerdictRecorder(RolloutEventRecorder events) {
    /**
     * What the minutes come to.
     *
     * @param rollout with the verdict
     * @param recorded writes down the analysis and what is told, but not the rollout
     * @param changed whether anything but the time of the look is new
     */
    record Judgement(@Nullable Verdict verdict, Rollout rollout, Transaction recorded, boolean changed) {
        boolean isUnhealthy() {
            return verdict != null && verdict.outcome() == Outcome.UNHEALTHY;
        }
    }

    /**
     * @param stored the analysis as it was read; empty when there was none
     * @param judged after this look
     */
    Judgement judge(Rollout seen, Optional<Stored<AnalysisState>> stored, AnalysisState judged, Instant now) {
        Verdict verdict = RolloutAnalysis.verdict(judged, seen.settings(), now);
        Rollout next = seen.progressed(progress -> progress.verdict(verdict));
        Verdict news = verdict != null && judged.isNews(seen.progress().verdict(), verdict.outcome()) ? verdict : null;
        AnalysisState told = news == null ? judged : judged.telling(news.outcome());
        Transaction event = news == null
                ? new Transaction()
                : events.record(
                        next,
                        LedgerEntry.EventType.VERDICT,
                        LedgerEntry.SLIPWAY,
                        news.outcome() + ": " + news.message(),
                        now);
        Transaction recorded = stored.map(read -> event.updateIfChanged(read, told))
                .orElseGet(() -> event.create(AnalysisState.key(seen.service(), seen.id()), told));
        boolean changed = stored.filter(read -> read.value().withPolledAt(null).equals(told.withPolledAt(null)))
                .isEmpty();
        return new Judgement(verdict, next, recorded, changed);
    }

    /** Writes down that the release is to be rolled back, and why. */
    RolloutReconcileResult recordStop(
            RolloutContext context, Judgement judgement, Rollout.Stop.Cause cause, String message, Instant now) {
        Rollout stopping = judgement.rollout().stopping(new Rollout.Stop(cause, LedgerEntry.SLIPWAY, message, now));
        return context.requeue(
                stopping,
                Duration.ZERO,
                judgement
                        .recorded()
                        .and(events.record(
                                stopping, LedgerEntry.EventType.STOPPED, LedgerEntry.SLIPWAY, message, now)));
    }
}
