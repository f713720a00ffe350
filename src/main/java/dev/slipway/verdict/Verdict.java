package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/**
 * What the evidence says.
 *
 * @param message it in words, with the numbers it rests on
 * @param probe whether the spec wants requests of our own now ({@link LowTraffic#PROBE})
 * @param requestsNeeded about how many more requests the new revision needs for HEALTHY, if it fails no more often than
 *     the old one; null if that is decided or cannot be told
 */
@RegisterForReflection
public record Verdict(
        Outcome outcome,
        Basis basis,
        String message,
        boolean probe,
        @Nullable Long requestsNeeded,
        VerdictStatistics errors,
        VerdictStatistics latency) {}
