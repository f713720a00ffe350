package dev.slipway.verdict;

import java.time.Duration;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How much traffic HEALTHY takes, told beforehand.
 *
 * @param candidateRequests on the new revision; {@link Double#POSITIVE_INFINITY} if no traffic would do
 * @param errorMinutes minutes of traffic that are judged, until errors are known to be no more; infinite likewise
 * @param latencyMinutes the same of slow answers; 0 if latency is not judged
 */
public record SampleSizeEstimate(double candidateRequests, double errorMinutes, double latencyMinutes) {
    /**
     * A service's traffic.
     *
     * @param requestsPerMinute old and new revision together
     * @param errorRate of the old revision, 0–1
     * @param errorVariation how much its errors vary by themselves
     * @param slowRate part of the old revision's requests that is slow, 0–1; negative if latency is not judged
     * @param slowVariation how much those vary by themselves
     * @param later what the judge will know instead; null if it learns no more
     */
    public record Traffic(
            double requestsPerMinute,
            double errorRate,
            Variation errorVariation,
            double slowRate,
            Variation slowVariation,
            @Nullable Later later) {
        public Traffic(
                double requestsPerMinute,
                double errorRate,
                Variation errorVariation,
                double slowRate,
                Variation slowVariation) {
            this(requestsPerMinute, errorRate, errorVariation, slowRate, slowVariation, null);
        }

        /** Requests that fail independently of each other. */
        public Traffic(double requestsPerMinute, double errorRate, double slowRate) {
            this(requestsPerMinute, errorRate, Variation.NONE, slowRate, Variation.NONE);
        }

        /** The same if latency were not judged. */
        public Traffic withoutLatency() {
            Later known = later == null
                    ? null
                    : new Later(later.minutes(), later.traffic().withoutLatency());
            return new Traffic(requestsPerMinute, errorRate, errorVariation, -1, Variation.NONE, known);
        }
    }

    /** Traffic as the judge will know it after so many minutes. */
    public record Later(int minutes, Traffic traffic) {}

    /**
     * Until HEALTHY on comparison, about, for a release that is as good as the old one.
     *
     * @param share of the requests that the new revision gets, 0–1
     */
    public static SampleSizeEstimate forHealthy(Traffic traffic, double share, Criteria criteria) {
        return of(traffic, share, criteria, true);
    }

    /** The same for each step after the first: of what was known each has to bring a part itself. */
    public static SampleSizeEstimate forLaterStep(Traffic traffic, double share, Criteria criteria) {
        return of(traffic, share, criteria, false);
    }

    /** Minutes that are judged, for both. */
    public double minutes() {
        return Math.max(errorMinutes, latencyMinutes);
    }

    /** Minutes of traffic since the first shift: errors and slow answers must both be known to be no more, and each has its own warm-up. */
    public double minutes(Duration warmUp, Duration latencyWarmUp) {
        double warm = whole(warmUp);
        return Math.max(
                warm + errorMinutes, latencyMinutes > 0 ? Math.max(warm, whole(latencyWarmUp)) + latencyMinutes : 0);
    }

    /** Whole minutes: one that begins within the warm-up is not judged. */
    private static double whole(Duration warmUp) {
        return Math.ceil(warmUp.toSeconds() / 60.0);
    }

    private static SampleSizeEstimate of(Traffic traffic, double share, Criteria criteria, boolean first) {
        double errors = requests(Signal.ERRORS, share, traffic.errorRate(), traffic.errorVariation(), criteria, first);
        double slow = traffic.slowRate() < 0
                ? 0
                : requests(Signal.LATENCY, share, traffic.slowRate(), traffic.slowVariation(), criteria, first);
        double perMinute = traffic.requestsPerMinute() * share;
        SampleSizeEstimate now = new SampleSizeEstimate(
                Math.ceil(Math.max(errors, slow)), minutes(errors, perMinute), minutes(slow, perMinute));
        Later later = traffic.later();
        return later == null
                ? now
                : now.orAfter(first ? later.minutes() : 0, of(later.traffic(), share, criteria, first));
    }

    private SampleSizeEstimate orAfter(int minutes, SampleSizeEstimate later) {
        return new SampleSizeEstimate(
                Math.min(candidateRequests, later.candidateRequests),
                Math.min(errorMinutes, minutes + later.errorMinutes),
                Math.min(latencyMinutes, minutes + later.latencyMinutes));
    }

    private static double minutes(double requests, double perMinute) {
        return requests == 0 ? 0 : perMinute > 0 ? Math.ceil(requests / perMinute) : Double.POSITIVE_INFINITY;
    }

    /**
     * How many of the new revision a step takes, about. Of a later step which alternative is the best is known.
     *
     * @param first whether it is the first step
     */
    static double requests(
            Signal kind, double share, double rate, Variation variation, Criteria criteria, boolean first) {
        return first
                ? candidateRequests(kind, share, rate, variation, criteria)
                : requests(kind, share, rate, variation, criteria, _ -> SequentialAnalysis.STEP_PROOF);
    }

    /** The log e-value that is wanted over what the best alternative adds to it with each request, on average. */
    static double candidateRequests(Signal kind, double share, double rate, Variation variation, Criteria criteria) {
        double wanted = criteria.logNonInferiorityThreshold() + Math.log(2);
        return requests(kind, share, rate, variation, criteria, weight -> wanted - Math.log(weight));
    }

    private static double requests(
            Signal kind,
            double share,
            double rate,
            Variation variation,
            Criteria criteria,
            DoubleUnaryOperator wantedByWeight) {
        double least = Double.POSITIVE_INFINITY;
        double tolerance = criteria.tolerance();
        for (int at = 0; at < Alternatives.NON_INFERIOR.odds.length && share > 0 && share < 1; at++) {
            double ratio = tolerance * Alternatives.NON_INFERIOR.odds[at];
            double perFailure = share * Math.log(Alternatives.NON_INFERIOR.odds[at])
                    + Math.log1p(share * (tolerance - 1))
                    - Math.log1p(share * (ratio - 1));
            double wanted = wantedByWeight.applyAsDouble(Alternatives.NON_INFERIOR.weights[at]);
            least = Math.min(least, after(wanted, perFailure * rate / share));
        }
        for (int at = 0; at < Alternatives.BELOW_LIMIT.odds.length; at++) {
            double odds = Alternatives.BELOW_LIMIT.odds[at];
            double perRequest = rate * Math.log(odds) - Math.log1p((odds - 1) * kind.negligible(criteria));
            double wanted = wantedByWeight.applyAsDouble(Alternatives.BELOW_LIMIT.weights[at]);
            least = Math.min(least, after(wanted, perRequest));
        }
        return Math.max(variation.dispersion() * least, criteria.minimumRequests());
    }

    private static double after(double wanted, double growth) {
        return growth > 0 ? wanted / growth : Double.POSITIVE_INFINITY;
    }
}
