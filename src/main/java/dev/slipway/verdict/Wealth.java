package dev.slipway.verdict;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;

/**
 * An e-process: what a gambler has made of 1 by betting against a hypothesis, each minute at odds that are fair if it
 * holds. However he bets and whenever he stops, he has 1/α or more with probability α at most (Ville 1939, Étude critique
 * de la notion de collectif; Ramdas, Grünwald, Vovk & Shafer 2023, Game-theoretic statistics and safe anytime-valid
 * inference). Here he splits his money over alternatives, and keeps back a part of each for a fresh start later, since a
 * release may turn bad after an hour (a mixture of e-processes is one).
 *
 * @param bets minutes so far
 * @param logs of the wealth in play on each alternative, per unit of money; rounded down, which keeps it valid; empty
 *     before the first bet
 */
public record Wealth(int bets, List<Double> logs) {
    static final Wealth NONE = new Wealth(0, List.of());
    private static final double GRAIN = 1e4;

    public Wealth {
        logs = List.copyOf(logs);
    }

    /**
     * @param logFactors what a unit on each alternative becomes this minute
     * @param first the part of the money that is in play from the first bet, 0–1; the rest enters over time: a start at
     *     bet t gets (1 − first)/(t(t − 1))
     */
    Wealth bet(double[] logFactors, double first) {
        double enters = enters(first);
        List<Double> next = new ArrayList<>(logFactors.length);
        for (int at = 0; at < logFactors.length; at++) {
            next.add(Math.floor((logInPlay(at, enters) + logFactors[at]) * GRAIN) / GRAIN);
        }
        return new Wealth(bets + 1, next);
    }

    /** The logs of the parts of his money on each alternative of the next bet; the last is what he keeps back. */
    @JsonIgnore
    double[] logStakes(Bets on) {
        double all = log(on.weights, on.first);
        double enters = enters(on.first);
        double[] stakes = new double[on.weights.length + 1];
        for (int at = 0; at < on.weights.length; at++) {
            stakes[at] = logInPlay(at, enters) + Math.log(on.weights[at]) - all;
        }
        stakes[on.weights.length] = Math.log((1 - on.first) / (bets + 1.0)) - all;
        return stakes;
    }

    /** What enters with the next bet. */
    private double enters(double first) {
        return bets == 0 ? first : (1 - first) / ((bets + 1.0) * bets);
    }

    /** The log of the wealth on an alternative with what enters; the wealth itself may be more than a double holds. */
    private double logInPlay(int at, double enters) {
        if (bets == 0) {
            return Math.log(enters);
        }
        double log = logs.get(at);
        if (enters == 0) {
            return log;
        }
        return log > 0 ? log + Math.log1p(enters * Math.exp(-log)) : Math.log(Math.exp(log) + enters);
    }

    /** The log of all he has. */
    @JsonIgnore
    double log(double[] weights, double first) {
        double kept = bets == 0 ? 1 : (1 - first) / bets;
        double most = Math.log(kept);
        for (double log : logs) {
            most = Math.max(most, log);
        }
        // Not kept·exp(−most): nothing kept times infinity is not a number.
        double sum = kept == 0 ? 0 : kept * Math.exp(-most);
        for (int at = 0; at < logs.size(); at++) {
            sum += weights[at] * Math.exp(logs.get(at) - most);
        }
        return most + Math.log(sum);
    }
}
