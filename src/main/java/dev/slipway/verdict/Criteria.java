package dev.slipway.verdict;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a verdict is to hold to. The same for all minutes of a rollout: the evidence is weighed by it.
 *
 * @param alpha how often, at most, a release that is no worse than the old one is rejected (0–1), over errors, latency
 *     and limits together and however often one looks
 * @param nonInferiorityAlpha how often, at most, a release that is beyond tolerance is called healthy (0–1)
 * @param tolerance HEALTHY says that the odds of a failure are not more than this many times the old revision's …
 * @param negligibleErrorPercent … or that not more than this share of requests fails, 0–100
 * @param negligibleSlowPercent the same for slow requests, 0–100
 * @param maxErrorPercent the spec's limit, 0–100; null for none
 * @param maxSlowPercent the spec's limit, 0–100; null for none
 * @param warmUp minutes that begin sooner than this after the first traffic are left out
 * @param latencyWarmUp the same for latency, if it is longer, and up to three times as long while it gets better ({@link WarmUp})
 * @param probes whether requests of our own, held against the limits, may stand for users' where these are too few …
 * @param maxWait … from so long after the first traffic on
 * @param minimumRequests the new revision is never healthy on fewer
 */
@RecordBuilder
public record Criteria(
        double alpha,
        double nonInferiorityAlpha,
        double tolerance,
        double negligibleErrorPercent,
        double negligibleSlowPercent,
        @Nullable Double maxErrorPercent,
        @Nullable Double maxSlowPercent,
        Duration warmUp,
        Duration latencyWarmUp,
        boolean probes,
        Duration maxWait,
        long minimumRequests)
        implements CriteriaBuilder.With {
    /**
     * How many times as many may fail after as before, although nothing is wrong with the release: at the rush hour more do than in
     * the hour before it.
     */
    static final double BEFORE_AFTER_RATIO = 5;
    /**
     * No single minute wins more than this part of what is needed: what rests on one minute may be one client or one task, or have hit the
     * whole site.
     */
    private static final double MINUTE_SHARE = 0.34;
    /** Part of alpha for requests that do not arrive: what signals leave. */
    private static final double FEWER_SHARE = 0.1;
    /** Part of alpha that goes to a limit, where there is one: it is passed by much or not at all. */
    private static final double LIMIT_SHARE = 0.1;

    /** How often, at most, a release that is no worse is rejected. */
    public static final double ALPHA = 0.01;
    /** How often, at most, a release that is beyond tolerance is called healthy. */
    public static final double NON_INFERIORITY_ALPHA = 0.05;
    /** A release is never healthy on fewer. */
    public static final long MINIMUM_REQUESTS = 100;

    public Criteria {
        if (!(alpha > 0 && alpha < 1 && nonInferiorityAlpha > 0 && nonInferiorityAlpha < 1)) {
            throw new IllegalArgumentException("alpha and nonInferiorityAlpha lie between 0 and 1");
        }
        if (!(tolerance > 1)) {
            throw new IllegalArgumentException("tolerance is more than 1, as equal releases differ by chance");
        }
        requirePercent(negligibleErrorPercent);
        requirePercent(negligibleSlowPercent);
        requirePercent(maxErrorPercent == null ? 1 : maxErrorPercent);
        requirePercent(maxSlowPercent == null ? 1 : maxSlowPercent);
    }

    private static void requirePercent(double percent) {
        if (!(percent > 0 && percent < 100)) {
            throw new IllegalArgumentException("a percentage lies between 0 and 100");
        }
    }

    /** With limits of percentages; null for none. */
    public Criteria withLimits(@Nullable Double errorPercent, @Nullable Double slowPercent) {
        return with(criteria -> criteria.maxErrorPercent(errorPercent).maxSlowPercent(slowPercent));
    }

    /** From where on e-values reject a release, or show that it is sound. */
    public EValues.Thresholds thresholds() {
        return new EValues.Thresholds(thresholds(Signal.ERRORS), thresholds(Signal.LATENCY));
    }

    private EValues thresholds(Signal signal) {
        return new EValues(Math.exp(logWorseThreshold(signal)), Math.exp(logNonInferiorityThreshold()));
    }

    /** The log of the e-value that rejects by the old revision: each signal has its share of alpha. */
    double logWorseThreshold(Signal signal) {
        return -Math.log(alpha * signal.share * (signal.limit(this) == null ? 1 : 1 - LIMIT_SHARE));
    }

    double logLimitThreshold(Signal signal) {
        return -Math.log(alpha * signal.share * LIMIT_SHARE);
    }

    /** The log of the e-value that rejects since requests do not arrive. */
    double logFewerThreshold() {
        return -Math.log(alpha * FEWER_SHARE);
    }

    /** How much one minute may win towards a threshold: a part of it, and first what good minutes have lost. All are logarithms. */
    static double mostOf(double logThreshold, double logSoFar) {
        return logThreshold * MINUTE_SHARE + Math.max(0, -logSoFar);
    }

    /** Errors and latency must both be sound, so each may have the whole of it. */
    double logNonInferiorityThreshold() {
        return Math.log(1 / nonInferiorityAlpha);
    }
}
