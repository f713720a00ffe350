package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the minutes so far say. Small, and kept between looks; {@link SequentialAnalysis} adds to it.
 *
 * @param since when the new revision got its first production traffic; warm-up counts from here
 * @param last start of the newest minute that was used; null before the first
 * @param lastProbe when the newest probes were sent that were counted; null before the first
 * @param before what the old revision did before the rollout, say in the hour before, but for {@link Incidents}; null if
 *     unknown
 * @param warmingUp minutes left out
 * @param errorVariation how much the old revision's errors vary by themselves
 * @param latencyVariation the same of its slow answers
 * @param tail evidence of answers that are slower than twice the limit
 * @param tailVariation how much those of the old revision vary by themselves
 * @param warmUp whether the new revision is warm
 * @param arrivals whether its requests arrive
 * @param stepSince when the traffic was shifted last, as far as the minutes used; null before there was a second step
 * @param stepRequests users' requests on the new revision before that
 * @param stepLimited those that were held against the limits before that, users' and our own
 * @param unanswered requests on the new revision that may have failed, as they have no answer, and are not counted as such
 * @param neighboursBefore what the other services of the load balancer did in the hour before; null if unknown
 * @param history the minutes that the variations are learned from, while there are fewer than an hour of the old revision's own
 */
@RegisterForReflection
@RecordBuilder
public record Evidence(
        Instant since,
        @Nullable Instant last,
        @Nullable Instant lastProbe,
        @Nullable Sample before,
        int warmingUp,
        SignalEvidence errors,
        SignalEvidence latency,
        Variation errorVariation,
        Variation latencyVariation,
        SignalEvidence tail,
        Variation tailVariation,
        WarmUp warmUp,
        Arrivals arrivals,
        @Nullable Instant stepSince,
        long stepRequests,
        long stepLimited,
        long unanswered,
        @Nullable Sample neighboursBefore,
        BaselineHistory history)
        implements EvidenceBuilder.With {
    /**
     * The further out a limit lies, the more a small change moves what is beyond it: a tail that is twice as slow has many times as many,
     * and less is no news.
     */
    private static final double TAIL_DRIFT = 2;

    /** Records from before lack some. */
    public Evidence {
        errorVariation = errorVariation == null ? Variation.NONE : errorVariation;
        latencyVariation = latencyVariation == null ? Variation.NONE : latencyVariation;
        tail = tail == null ? SignalEvidence.NONE : tail;
        tailVariation = tailVariation == null ? Variation.NONE : tailVariation;
        warmUp = warmUp == null ? WarmUp.NONE : warmUp;
        arrivals = arrivals == null ? Arrivals.NONE : arrivals;
        history = history == null ? BaselineHistory.COMPLETE : history;
    }

    public static Evidence none(Instant since, @Nullable Sample before) {
        return new Evidence(
                since,
                null,
                null,
                before,
                0,
                SignalEvidence.NONE,
                SignalEvidence.NONE,
                Variation.NONE,
                Variation.NONE,
                SignalEvidence.NONE,
                Variation.NONE,
                WarmUp.NONE,
                Arrivals.NONE,
                null,
                0,
                0,
                0,
                null,
                BaselineHistory.COMPLETE);
    }

    /** @param before empty if nothing is known */
    public static Evidence after(Instant since, BaselineHistory before) {
        return none(since, before.usual()).learned(before, before.isComplete());
    }

    /** After a minute that was weighed or left out, of which how much the old revision varies is learned; null if it did not serve. */
    Evidence learned(@Nullable Sample baseline) {
        return baseline == null || history.isComplete() ? this : learned(history.next(baseline), false);
    }

    /** With so many requests on the new revision that may have failed. */
    Evidence withMoreUnanswered(long requests) {
        return withUnanswered(unanswered + requests);
    }

    /** The same, but for how much the old revision varies: a minute in which its failures are in doubt tells nothing of that. */
    public Evidence varyingAs(Evidence before) {
        return with(next -> next.history(before.history)
                .errorVariation(before.errorVariation)
                .latencyVariation(before.latencyVariation)
                .tailVariation(before.tailVariation));
    }

    private Evidence learned(BaselineHistory from, boolean known) {
        return with(next -> next.history(from.isComplete() ? BaselineHistory.COMPLETE : from)
                .errorVariation(from.variation(Signal.ERRORS, known))
                .latencyVariation(from.variation(Signal.LATENCY, known))
                .tailVariation(from.variation(Signal.TAIL, known)));
    }

    Variation variation(Signal signal) {
        return switch (signal) {
            case ERRORS -> errorVariation;
            case LATENCY -> latencyVariation;
            case TAIL -> tailVariation.drifting(TAIL_DRIFT);
        };
    }

    SignalEvidence of(Signal signal) {
        return switch (signal) {
            case ERRORS -> errors;
            case LATENCY -> latency;
            case TAIL -> tail;
        };
    }
}
