package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.slipway.verdict.EValues;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A minute that was read, and what was known after it. Kept as arrays without names, as hundreds are kept: components are added at the
 * end only.
 *
 * @param percent of the production traffic that the new release had when it began
 * @param judged whether it was weighed: not around a shift, not without figures, nor where it is in doubt how many failed on the new
 *     release
 * @param candidate what users did on the new release, with the fewest failures where those of the old one are in doubt; null without
 *     figures
 * @param baseline the same of the old one, with the most failures it may have had where these are in doubt; null without figures, and
 *     where it did not serve beside
 * @param outcome null before the first evidence, as are the e-values
 */
@RegisterForReflection
@JsonFormat(shape = Shape.ARRAY)
@JsonPropertyOrder({"start", "percent", "judged", "candidate", "baseline", "outcome", "errors", "latency"})
record AnalyzedMinute(
        Instant start,
        double percent,
        boolean judged,
        @JsonFormat(shape = Shape.ARRAY) @Nullable Sample candidate,
        @JsonFormat(shape = Shape.ARRAY) @Nullable Sample baseline,
        @Nullable Outcome outcome,
        @JsonFormat(shape = Shape.ARRAY) @Nullable EValues errors,
        @JsonFormat(shape = Shape.ARRAY) @Nullable EValues latency) {

    AnalyzedMinute(
            Instant start, double percent, boolean judged, @Nullable Sample candidate, @Nullable Sample baseline) {
        this(start, percent, judged, candidate, baseline, null, null, null);
    }

    /** With what is known after it. A metric of the user's own may reject a release before a minute was weighed. */
    AnalyzedMinute after(Evidence evidence, Verdict verdict) {
        boolean none = evidence.last() == null && evidence.lastProbe() == null;
        return none && verdict.outcome() != Outcome.UNHEALTHY
                ? this
                : new AnalyzedMinute(
                        start,
                        percent,
                        judged,
                        candidate,
                        baseline,
                        verdict.outcome(),
                        EValues.of(verdict.errors()),
                        EValues.of(verdict.latency()));
    }
}
