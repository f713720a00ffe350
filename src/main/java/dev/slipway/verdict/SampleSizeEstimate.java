package dev.slipway.verdict;

/**
 * How much traffic HEALTHY takes, told beforehand.
 *
 * @param candidateRequests on the new revision; {@link Double#POSITIVE_INFINITY} if no traffic would do
 * @param minutes of traffic, after warm-up and apart from the lag of the metrics; infinite likewise
 */
public record SampleSizeEstimate(double candidateRequests, double minutes) {
    /**
     * Until HEALTHY on comparison, about, for a release that is as good as the old one.
     *
     * @param requestsPerMinute old and new revision together
     * @param share of the requests that the new revision gets, 0–1
     * @param errorRate of the old revision, 0–1
     * @param slowRate part of the old revision's requests that is slow, 0–1; negative if latency is not judged
     */
    public static SampleSizeEstimate forHealthy(
            double requestsPerMinute, double share, double errorRate, double slowRate, Criteria criteria) {
        double requests = candidateRequests(Signal.ERRORS, share, errorRate, criteria);
        if (slowRate >= 0) {
            requests = Math.max(requests, candidateRequests(Signal.LATENCY, share, slowRate, criteria));
        }
        double perMinute = requestsPerMinute * share;
        return new SampleSizeEstimate(
                Math.ceil(requests), perMinute > 0 ? Math.ceil(requests / perMinute) : Double.POSITIVE_INFINITY);
    }

    /** The log e-value that is wanted over what the best alternative adds to it with each request, on average. */
    static double candidateRequests(Signal kind, double share, double rate, Criteria criteria) {
        double wanted = criteria.logNonInferiorityThreshold() + Math.log(2);
        double least = Double.POSITIVE_INFINITY;
        double tolerance = criteria.tolerance();
        for (int at = 0; at < Alternatives.NON_INFERIOR.odds.length && share > 0 && share < 1; at++) {
            double ratio = tolerance * Alternatives.NON_INFERIOR.odds[at];
            double perFailure = share * Math.log(Alternatives.NON_INFERIOR.odds[at])
                    + Math.log1p(share * (tolerance - 1))
                    - Math.log1p(share * (ratio - 1));
            least = Math.min(
                    least, after(wanted - Math.log(Alternatives.NON_INFERIOR.weights[at]), perFailure * rate / share));
        }
        for (int at = 0; at < Alternatives.BELOW_LIMIT.odds.length; at++) {
            double odds = Alternatives.BELOW_LIMIT.odds[at];
            double perRequest = rate * Math.log(odds) - Math.log1p((odds - 1) * kind.negligible(criteria));
            least = Math.min(least, after(wanted - Math.log(Alternatives.BELOW_LIMIT.weights[at]), perRequest));
        }
        return Math.max(least, (double) criteria.minimumRequests());
    }

    private static double after(double wanted, double growth) {
        return growth > 0 ? wanted / growth : Double.POSITIVE_INFINITY;
    }
}
