package dev.slipway.verdict;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;

/**
 * An e-process: what a gambler has made of 1 by betting against a hypothesis, each minute at odds that are fair if it
 * holds. However he bets and whenever he stops, he has 1/α or more with probability α at most (Ville 1939, Étude critique
 * de la notion de collectif; Ramdas, Grünwald, Vovk & Shafer 2023, Game-theoretic statistics and safe anytime-valid
 * inference). Here he splits his money over alternatives, and keeps back a part of each for a fresh start later, since a
 * release may turn bad after an hour (a mixture of e-processes is one).
 *
 * @param updates minutes so far
 * @param logValues of the wealth in play on each alternative, per unit of money; rounded down, which keeps it valid; empty
 *     before the first bet
 */
@RegisterForReflection
public record EProcess(int updates, List<Double> logValues) {
    static final EProcess NONE = new EProcess(0, List.of());
    private static final double PRECISION = 1e4;

    public EProcess {
        logValues = List.copyOf(logValues);
    }

    /**
     * @param logFactors what a unit on each alternative becomes this minute
     * @param first the part of the money that is in play from the first bet, 0–1; the rest enters over time: a start at
     *     bet t gets (1 − first)/(t(t − 1))
     */
    EProcess update(double[] logFactors, double first) {
        double enters = enteringWeight(first);
        List<Double> next = new ArrayList<>(logFactors.length);
        for (int at = 0; at < logFactors.length; at++) {
            next.add(Math.floor((logActive(at, enters) + logFactors[at]) * PRECISION) / PRECISION);
        }
        return new EProcess(updates + 1, next);
    }

    /** The logs of the parts of his money on each alternative of the next bet; the last is what he keeps back. */
    @JsonIgnore
    double[] logWeights(Alternatives on) {
        double all = logValue(on.weights, on.initialWeight);
        double enters = enteringWeight(on.initialWeight);
        double[] stakes = new double[on.weights.length + 1];
        for (int at = 0; at < on.weights.length; at++) {
            stakes[at] = logActive(at, enters) + Math.log(on.weights[at]) - all;
        }
        stakes[on.weights.length] = Math.log((1 - on.initialWeight) / (updates + 1.0)) - all;
        return stakes;
    }

    /** What enters with the next bet. */
    private double enteringWeight(double first) {
        return updates == 0 ? first : (1 - first) / ((updates + 1.0) * updates);
    }

    /** The log of the wealth on an alternative with what enters; the wealth itself may be more than a double holds. */
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

    /** The log of all he has. */
    @JsonIgnore
    double logValue(double[] weights, double first) {
        double kept = updates == 0 ? 1 : (1 - first) / updates;
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
