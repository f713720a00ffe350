package dev.slipway.verdict;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Decides by what the bets have made. */
final class VerdictPolicy {
    private static final double LARGEST_LOG = 20;
    private static final double ROUNDING = 1e-9;

    private VerdictPolicy() {}

    static Verdict decide(Evidence evidence, Criteria criteria, Instant now) {
        for (Kind kind : Kind.values()) {
            Basis condemned = condemns(kind, evidence.of(kind), criteria);
            if (condemned != null) {
                String sentence = Sentences.unhealthy(kind, condemned, evidence, criteria);
                return verdict(Outcome.UNHEALTHY, condemned, sentence, false, null, evidence, criteria);
            }
        }
        boolean patient = now.isBefore(evidence.since().plus(criteria.patience()));
        Basis errors = acquits(Kind.ERRORS, evidence, criteria, patient);
        Basis latency = evidence.latency().minutes() == 0 ? errors : acquits(Kind.LATENCY, evidence, criteria, patient);
        if (errors != null && latency != null) {
            Basis basis = errors.compareTo(latency) > 0 ? errors : latency;
            String sentence = Sentences.healthy(basis, evidence, criteria);
            return verdict(Outcome.HEALTHY, basis, sentence, false, null, evidence, criteria);
        }
        Long needed = needed(errors == null ? Kind.ERRORS : Kind.LATENCY, evidence, criteria);
        boolean probe = !patient && criteria.littleTraffic() == LittleTraffic.PROBE;
        String sentence = Sentences.undecided(errors == null ? Kind.ERRORS : Kind.LATENCY, evidence, needed);
        return verdict(Outcome.NOT_ENOUGH_EVIDENCE, Basis.NONE, sentence, probe, needed, evidence, criteria);
    }

    /** The basis on which a kind of failure condemns; null if it does not. */
    private static @Nullable Basis condemns(Kind kind, Track track, Criteria criteria) {
        double beside = track.beside().logBold() + ROUNDING;
        // One gambler: he bets beside the old revision where it serves, and against its past where it does not. So the
        // product needs one share of alpha only.
        if (beside + Bets.OVER.log(track.alone().worse()) >= criteria.worseAt(kind)) {
            return beside >= criteria.worseAt(kind) ? Basis.COMPARISON : Basis.BEFORE_AFTER;
        }
        boolean over = Bets.OVER.log(track.absolute().worse()) >= criteria.overLimitAt();
        return over && kind.limit(criteria) != null ? Basis.ABSOLUTE : null;
    }

    /** The basis on which a kind of failure is known to be sound; null if it is not known. */
    private static @Nullable Basis acquits(Kind kind, Evidence evidence, Criteria criteria, boolean patient) {
        Track track = evidence.of(kind);
        Tally absolute = track.absolute();
        Double limit = kind.limit(criteria);
        if (limit != null && absolute.candidateBad() > limit * absolute.candidate()) {
            return null;
        }
        boolean holds = patient || criteria.littleTraffic() == LittleTraffic.HOLD;
        if (track.candidate() >= criteria.minimumRequests()) {
            if (track.beside().minutes() > 0 && besideSound(track) >= criteria.soundAt()) {
                return Basis.COMPARISON;
            }
            boolean mostlyAlone = track.alone().minutes() > track.beside().minutes();
            if (mostlyAlone && Bets.UNDER.log(track.alone().sound()) >= criteria.soundAt()) {
                return Basis.BEFORE_AFTER;
            }
            holds = holds && !mostlyAlone;
        }
        boolean within = absolute.candidate() >= criteria.minimumRequests()
                && Bets.UNDER.log(absolute.sound()) >= criteria.soundAt();
        return within && !holds ? Basis.ABSOLUTE : null;
    }

    /** Either says that a release beyond tolerance is not: so does the mean of the two. */
    static double besideSound(Track track) {
        double relative = Bets.SOUND.log(track.beside().sound());
        double harmless = Bets.UNDER.log(track.harmless());
        double most = Math.max(relative, harmless);
        return most + Math.log((Math.exp(relative - most) + Math.exp(harmless - most)) / 2);
    }

    private static @Nullable Long needed(Kind kind, Evidence evidence, Criteria criteria) {
        Tally beside = evidence.of(kind).beside();
        if (beside.candidate() == 0 || beside.baseline() == 0) {
            return null;
        }
        double share = (double) beside.candidate() / (beside.candidate() + beside.baseline());
        double rate = (double) beside.baselineBad() / beside.baseline();
        double all = Forecast.candidateRequests(kind, share, rate, criteria);
        return Double.isInfinite(all) ? null : Math.max(1, Math.round(all) - beside.candidate());
    }

    private static Verdict verdict(
            Outcome outcome,
            Basis basis,
            String sentence,
            boolean probe,
            @Nullable Long needed,
            Evidence evidence,
            Criteria criteria) {
        return new Verdict(
                outcome,
                basis,
                sentence,
                probe,
                needed,
                figures(evidence.errors(), criteria),
                figures(evidence.latency(), criteria));
    }

    private static Figures figures(Track track, Criteria criteria) {
        Tally beside = track.beside();
        return new Figures(
                track.minutes(),
                beside.minutes(),
                track.candidate(),
                track.candidateBad(),
                beside.baseline(),
                beside.baselineBad(),
                value(beside.logWorse(criteria)),
                value(besideSound(track)));
    }

    /** JSON knows no infinity. */
    private static double value(double log) {
        return Math.exp(Math.min(log, LARGEST_LOG));
    }
}
