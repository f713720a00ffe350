package dev.slipway.verdict;

import dev.slipway.verdict.SequentialAnalysis.Minute;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.ContinuityCorrection;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.apache.commons.statistics.inference.PValueMethod;
import org.jspecify.annotations.Nullable;

/** A judge that Slipway is measured against, fresh for every rollout. Failed and slow requests have half of its false alarms each. */
interface Contender {
    /** Whether it rejects the new release after this minute. */
    boolean rejects(Minute minute);

    /** One of errors and one of slow answers: it rejects when either does. */
    static Contender both(Contender errors, Contender latency) {
        return minute -> errors.rejects(minute) | latency.rejects(minute);
    }

    /** The part of a release's requests; NaN without any. */
    static double rate(Signal signal, @Nullable Sample sample) {
        return sample == null || signal.total(sample) == 0
                ? Double.NaN
                : (double) signal.failures(sample) / signal.total(sample);
    }

    /** Wald 1945, Sequential tests of statistical hypotheses: told both rates of failures, it is the limit of what requests can tell. */
    final class Wald implements Contender {
        private final double before;
        private final double after;
        private double log;

        Wald(double before, double after) {
            this.before = before;
            this.after = after;
        }

        @Override
        public boolean rejects(Minute minute) {
            long all = minute.candidate().requests();
            long bad = minute.candidate().failures();
            log += bad * Math.log(after / before) + (all - bad) * (Math.log1p(-after) - Math.log1p(-before));
            return log >= Math.log(2 / Criteria.ALPHA);
        }
    }

    /** The new release's rate in the last minute. */
    record Threshold(Signal signal, double limit) implements Contender {
        @Override
        public boolean rejects(Minute minute) {
            return rate(signal, minute.candidate()) > limit;
        }
    }

    /** As a CloudWatch alarm has it: over the limit in three of the last five minutes. */
    final class Alarm implements Contender {
        private static final int WINDOW = 5;
        private static final int BREACHES = 3;
        private final Signal signal;
        private final double limit;
        private final List<Boolean> breaches = new ArrayList<>();

        Alarm(Signal signal, double limit) {
            this.signal = signal;
            this.limit = limit;
        }

        @Override
        public boolean rejects(Minute minute) {
            breaches.add(rate(signal, minute.candidate()) > limit);
            return breaches.subList(Math.max(0, breaches.size() - WINDOW), breaches.size()).stream()
                            .filter(passed -> passed)
                            .count()
                    >= BREACHES;
        }
    }

    /** Mann & Whitney's test on the rates of each minute so far, as Kayenta does it, without its tolerance. */
    final class MannWhitney implements Contender {
        private static final MannWhitneyUTest TEST = MannWhitneyUTest.withDefaults()
                .with(AlternativeHypothesis.GREATER_THAN)
                .with(PValueMethod.ASYMPTOTIC)
                .with(ContinuityCorrection.ENABLED);
        private static final int FEWEST = 3;
        private final Signal signal;
        private final List<Double> candidates = new ArrayList<>();
        private final List<Double> baselines = new ArrayList<>();
        private boolean anyBad;

        MannWhitney(Signal signal) {
            this.signal = signal;
        }

        @Override
        public boolean rejects(Minute minute) {
            add(candidates, rate(signal, minute.candidate()));
            add(baselines, rate(signal, minute.baseline()));
            if (!anyBad || candidates.size() < FEWEST || baselines.size() < FEWEST) {
                return false;
            }
            return TEST.test(array(candidates), array(baselines)).getPValue() < Criteria.ALPHA / 2;
        }

        private void add(List<Double> rates, double rate) {
            if (!Double.isNaN(rate)) {
                rates.add(rate);
                anyBad |= rate > 0;
            }
        }

        private static double[] array(List<Double> values) {
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }

    /**
     * Lindon & Malek 2022, Anytime-valid inference for multinomial count data: on which release the failures fall, as a
     * multinomial with the weights for its probabilities, against a Dirichlet mixture around them. Two-sided; it rejects where more
     * fall on the new release.
     */
    final class LindonMalek implements Contender {
        /** How closely the mixture lies around the weights. */
        private static final double CONCENTRATION = 100;

        private final Signal signal;
        private long ours;
        private long all;
        private double logNull;

        LindonMalek(Signal signal) {
            this.signal = signal;
        }

        @Override
        public boolean rejects(Minute minute) {
            Double share = minute.weight();
            Sample beside = minute.baseline();
            if (share == null || beside == null) {
                return false;
            }
            long here = signal.failures(minute.candidate());
            long there = signal.failures(beside);
            ours += here;
            all += here + there;
            logNull += here * Math.log(share) + there * Math.log1p(-share);
            double a = CONCENTRATION * share;
            double b = CONCENTRATION * (1 - share);
            double log = logBeta(a + ours, b + all - ours) - logBeta(a, b) - logNull;
            return log >= Math.log(2 / Criteria.ALPHA) && ours > share * all;
        }

        private static double logBeta(double a, double b) {
            return LogGamma.value(a) + LogGamma.value(b) - LogGamma.value(a + b);
        }
    }
}
