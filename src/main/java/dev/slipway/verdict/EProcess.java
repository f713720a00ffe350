package dev.slipway.verdict;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;

/**
 * An e-process: the product of e-values, one a minute, each with a mean of 1 at most if the hypothesis holds. Whenever one
 * stops, it is 1/α or more with probability α at most (Ville 1939, Étude critique de la notion de collectif; Ramdas, Grünwald,
 * Vovk & Shafer 2023, Game-theoretic statistics and safe anytime-valid inference). Here it is a mixture over alternatives and
 * over starts: a part of the weight of each alternative enters later, since a release may turn bad after an hour (a mixture of
 * e-processes is one).
 *
 * @param updates minutes so far
 * @param logValues of the e-process of each alternative that has entered, per unit of its weight; rounded down, which keeps it
 *     valid; empty before the first minute
 */
@RegisterForReflection
public record EProcess(int updates, List<Double> logValues) {
    static final EProcess NONE = new EProcess(0, List.of());
    private static final double PRECISION = 1e4;

    public EProcess {
        logValues = List.copyOf(logValues);
    }

    /**
     * @param logFactors the logs of this minute's e-values, one for each alternative
     * @param initialWeight the part of the weight that enters at the first minute, 0–1; the rest enters over time: a start at
     *     minute t gets (1 − first)/(t(t − 1))
     */
    EProcess update(double[] logFactors, double initialWeight) {
        double enters = enteringWeight(initialWeight);
        List<Double> next = new ArrayList<>(logFactors.length);
        for (int at = 0; at < logFactors.length; at++) {
            next.add(Math.floor((logActive(at, enters) + logFactors[at]) * PRECISION) / PRECISION);
        }
        return new EProcess(updates + 1, next);
    }

    /** Divided by a number of which this is the logarithm; for processes whose weight has all entered. */
    EProcess lowered(double by) {
        return new EProcess(
                updates,
                logValues.stream()
                        .map(log -> Math.floor((log - by) * PRECISION) / PRECISION)
                        .toList());
    }

    /** The logs of the weights of the alternatives in the next minute; the last is the weight that has not entered. */
    @JsonIgnore
    double[] logWeights(Alternatives on) {
        double all = logValue(on.weights, on.initialWeight);
        double enters = enteringWeight(on.initialWeight);
        double[] logWeights = new double[on.weights.length + 1];
        for (int at = 0; at < on.weights.length; at++) {
            logWeights[at] = logActive(at, enters) + Math.log(on.weights[at]) - all;
        }
        logWeights[on.weights.length] = Math.log((1 - on.initialWeight) / (updates + 1.0)) - all;
        return logWeights;
    }

    /** The part of the weight that enters with the next minute. */
    private double enteringWeight(double initialWeight) {
        return updates == 0 ? initialWeight : (1 - initialWeight) / ((updates + 1.0) * updates);
    }

    /** The log of an alternative's e-process with what enters; the value itself may be more than a double holds. */
    private double logActive(int at, double enters) {
        if (updates == 0) {
            return Math.log(enters);
        }
        double log = logValues.get(at);
        if (enters == 0) {
            return log;
        }
        return log > 0 ? log + Math.log1p(enters * Math.exp(-log)) : Math.log(Math.exp(log) + enters);
    }

    /** The log of the mixture. */
    @JsonIgnore
    double logValue(double[] weights, double initialWeight) {
        double kept = updates == 0 ? 1 : (1 - initialWeight) / updates;
        double most = Math.log(kept);
        for (double log : logValues) {
            most = Math.max(most, log);
        }
        // Not kept·exp(−most): nothing kept times infinity is not a number.
        double sum = kept == 0 ? 0 : kept * Math.exp(-most);
        for (int at = 0; at < logValues.size(); at++) {
            sum += weights[at] * Math.exp(logValues.get(at) - most);
        }
        return most + Math.log(sum);
    }
}
