package dev.slipway.verdict;

import dev.slipway.verdict.SequentialAnalysis.Minute;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.jspecify.annotations.Nullable;

/** How one minute changes the evidence about one kind of failure. */
record EvidenceUpdate(Signal signal, Criteria criteria, Variation variation) {
    /** How sure the upper bound of the old revision's rate is, taken from before. */
    private static final double BEFORE_ALPHA = 0.001;
    /** Services that fail for one reason fail in unequal parts: so many times what the others do is none of the release's doing. */
    private static final double MORE_THAN_NEIGHBOURS = 3;
    /** How sure it is that more of the others' requests fail than before. */
    private static final double COMMON_ALPHA = 0.05;
    /** Part of the harmless share that is no news where nothing serves beside the release. */
    private static final double HARMLESS_PART = 0.5;
    /**
     * How far evidence that the release is sound may run ahead of what is needed (a logarithm). Without a bound two good hours would have
     * to be made up for by as much evidence before a release that turns bad is no longer called sound.
     */
    private static final double SOUND_RESERVE = Math.log(4);

    static EvidenceUpdate of(Signal signal, Criteria criteria, Evidence evidence) {
        return new EvidenceUpdate(signal, criteria, evidence.variation(signal));
    }

    /** @param probes of our own in that minute */
    SignalEvidence minute(Evidence evidence, Minute minute, Sample probes) {
        SignalEvidence track = evidence.of(signal);
        Sample candidate = minute.candidate();
        Sample baseline = minute.baseline();
        if (signal.total(candidate) == 0 || isUnknown(baseline)) {
            return probes(evidence, minute, probes);
        }
        boolean alone = isAlone(baseline);
        double common = common(evidence, minute);
        Tally absolute = absolute(evidence, minute, candidate.plus(probes));
        EProcess harmless = under(track.negligible(), candidate, Math.max(common, signal.negligible(criteria)));
        return baseline == null || alone
                ? new SignalEvidence(
                        track.concurrent(),
                        historical(track.historical(), candidate, evidence.before(), common),
                        absolute,
                        harmless,
                        track.baselineCapped())
                : new SignalEvidence(
                        concurrent(track, candidate, baseline),
                        track.historical(),
                        absolute,
                        harmless,
                        track.baselineCapped() + capped(baseline));
    }

    SignalEvidence probes(Evidence evidence, Minute minute, Sample probes) {
        SignalEvidence track = evidence.of(signal);
        return signal.total(probes) == 0 ? track : track.withAbsolute(absolute(evidence, minute, probes));
    }

    /** Whether the old revision has answered, and its times have never come: then it is not known what is usual in that minute. */
    private boolean isUnknown(@Nullable Sample baseline) {
        return signal != Signal.ERRORS
                && baseline != null
                && baseline.timed() == 0
                && baseline.requests() > baseline.failures();
    }

    /** What nothing serves beside: there the other services of the load balancer are looked at. */
    private boolean isAlone(@Nullable Sample baseline) {
        return baseline == null || signal.total(baseline) == 0;
    }

    private double common(Evidence evidence, Minute minute) {
        return isAlone(minute.baseline())
                ? MORE_THAN_NEIGHBOURS * commonRate(minute.neighbours(), evidence.neighboursBefore())
                : 0;
    }

    private Tally absolute(Evidence evidence, Minute minute, Sample candidate) {
        Tally soFar = evidence.of(signal).absolute();
        return isKept(minute.baseline()) && !isUnknown(minute.baseline())
                ? absolute(soFar, candidate, common(evidence, minute), limit(evidence))
                : soFar;
    }

    /**
     * The rate at which the other services of the load balancer fail beyond what they did before, 0–1: an incident of the whole
     * site, which the figures of one release alone cannot tell from a fault of its own.
     */
    private double commonRate(@Nullable Sample now, @Nullable Sample before) {
        if (now == null || before == null) {
            return 0;
        }
        double usual = OneProportion.upperBound(signal.total(before), signal.failures(before), BEFORE_ALPHA);
        boolean more = OneProportion.lowerBound(signal.total(now), signal.failures(now), COMMON_ALPHA) > usual;
        return more ? (double) signal.failures(now) / signal.total(now) - usual : 0;
    }

    /**
     * What more may not fail than, 0–1: the spec's limit, or what the old revision surely does not pass where it is shown to be over the
     * limit itself, before the rollout or beside the new one so far. Who is like it is not over its own rate, however the limit is set. What
     * it has kept beside the new one counts more than that it was over it before.
     *
     * @return null where the spec has no limit
     */
    @Nullable
    Double limit(Evidence evidence) {
        Double limit = signal.limit(criteria);
        if (limit == null) {
            return null;
        }
        SignalEvidence track = evidence.of(signal);
        Tally beside = track.concurrent();
        Sample before = evidence.before();
        double usual = limit;
        if (isOver(limit, beside.baselineRequests(), track.baselineCapped())) {
            usual = Math.max(usual, usualAtMost(beside.baselineRequests(), beside.baselineFailures()));
        }
        if (before != null
                && isOver(limit, signal.total(before), signal.failures(before))
                && !isWithin(limit, beside.baselineRequests(), track.baselineCapped())) {
            usual = Math.max(usual, usualAtMost(signal.total(before), signal.failures(before)));
        }
        return Math.min(usual, 1);
    }

