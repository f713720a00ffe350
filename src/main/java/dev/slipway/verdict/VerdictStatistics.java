package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;

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
