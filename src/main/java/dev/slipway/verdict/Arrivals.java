package dev.slipway.verdict;

import dev.slipway.verdict.SequentialAnalysis.Minute;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether the new revision gets the requests that its weight promises: those that do not arrive fail nowhere. The load balancer draws by
 * weight, so of a minute's requests those on the new revision are binomial, but for what clients that stay do to them. How much that is
 * is learned from the minutes themselves, before any of them counts.
 *
 * @param minutes of the newest weight that were counted
 * @param candidate requests of the new revision in them
 * @param all requests of both
 * @param expected of the new revision, by its weight
 * @param weight the newest, 0–1
 * @param residuals by how many standard deviations the newest minutes of this weight were over it, oldest first
 * @param fewer e-process for "far fewer than by its weight"
 */
@RegisterForReflection
public record Arrivals(
        int minutes, long candidate, long all, double expected, double weight, List<Double> residuals, EProcess fewer) {
    static final Arrivals NONE = new Arrivals(0, 0, 0, 0, 0, List.of(), EProcess.NONE);
    /** Odds that are taken for those of the weight: what goes past the weights is not the release's doing. */
    private static final double ALLOWED = 0.7;
    /** So many minutes of a weight are only learned from. */
    private static final int LEARNED = 15;

    private static final int KEPT = 30;
    /** Minutes over which the scatter is looked at: clients stay for some. */
    private static final int[] SPANS = {1, 2, 5};
    /** So many spans of independent requests are taken for seen beforehand. */
    private static final double PRIOR = 3;

    private static final double PRECISION = 100;

    public Arrivals {
        residuals = List.copyOf(residuals);
    }

    /** A minute in which either has no figures is none: nobody knows whether no requests came or only no figures. */
    Arrivals next(Minute minute, Criteria criteria) {
        Double share = minute.weight();
        Sample beside = minute.baseline();
        long ours = minute.candidate().requests();
        if (share == null || beside == null || ours == 0 || beside.requests() == 0 || share <= 0 || share >= 1) {
            return this;
        }
        long both = ours + beside.requests();
        if (share != weight) {
            return new Arrivals(0, 0, 0, 0, share, List.of(), fewer).next(minute, criteria);
        }
        List<Double> next = new ArrayList<>(residuals);
        double deviation = (ours - both * share) / Math.sqrt(both * share * (1 - share));
        next.add(Math.round(deviation * PRECISION) / PRECISION);
        return new Arrivals(
                minutes + 1,
                candidate + ours,
                all + both,
                expected + both * share,
                share,
                next.subList(Math.max(0, next.size() - KEPT), next.size()),
                residuals.size() < LEARNED ? fewer : weighed(ours, both, share, dispersion(residuals), criteria));
    }

    private EProcess weighed(long ours, long both, double share, double dispersion, Criteria criteria) {
        Alternatives on = Alternatives.FEWER;
        double odds = ALLOWED * share / (1 - share);
        double[] factors =
                Alternatives.times(OneProportion.logRatios(both, ours, odds / (1 + odds), on.odds), 1 / dispersion);
        double most = Criteria.mostOf(criteria.logFewerThreshold(), on.logValue(fewer));
        return on.update(fewer, on.tempered(fewer, factors, most));
    }

    /** How many times the scatter around their own mean is that of independent requests, 1 at least. */
    static double dispersion(List<Double> residuals) {
        double most = 1;
        for (int span : SPANS) {
            double[] blocks = new double[residuals.size() / span];
            for (int at = 0; at < blocks.length * span; at++) {
                blocks[at / span] += residuals.get(at) / Math.sqrt(span);
            }
            double mean = Arrays.stream(blocks).average().orElse(0);
            double squares = Arrays.stream(blocks)
                    .map(block -> (block - mean) * (block - mean))
                    .sum();
            double freedom = blocks.length - 1.0;
            most = Math.max(most, (squares + PRIOR) / (freedom + PRIOR) * (1 + Math.sqrt(2 / (freedom + PRIOR))));
        }
        return most;
    }

    /** Whether it has about the requests that its weight promises, or nothing is known of that. */
    boolean arrive() {
        return candidate >= ALLOWED * expected;
    }

    /** The log of the e-value for "far fewer than by its weight". */
    double logFewer() {
        return Alternatives.FEWER.logValue(fewer);
    }
}
