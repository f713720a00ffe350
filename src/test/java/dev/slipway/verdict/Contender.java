package dev.slipway.verdict;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.ContinuityCorrection;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.apache.commons.statistics.inference.PValueMethod;

/** A judge in the benchmark, fresh for every rollout. It counts errors; latency is counted in the same way. */
interface Contender {
    /**
     * How strongly it would reject after this minute. It does so at the first minute that reaches its setting, so one
     * simulation serves all settings.
     */
    double look(long candidate, long candidateFailures, long baseline, long baselineFailures);

    /** Slipway's: the log of the e-value for the comparison. */
    final class Ours implements Contender {
        private final Criteria criteria;
        private Evidence evidence = Evidence.none(Traffic.START, null);
        private int minute;

        Ours(Criteria criteria) {
            this.criteria = criteria.withWarmUp(Duration.ZERO);
        }

        @Override
        public double look(long candidate, long candidateFailures, long baseline, long baselineFailures) {
            evidence = SequentialAnalysis.update(
                    evidence,
                    Traffic.minute(
                            ++minute,
                            new Sample(candidate, candidateFailures, 0, 0),
                            new Sample(baseline, baselineFailures, 0, 0)),
                    criteria);
            return evidence.errors().concurrent().logCapped() + 1e-9;
        }
    }

    /** The grid of verdict.md's prototype: binomial shares of failures, even weights, no fresh starts. */
    final class Grid implements Contender {
        private static final double[] RATIOS = {1.5, 2, 3, 4, 6, 10, 20, 40};
        private final double[] logs = new double[RATIOS.length];

        @Override
        public double look(long candidate, long candidateFailures, long baseline, long baselineFailures) {
            double share = (double) candidate / Math.max(1, candidate + baseline);
            double sum = 0;
            for (int at = 0; at < logs.length; at++) {
                logs[at] += candidateFailures * Math.log(RATIOS[at])
                        - (candidateFailures + baselineFailures) * Math.log1p((RATIOS[at] - 1) * share);
                sum += Math.exp(logs[at]) / logs.length;
            }
            return Math.log(sum);
        }
    }

    /** Wald 1945, Sequential tests of statistical hypotheses: told both rates, it is the limit. */
    final class Wald implements Contender {
        private final double before;
        private final double after;
        private double log;

        Wald(double before, double after) {
            this.before = before;
            this.after = after;
        }

        @Override
        public double look(long candidate, long candidateFailures, long baseline, long baselineFailures) {
            log += candidateFailures * Math.log(after / before)
                    + (candidate - candidateFailures) * (Math.log1p(-after) - Math.log1p(-before));
            return log;
        }
    }

    /** Told how many times as bad, but not the rates: the limit of what the same minutes can tell of a ratio. */
    final class Ratio implements Contender {
        private final double[] odds;
        private double log;

        Ratio(double before, double after) {
            this.odds = new double[] {after * (1 - before) / (before * (1 - after))};
        }

        @Override
        public double look(long candidate, long candidateFailures, long baseline, long baselineFailures) {
            if (!TwoProportions.isUninformative(candidate, baseline, candidateFailures + baselineFailures)) {
                log += new TwoProportions(candidate, candidateFailures, baseline, baselineFailures)
                        .logRatios(1, odds)[0];
            }
            return log;
        }
    }

    /** The new revision's rate in the last minute. */
    final class Threshold implements Contender {
        @Override
        public double look(long candidate, long candidateFailures, long baseline, long baselineFailures) {
            return candidate == 0 ? 0 : (double) candidateFailures / candidate;
        }
    }

    /** As a CloudWatch alarm has it: the third-largest rate of the last five minutes. */
    final class Alarm implements Contender {
        private final List<Double> rates = new ArrayList<>();

        @Override
        public double look(long candidate, long candidateFailures, long baseline, long baselineFailures) {
            if (candidate > 0) {
                rates.add((double) candidateFailures / candidate);
            }
            List<Double> window = rates.subList(Math.max(0, rates.size() - 5), rates.size());
            return window.size() < 3 ? 0 : window.stream().sorted().toList().get(window.size() - 3);
        }
    }

    /** Mann & Whitney's test on the rates of each minute so far, as Kayenta does it, without its tolerance: −log₁₀ p. */
    final class MannWhitney implements Contender {
        private static final MannWhitneyUTest TEST = MannWhitneyUTest.withDefaults()
                .with(AlternativeHypothesis.GREATER_THAN)
                .with(PValueMethod.ASYMPTOTIC)
                .with(ContinuityCorrection.ENABLED);
        private final List<Double> candidates = new ArrayList<>();
        private final List<Double> baselines = new ArrayList<>();
        private boolean anyBad;

        @Override
        public double look(long candidate, long candidateFailures, long baseline, long baselineFailures) {
            if (candidate > 0) {
                candidates.add((double) candidateFailures / candidate);
            }
            if (baseline > 0) {
                baselines.add((double) baselineFailures / baseline);
            }
            anyBad |= candidateFailures + baselineFailures > 0;
            if (!anyBad || candidates.size() < 3 || baselines.size() < 3) {
                return 0;
            }
            double p = TEST.test(array(candidates), array(baselines)).getPValue();
            return Double.isNaN(p) ? 0 : -Math.log10(p);
        }

        private static double[] array(List<Double> values) {
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }
}