    private boolean isOver(double limit, long all, long bad) {
        return OneProportion.lowerBound(independent(all), independent(bad), BEFORE_ALPHA) > limit;
    }

    private boolean isWithin(double limit, long all, long bad) {
        return OneProportion.upperBound(independent(all), independent(bad), BEFORE_ALPHA) < limit;
    }

    /** How many requests that fail each by itself tell as much. */
    private long independent(long requests) {
        return Math.round(requests / variation.dispersion());
    }

    /**
     * The failures of the old revision in a minute, no more than one that is at the limit may have by chance: so that an incident of some
     * minutes does not look like a release that is over the limit all the time.
     */
    private long capped(Sample baseline) {
        Double limit = signal.limit(criteria);
        if (limit == null || limit >= 1) {
            return signal.failures(baseline);
        }
        double mean = limit * signal.total(baseline);
        return Math.min(signal.failures(baseline), (long) Math.ceil(mean + 3 * Math.sqrt(mean * (1 - limit))));
    }

    /** What the old revision's rate surely is not above, whichever ten minutes it has, by how many of its requests failed. */
    private double usualAtMost(long all, long bad) {
        return variation.drift()
                * OneProportion.upperBound(Math.max(1, independent(all)), independent(bad), BEFORE_ALPHA);
    }

    /** Whether the old revision keeps the limit: in a minute in which it does not, the limit says nothing of the new one. */
    private boolean isKept(@Nullable Sample baseline) {
        Double limit = signal.limit(criteria);
        return baseline == null || limit == null || signal.failures(baseline) <= limit * signal.total(baseline);
    }

    private Tally concurrent(SignalEvidence track, Sample candidate, Sample baseline) {
        Tally counted = track.concurrent().count(signal, candidate, baseline);
        long bad = signal.failures(candidate) + signal.failures(baseline);
        if (TwoProportions.isUninformative(signal.total(candidate), signal.total(baseline), bad)) {
            return counted;
        }
        TwoProportions minute = new TwoProportions(
                signal.total(candidate), signal.failures(candidate), signal.total(baseline), signal.failures(baseline));
        double tolerance = criteria.tolerance();
        EProcess nonInferior = sound(
                Alternatives.NON_INFERIOR,
                counted.nonInferior(),
                minute.logRatios(tolerance, Alternatives.NON_INFERIOR.oddsTimes(tolerance)));
        Alternatives worse = Alternatives.WORSE;
        double goal = criteria.logWorseThreshold(signal);
        double most = Criteria.mostOf(goal, counted.logCapped());
        Variation against = variation.againstWorse(signal.total(candidate));
        double[] factors = discounted(minute.logRatios(against.drift(), worse.oddsTimes(against.drift())), against);
        double won;
        if (against.equals(Variation.NONE)) {
            double lacking =
                    goal - Alternatives.ABOVE_LIMIT.logValue(track.historical().worse()) - counted.logCapped();
            won = CappedEValue.logFactor(minute, counted.worse(), Math.min(lacking, most));
        } else {
            won = worse.logValue(worse.update(counted.worse(), factors)) - worse.logValue(counted.worse());
        }
        return counted.updated(
                worse.update(counted.worse(), worse.tempered(counted.worse(), factors, most)),
                counted.logCapped() + Math.min(won, most),
                nonInferior);
    }

    /**
     * What before and after can prove: that far more fail than at any hour of the old revision, in several minutes, and more than half of what
     * would be harmless. The rest may be the hour's doing.
     */
    private Tally historical(Tally tally, Sample candidate, @Nullable Sample before, double common) {
        Tally counted = tally.count(signal, candidate, Sample.NONE);
        if (before == null || signal.total(before) == 0) {
            return counted;
        }
        double upper = usualAtMost(signal.total(before), signal.failures(before));
        double ceiling = Math.max(
                common, Math.max(Criteria.BEFORE_AFTER_RATIO * upper, HARMLESS_PART * signal.negligible(criteria)));
        // Of a handful of requests nobody knows what is usual.
        double rate = signal.total(before) < criteria.minimumRequests()
                ? 0
                : (double) signal.failures(before) / signal.total(before);
        double acceptable = Math.max(common, Math.max(signal.negligible(criteria), criteria.tolerance() * rate));
        return counted.updated(
                over(tally.worse(), candidate, ceiling, criteria.logWorseThreshold(signal)),
                0,
                under(tally.nonInferior(), candidate, acceptable));
    }

    /** @param surely over which there are too many; within the limits is only what is within the spec's */
    private Tally absolute(Tally tally, Sample candidate, double common, @Nullable Double surely) {
        Double limit = signal.limit(criteria);
        double acceptable = Math.max(common, limit == null ? signal.negligible(criteria) : limit);
        return tally.count(signal, candidate, Sample.NONE)
                .updated(
                        surely == null
                                ? tally.worse()
                                : over(
                                        tally.worse(),
                                        candidate,
                                        Math.max(common, surely),
                                        criteria.logLimitThreshold(signal)),
                        0,
                        under(tally.nonInferior(), candidate, acceptable));
    }

