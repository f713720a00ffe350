package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/**
 * What the evidence says.
 *
 * @param message it in words, with the numbers it rests on
 * @param probe whether the spec wants requests of our own now
 * @param requestsNeeded about how many more requests the new revision needs for HEALTHY at this step, in the mean, if it fails no
 *     more often than the old one; null if that is decided, cannot be told, or it has had as many
 */
@RegisterForReflection
public record Verdict(
        Outcome outcome,
        Basis basis,
        String message,
        boolean probe,
        @Nullable Long requestsNeeded,
        VerdictStatistics errors,
        VerdictStatistics latency) {
    /** The same in other words. */
    public Verdict withMessage(String words) {
        return new Verdict(outcome, basis, words, probe, requestsNeeded, errors, latency);
    }

    /** What is known of a release by its requests. */
    @RegisterForReflection
    public enum Outcome {
        /** There is evidence that the new revision is about as good as the old one. */
        HEALTHY,
        /** There is evidence that the new revision is worse, or over a limit. */
        UNHEALTHY,
        /** Neither can be said. Silence is never healthy. */
        NOT_ENOUGH_EVIDENCE
    }

    /** What a verdict rests on, the strongest first. */
    @RegisterForReflection
    public enum Basis {
        /** The revision that served beside it in the same minutes. */
        COMPARISON,
        /** How the old revision did before. Weaker: what else changed meanwhile counts against the new one. */
        BEFORE_AFTER,
        /** A limit of the spec. Weaker: it says nothing of the old revision. */
        ABSOLUTE,
        NONE
    }

    /**
     * The numbers behind a verdict, for one kind of failure.
     *
     * @param minutes of users' traffic that were used
     * @param concurrentMinutes those of them in which the old revision served too
     * @param candidateRequests requests on the new revision
     * @param candidateFailures how many of them failed, or were slow
     * @param baselineRequests requests on the old one in the same minutes
     * @param worseEValue the e-value for "worse than the old one": by chance it gets so large less than once in that many times
     * @param nonInferiorEValue the e-value for "within tolerance"
     */
    @RegisterForReflection
    public record VerdictStatistics(
            int minutes,
            int concurrentMinutes,
            long candidateRequests,
            long candidateFailures,
            long baselineRequests,
            long baselineFailures,
            double worseEValue,
            double nonInferiorEValue) {}
}
