package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The evidence about one kind of failure.
 *
 * @param concurrent minutes in which the old revision served beside the new one
 * @param historical minutes in which it did not, against how it did before; counted even if nothing is known of before
 * @param absolute all minutes, and our own probes, against the spec's limit
 * @param negligible e-process for "the rate is harmlessly small"
 * @param baselineCapped failures of the old revision beside the new one, of each minute no more than one at the spec's limit may have by
 *     chance
 */
@RegisterForReflection
@RecordBuilder
public record SignalEvidence(
        Tally concurrent, Tally historical, Tally absolute, EProcess negligible, long baselineCapped)
        implements SignalEvidenceBuilder.With {
    static final SignalEvidence NONE = new SignalEvidence(Tally.NONE, Tally.NONE, Tally.NONE, EProcess.NONE, 0);

    /** With evidence that the new revision is sound of {@code most} at the most (a logarithm). */
    SignalEvidence soundAtMost(double most) {
        return new SignalEvidence(
                concurrent.withNonInferior(Alternatives.NON_INFERIOR.atMost(concurrent.nonInferior(), most)),
                historical.withNonInferior(Alternatives.BELOW_LIMIT.atMost(historical.nonInferior(), most)),
                absolute.withNonInferior(Alternatives.BELOW_LIMIT.atMost(absolute.nonInferior(), most)),
                Alternatives.BELOW_LIMIT.atMost(negligible, most),
                baselineCapped);
    }

    /** With another one's evidence that the new revision is sound. */
    SignalEvidence soundAs(SignalEvidence other) {
        return new SignalEvidence(
                concurrent.withNonInferior(other.concurrent.nonInferior()),
                historical.withNonInferior(other.historical.nonInferior()),
                absolute.withNonInferior(other.absolute.nonInferior()),
                other.negligible,
                baselineCapped);
    }

    /** Requests of users on the new revision. */
    long candidateRequests() {
        return concurrent.candidateRequests() + historical.candidateRequests();
    }

    long candidateFailures() {
        return concurrent.candidateFailures() + historical.candidateFailures();
    }

    int minutes() {
        return concurrent.minutes() + historical.minutes();
    }
}
