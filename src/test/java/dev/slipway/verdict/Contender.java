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
     * How strongly it would condemn after this minute. It does so at the first minute that reaches its setting, so one
     * simulation serves all settings.
     */
    double look(long candidate, long candidateBad, long baseline, long baselineBad);

    /** Slipway's: the log of the e-value for the comparison. */
    final class Ours implements Contender {
        private final Criteria criteria;
        private Evidence evidence = Evidence.none(Traffic.START, null);
        private int minute;

        Ours(Criteria criteria) {
            this.criteria = criteria.withWarmUp(Duration.ZERO);
        }

        @Override
        public double look(long candidate, long candidateBad, long baseline, long baselineBad) {
            evidence = Judge.weigh(
                    evidence,
                    Traffic.minute(
                            ++minute,
                            new Sample(candidate, candidateBad, 0, 0),
                            new Sample(baseline, baselineBad, 0, 0)),
                    criteria);
            return evidence.errors().beside().logBold() + 1e-9;
        }
    }

    /** The grid of verdict.md's prototype: binomial shares of failures, even weights, no fresh starts. */
    final class Grid implements Contender {
        private static final double[] RATIOS = {1.5, 2, 3, 4, 6, 10, 20, 40};
        private final double[] logs = new double[RATIOS.length];

        @Override
        public double look(long candidate, long candidateBad, long baseline, long baselineBad) {
            double share = (double) candidate / Math.max(1, candidate + baseline);
            double sum = 0;
            for (int at = 0; at < logs.length; at++) {
                logs[at] += candidateBad * Math.log(RATIOS[at])
                        - (candidateBad + baselineBad) * Math.log1p((RATIOS[at] - 1) * share);
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
        public double look(long candidate, long candidateBad, long baseline, long baselineBad) {
            log += candidateBad * Math.log(after / before)
                    + (candidate - candidateBad) * (Math.log1p(-after) - Math.log1p(-before));
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
        public double look(long candidate, long candidateBad, long baseline, long baselineBad) {
            if (!TwoProportions.isSilent(candidate, baseline, candidateBad + baselineBad)) {
                log += new TwoProportions(candidate, candidateBad, baseline, baselineBad).logRatios(1, odds)[0];
            }
            return log;
        }
    }

    /** The new revision's rate in the last minute. */
    final class Threshold implements Contender {
        @Override
        public double look(long candidate, long candidateBad, long baseline, long baselineBad) {
            return candidate == 0 ? 0 : (double) candidateBad / candidate;
        }
    }

    /** As a CloudWatch alarm has it: the third-largest rate of the last five minutes. */
    final class Alarm implements Contender {
        private final List<Double> rates = new ArrayList<>();

        @Override
        public double look(long candidate, long candidateBad, long baseline, long baselineBad) {
            if (candidate > 0) {
                rates.add((double) candidateBad / candidate);
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
        public double look(long candidate, long candidateBad, long baseline, long baselineBad) {
            if (candidate > 0) {
                candidates.add((double) candidateBad / candidate);
            }
            if (baseline > 0) {
                baselines.add((double) baselineBad / baseline);
            }
            anyBad |= candidateBad + baselineBad > 0;
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
