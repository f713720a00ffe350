package dev.slipway.verdict;

import org.jspecify.annotations.Nullable;

/** How one minute changes the evidence about one kind of failure. */
record Weighing(Kind kind, Criteria criteria) {
    /** How sure the upper bound of the old revision's rate is, taken from before. */
    private static final double BEFORE_ALPHA = 0.001;

    Track minute(Track track, Minute minute, @Nullable Sample before) {
        Sample candidate = minute.candidate();
        Sample baseline = minute.baseline();
        if (kind.all(candidate) == 0) {
            return track;
        }
        Tally absolute = absolute(track.absolute(), candidate);
        Wealth harmless = under(track.harmless(), candidate, kind.harmless(criteria));
        if (baseline == null || kind.all(baseline) == 0) {
            return new Track(track.beside(), alone(track.alone(), candidate, before), absolute, harmless);
        }
        return new Track(beside(track, candidate, baseline), track.alone(), absolute, harmless);
    }

    Track probes(Track track, Sample probes) {
        return kind.all(probes) == 0
                ? track
                : new Track(track.beside(), track.alone(), absolute(track.absolute(), probes), track.harmless());
    }

    private Tally beside(Track track, Sample candidate, Sample baseline) {
        Tally counted = track.beside().count(kind, candidate, baseline);
        long bad = kind.bad(candidate) + kind.bad(baseline);
        if (TwoProportions.isSilent(kind.all(candidate), kind.all(baseline), bad)) {
            return counted;
        }
        TwoProportions minute =
                new TwoProportions(kind.all(candidate), kind.bad(candidate), kind.all(baseline), kind.bad(baseline));
        double tolerance = criteria.tolerance();
        Wealth sound = Bets.SOUND.bet(counted.sound(), minute.logRatios(tolerance, Bets.SOUND.oddsTimes(tolerance)));
        if (criteria.sticky()) {
            Wealth worse = Bets.CLUMPED.bet(counted.worse(), minute.logClumped(Bets.CLUMPED.odds));
            return counted.with(worse, Bets.CLUMPED.log(worse), sound);
        }
        double lacking = criteria.worseAt(kind) - Bets.OVER.log(track.alone().worse()) - counted.logBold();
        double bold = counted.logBold() + Boldness.logFactor(minute, counted.worse(), lacking);
        return counted.with(Bets.WORSE.bet(counted.worse(), minute.logRatios(1, Bets.WORSE.odds)), bold, sound);
    }

    private Tally alone(Tally tally, Sample candidate, @Nullable Sample before) {
        Tally counted = tally.count(kind, candidate, Sample.NONE);
        if (before == null || kind.all(before) == 0) {
            return counted;
        }
        double ceiling = Criteria.DRIFT * OneProportion.upperBound(kind.all(before), kind.bad(before), BEFORE_ALPHA);
        double rate = (double) kind.bad(before) / kind.all(before);
        double sound = Math.max(kind.harmless(criteria), criteria.tolerance() * rate);
        return counted.with(over(tally.worse(), candidate, ceiling), 0, under(tally.sound(), candidate, sound));
    }

    private Tally absolute(Tally tally, Sample candidate) {
        Double limit = kind.limit(criteria);
        double sound = limit == null ? kind.harmless(criteria) : limit;
        return tally.count(kind, candidate, Sample.NONE)
                .with(
                        limit == null ? tally.worse() : over(tally.worse(), candidate, limit),
                        0,
                        under(tally.sound(), candidate, sound));
    }

    /** Nothing is over or under all there is: a limit of 1 and more leaves the wealth as it is. */
    private Wealth over(Wealth wealth, Sample candidate, double limit) {
        return limit >= 1 ? wealth : Bets.OVER.bet(wealth, logRatios(candidate, limit, Bets.OVER));
    }

    private Wealth under(Wealth wealth, Sample candidate, double limit) {
        return limit >= 1 ? wealth : Bets.UNDER.bet(wealth, logRatios(candidate, limit, Bets.UNDER));
    }

    private double[] logRatios(Sample candidate, double limit, Bets on) {
        return OneProportion.logRatios(kind.all(candidate), kind.bad(candidate), limit, on.odds);
    }
}
