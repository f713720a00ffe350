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
 * @param before what the old revision did before the rollout, say in the hour before; null if unknown
 * @param warmingUp minutes left out
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
        SignalEvidence latency)
        implements EvidenceBuilder.With {
    public static Evidence none(Instant since, @Nullable Sample before) {
        return new Evidence(since, null, null, before, 0, SignalEvidence.NONE, SignalEvidence.NONE);
    }

    SignalEvidence of(Signal signal) {
        return signal == Signal.ERRORS ? errors : latency;
    }
}
