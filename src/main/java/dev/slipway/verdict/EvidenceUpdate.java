package dev.slipway.verdict;

import org.jspecify.annotations.Nullable;

/** How one minute changes the evidence about one kind of failure. */
record EvidenceUpdate(Signal signal, Criteria criteria) {
    /** How sure the upper bound of the old revision's rate is, taken from before. */
    private static final double BEFORE_ALPHA = 0.001;

    SignalEvidence minute(SignalEvidence track, Minute minute, @Nullable Sample before) {
        Sample candidate = minute.candidate();
        Sample baseline = minute.baseline();
        if (signal.total(candidate) == 0) {
            return track;
        }
        Tally absolute = absolute(track.absolute(), candidate);
        EProcess harmless = under(track.negligible(), candidate, signal.negligible(criteria));
        if (baseline == null || signal.total(baseline) == 0) {
            return new SignalEvidence(
                    track.concurrent(), historical(track.historical(), candidate, before), absolute, harmless);
        }
        return new SignalEvidence(concurrent(track, candidate, baseline), track.historical(), absolute, harmless);
    }

    SignalEvidence probes(SignalEvidence track, Sample probes) {
        return signal.total(probes) == 0 ? track : track.withAbsolute(absolute(track.absolute(), probes));
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
        EProcess nonInferior = Alternatives.NON_INFERIOR.update(
                counted.nonInferior(), minute.logRatios(tolerance, Alternatives.NON_INFERIOR.oddsTimes(tolerance)));
        if (criteria.stickySessions()) {
            EProcess worse =
                    Alternatives.CLUSTERED.update(counted.worse(), minute.logClustered(Alternatives.CLUSTERED.odds));
            return counted.updated(worse, Alternatives.CLUSTERED.logValue(worse), nonInferior);
        }
        double lacking = criteria.logWorseThreshold(signal)
                - Alternatives.ABOVE_LIMIT.logValue(track.historical().worse())
                - counted.logCapped();
        double capped = counted.logCapped() + CappedEValue.logFactor(minute, counted.worse(), lacking);
        return counted.updated(
                Alternatives.WORSE.update(counted.worse(), minute.logRatios(1, Alternatives.WORSE.odds)),
                capped,
                nonInferior);
    }

    private Tally historical(Tally tally, Sample candidate, @Nullable Sample before) {
        Tally counted = tally.count(signal, candidate, Sample.NONE);
        if (before == null || signal.total(before) == 0) {
            return counted;
        }
        double ceiling =
                Criteria.DRIFT * OneProportion.upperBound(signal.total(before), signal.failures(before), BEFORE_ALPHA);
        double rate = (double) signal.failures(before) / signal.total(before);
        double acceptable = Math.max(signal.negligible(criteria), criteria.tolerance() * rate);
        return counted.updated(
                over(tally.worse(), candidate, ceiling), 0, under(tally.nonInferior(), candidate, acceptable));
    }

    private Tally absolute(Tally tally, Sample candidate) {
        Double limit = signal.limit(criteria);
        double acceptable = limit == null ? signal.negligible(criteria) : limit;
        return tally.count(signal, candidate, Sample.NONE)
                .updated(
                        limit == null ? tally.worse() : over(tally.worse(), candidate, limit),
                        0,
                        under(tally.nonInferior(), candidate, acceptable));
    }

    /** Nothing is over or under all there is: a limit of 1 and more leaves the e-process as it is. */
    private EProcess over(EProcess process, Sample candidate, double limit) {
        return limit >= 1
                ? process
                : Alternatives.ABOVE_LIMIT.update(process, logRatios(candidate, limit, Alternatives.ABOVE_LIMIT));
    }

    private EProcess under(EProcess process, Sample candidate, double limit) {
        return limit >= 1
                ? process
                : Alternatives.BELOW_LIMIT.update(process, logRatios(candidate, limit, Alternatives.BELOW_LIMIT));
    }

    private double[] logRatios(Sample candidate, double limit, Alternatives on) {
        return OneProportion.logRatios(signal.total(candidate), signal.failures(candidate), limit, on.odds);
    }
}
