package dev.slipway.verdict;

import dev.slipway.verdict.Verdict.VerdictStatistics;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The two e-values about one kind of failure, or what they have to reach. Six digits of each are kept, to the nearest: one that has
 * just reached its threshold is never told as under it.
 *
 * @param worseEValue for "worse than the old one": by chance it gets so large less than once in that many times
 * @param nonInferiorEValue for "within tolerance"
 */
@RegisterForReflection
public record EValues(double worseEValue, double nonInferiorEValue) {
    private static final MathContext SIX_DIGITS = new MathContext(6);

    public EValues {
        worseEValue = rounded(worseEValue);
        nonInferiorEValue = rounded(nonInferiorEValue);
    }

    public static EValues of(VerdictStatistics statistics) {
        return new EValues(statistics.worseEValue(), statistics.nonInferiorEValue());
    }

    /** JSON knows no infinity; what is no number at all is told as no evidence. */
    private static double rounded(double value) {
        double finite = Double.isNaN(value) ? 0 : Math.min(value, Double.MAX_VALUE);
        return BigDecimal.valueOf(finite).round(SIX_DIGITS).doubleValue();
    }

    /** What the e-values of a rollout have to reach. */
    @RegisterForReflection
    public record Thresholds(EValues errors, EValues latency) {}
}
