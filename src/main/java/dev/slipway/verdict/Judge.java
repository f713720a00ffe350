package dev.slipway.verdict;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Weighs minutes. Pure: the same minutes in the same order give the same verdict. See docs/verdict.md for the method and
 * how it was measured.
 */
public final class Judge {
    /** How sure the upper bound of the old revision's rate is, taken from before. */
    private static final double BEFORE_ALPHA = 0.001;

    private Judge() {}

    /** Each minute is used once: one that is not newer than the newest, or belongs to the warm-up, adds nothing. */
    public static Evidence weigh(Evidence evidence, Minute minute, Criteria criteria) {
        Instant last = evidence.last();
        if (last != null && !minute.start().isAfter(last)) {
            return evidence;
        }
        boolean warm = !minute.start().isBefore(evidence.since().plus(criteria.warmUp()));
        return new Evidence(
                evidence.since(),
                minute.start(),
                evidence.lastProbe(),
                evidence.before(),
                evidence.warmingUp() + (warm ? 0 : 1),
                warm ? weigh(Kind.ERRORS, evidence, minute, criteria) : evidence.errors(),
                warm ? weigh(Kind.LATENCY, evidence, minute, criteria) : evidence.latency());
    }

    /** Requests of our own, sent at {@code at}: they count against the absolute limits only, and once. */
    public static Evidence weighProbes(Evidence evidence, Instant at, Sample probes, Criteria criteria) {
        Instant last = evidence.lastProbe();
        if (last != null && !at.isAfter(last)) {
            return evidence;
        }
        return new Evidence(
                evidence.since(),
                evidence.last(),
                at,
                evidence.before(),
                evidence.warmingUp(),
                probed(Kind.ERRORS, evidence.errors(), probes, criteria),
                probed(Kind.LATENCY, evidence.latency(), probes, criteria));
    }

    /** @param now for {@link Criteria#patience()}; it changes nothing else */
    public static Verdict verdict(Evidence evidence, Criteria criteria, Instant now) {
        return VerdictPolicy.decide(evidence, criteria, now);
    }

    private static Track probed(Kind kind, Track track, Sample probes, Criteria criteria) {
        return new Track(
                track.beside(), track.alone(), absolute(kind, track.absolute(), probes, criteria), track.harmless());
    }

    private static Track weigh(Kind kind, Evidence evidence, Minute minute, Criteria criteria) {
        Track track = evidence.of(kind);
        Sample candidate = minute.candidate();
        Sample baseline = minute.baseline();
        long all = kind.all(candidate);
        if (all == 0) {
            return track;
        }
        boolean compared = baseline != null && kind.all(baseline) > 0;
        return new Track(
                compared ? beside(kind, track, candidate, baseline, criteria) : track.beside(),
                compared ? track.alone() : alone(kind, track.alone(), candidate, evidence.before(), criteria),
                absolute(kind, track.absolute(), candidate, criteria),
                under(track.harmless(), all, kind.bad(candidate), kind.harmless(criteria)));
    }

    private static Tally beside(Kind kind, Track track, Sample candidate, Sample baseline, Criteria criteria) {
        Tally tally = track.beside();
        long all = kind.all(candidate);
        long bad = kind.bad(candidate);
        long otherAll = kind.all(baseline);
        long otherBad = kind.bad(baseline);
        if (TwoProportions.isSilent(all, otherAll, bad + otherBad)) {
            return tally.count(all, bad, otherAll, otherBad, tally.worse(), tally.sound());
        }
        TwoProportions minute = new TwoProportions(all, bad, otherAll, otherBad);
        double goal = criteria.worseAt(kind) - Bets.OVER.log(track.alone().worse());
        double bold = tally.logBold()
                + Boldness.logFactor(minute, Math.toIntExact(bad), tally.worse(), goal - tally.logBold());
        double[] worse = minute.logRatios(1, Bets.WORSE.odds);
        double[] sound = minute.logRatios(criteria.tolerance(), Bets.SOUND.oddsTimes(criteria.tolerance()));
        return tally.count(
                all,
                bad,
                otherAll,
                otherBad,
                Bets.WORSE.bet(tally.worse(), worse),
                bold,
                Bets.SOUND.bet(tally.sound(), sound));
    }

    private static Tally alone(Kind kind, Tally tally, Sample candidate, @Nullable Sample before, Criteria criteria) {
        long all = kind.all(candidate);
        long bad = kind.bad(candidate);
        if (before == null || kind.all(before) == 0) {
            return tally.count(all, bad, 0, 0, tally.worse(), tally.sound());
        }
        double rate = (double) kind.bad(before) / kind.all(before);
        double ceiling = Criteria.DRIFT * OneProportion.upperBound(kind.all(before), kind.bad(before), BEFORE_ALPHA);
        double sound = Math.max(kind.harmless(criteria), criteria.tolerance() * rate);
        return tally.count(
                all,
                bad,
                0,
                0,
                ceiling < 1 ? over(tally.worse(), all, bad, ceiling) : tally.worse(),
                sound < 1 ? under(tally.sound(), all, bad, sound) : tally.sound());
    }

    private static Tally absolute(Kind kind, Tally tally, Sample candidate, Criteria criteria) {
        long all = kind.all(candidate);
        long bad = kind.bad(candidate);
        if (all == 0) {
            return tally;
        }
        Double given = kind.limit(criteria);
        double limit = given == null ? kind.harmless(criteria) : given;
        return tally.count(
                all,
                bad,
                0,
                0,
                given == null ? tally.worse() : over(tally.worse(), all, bad, limit),
                under(tally.sound(), all, bad, limit));
    }

    private static Wealth over(Wealth wealth, long all, long bad, double limit) {
        return Bets.OVER.bet(wealth, OneProportion.logRatios(all, bad, limit, Bets.OVER.odds));
    }

    private static Wealth under(Wealth wealth, long all, long bad, double limit) {
        return Bets.UNDER.bet(wealth, OneProportion.logRatios(all, bad, limit, Bets.UNDER.odds));
    }
}