    /** Nothing is over or under all there is: a limit of 1 and more leaves the e-process as it is. */
    private EProcess over(EProcess process, Sample candidate, double limit, double goal) {
        if (limit >= 1) {
            return process;
        }
        Alternatives on = Alternatives.ABOVE_LIMIT;
        double most = Criteria.mostOf(goal, on.logValue(process));
        return on.update(
                process,
                on.tempered(
                        process,
                        discounted(logRatios(candidate, limit, on), variation.againstWorse(signal.total(candidate))),
                        most));
    }

    private EProcess under(EProcess process, Sample candidate, double limit) {
        Alternatives on = Alternatives.BELOW_LIMIT;
        return limit >= 1 ? process : sound(on, process, logRatios(candidate, limit, on));
    }

    private EProcess sound(Alternatives on, EProcess process, double[] factors) {
        double most = criteria.logNonInferiorityThreshold() + Math.log(2) + SOUND_RESERVE;
        return on.atMost(on.update(process, discounted(factors, variation)), most);
    }

    /** Raised to a power under 1 an e-value is one still, and failures that come in bunches count for less. */
    private static double[] discounted(double[] factors, Variation by) {
        return Alternatives.times(factors, 1 / by.dispersion());
    }

    private double[] logRatios(Sample candidate, double limit, Alternatives on) {
        return OneProportion.logRatios(signal.total(candidate), signal.failures(candidate), limit, on.odds);
    }
}

/** One revision against a limit for the rate of its failures: likelihood ratios of binomials, as e-values. */
final class OneProportion {
    private OneProportion() {}

    /** The logs of the likelihoods of {@code odds} times the limit's odds, each over that of the limit (0–1). */
    static double[] logRatios(long all, long bad, double limit, double[] odds) {
        double[] ratios = new double[odds.length];
        for (int at = 0; at < odds.length; at++) {
            // (1 − p)/(1 − limit) and p/limit for p with odds[at] times the odds
            double calm = -Math.log1p((odds[at] - 1) * limit);
            ratios[at] = all * calm + bad * Math.log(odds[at]);
        }
        return ratios;
    }

    /** What the rate behind {@code bad} of {@code all} surely is not above (Clopper & Pearson 1934), 0–1. */
    static double upperBound(long all, long bad, double alpha) {
        return bad >= all
                ? 1
                : BetaDistribution.of(bad + 1.0, (double) (all - bad)).inverseSurvivalProbability(alpha);
    }

    /** Likewise, what it surely is not below. */
    static double lowerBound(long all, long bad, double alpha) {
        return bad == 0 ? 0 : BetaDistribution.of(bad, all - bad + 1.0).inverseCumulativeProbability(alpha);
    }
}

/**
 * An e-value that does not exceed what the threshold needs. What it would be beyond the threshold is of no use; capped there and
 * scaled up elsewhere, it reaches the threshold sooner. With L(k) the e-value if k failures fall on the new revision, this is
 * min(c·L(k), b), where b is what is missing to the threshold and c ≥ 1 makes the mean over the k of equal odds 1 again. That is
 * an e-value like L, also if the new revision is better, as it grows with k.
 */
final class CappedEValue {
    private CappedEValue() {}

    /**
     * The e-value of a minute.
     *
     * @param minute this minute's failures
     * @param process the e-process for "the new revision is worse" so far
     * @param lacking the log of b
     * @return its log
     */
    static double logFactor(TwoProportions minute, EProcess process, double lacking) {
        double[] logWeights = process.logWeights(Alternatives.WORSE);
        double[] bases = minute.logBases(Alternatives.WORSE.odds);
        double plain = logEValue(logWeights, bases, minute.candidateFailures());
        if (lacking <= 0) {
            return Math.min(plain, 0);
        }
        int least = minute.minCount();
        int most = minute.maxCount();
        double[] values = new double[most - least + 1];
        double below = 0;
        for (int at = least; at <= most; at++) {
            values[at - least] = Math.exp(logEValue(logWeights, bases, at));
            below += minute.probability(at) * values[at - least];
        }
        double goal = Math.exp(lacking);
        double beyond = 0;
        double more = 1;
        for (int at = most; at >= least && more * values[at - least] > goal; at--) {
            below -= minute.probability(at) * values[at - least];
            beyond += minute.probability(at);
            more = Math.max(1, below > 0 ? (1 - goal * beyond) / below : 1);
        }
        return Math.min(plain + Math.log(more), lacking);
    }

    /** The log of the mixture's e-value; the last weight has not entered and counts as it is. */
    private static double logEValue(double[] logWeights, double[] bases, long count) {
        int kept = logWeights.length - 1;
        double sum = Math.exp(logWeights[kept]);
        for (int at = 0; at < kept; at++) {
            sum += Math.exp(logWeights[at] + bases[at] + count * Alternatives.WORSE.logOdds[at]);
        }
        return Math.log(sum);
    }
}
