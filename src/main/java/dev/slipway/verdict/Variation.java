package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much a revision varies by itself. Requests of one task, one client or one moment fail together, so that counts scatter
 * more than those of independent requests would, and rates drift that should be equal. Both are learned from the old revision's
 * minutes, as {@link BaselineHistory} has them. An incident of the whole site is not how it is by itself: the longest stretch far over
 * all else is left out.
 *
 * <p>Fewer than 45 minutes may lack what comes once in a quarter of an hour, so that nothing can be learned of how large it is. Then a
 * minute in which the new revision seems worse counts as 10 of its requests at most, whatever fails in it: with that a bunch in a part of
 * the tasks says little, and a total outage enough. It is a dispersion too, of the minute's requests over 10, and known before the minute:
 * the bound for independent requests stays exact. That a revision is sound is promised for independent requests only, so there what
 * was learned is enough.
 *
 * @param dispersion how many times the scatter from minute to minute is that of independent requests (McCullagh & Nelder 1989,
 *     Generalized Linear Models, on quasi-likelihood), 1 at least: evidence is divided by it
 * @param drift the odds ratio that two equal revisions may well have for ten minutes, 1 at least: only what is beyond it counts
 * @param assumed whether fewer than 45 minutes are known
 */
@RegisterForReflection
public record Variation(double dispersion, double drift, boolean assumed) {
    /** That of independent requests. */
    public static final Variation NONE = new Variation(1, 1, false);

    /** Minutes over which the scatter is looked at: what bunches, does so for one minute or a few. */
    private static final int[] SPANS = {1, 2, 5};
    /** So many minutes of independent requests are taken for seen beforehand. */
    private static final double PRIOR_MINUTES = 20;
    /** Standard deviations of chance that are taken off before scatter or drift is believed. */
    private static final double SCATTER_MARGIN = 1;

    private static final double DRIFT_MARGIN = 1.5;
    /** Minutes that drift is looked at over, and how many standard deviations of it are allowed for. */
    private static final int DRIFT_SPAN = 10;

    private static final double DRIFT_DEVIATIONS = 2;
    /** Of latency, which drifts by itself where failures do not: tasks are slow for minutes. */
    private static final double LATENCY_DRIFT_DEVIATIONS = 2.5;

    private static final double MAX_DRIFT = 4.5;
    /** Of fewer minutes nothing can be computed. */
    private static final int FEWEST_MINUTES = 15;
    /** With fewer it may well be that a bunch which comes once in a quarter of an hour is not among them. */
    public static final int ENOUGH_MINUTES = 45;
    /** So many independent requests a minute of the new revision is taken for, at most, where too little is known. */
    static final int ASSUMED_REQUESTS = 10;

    /** The same with a drift of {@code least} at the least. */
    Variation drifting(double least) {
        return new Variation(dispersion, Math.max(drift, least), assumed);
    }

    /**
     * The same where a minute has {@code part} (0–1) of the requests that it was learned from: of counts with an equal correlation within a
     * minute the scatter beyond chance grows with their number (that of the beta-binomial: Williams 1975, Biometrics 31,
     * 949–952).
     */
    Variation atTraffic(double part) {
        return new Variation(1 + (dispersion - 1) * part, drift, assumed);
    }

    /** The larger of both; assumed if neither is known. */
    Variation or(Variation other) {
        return new Variation(
                Math.max(dispersion, other.dispersion), Math.max(drift, other.drift), assumed && other.assumed);
    }

    /** That of a minute with so many requests of the new revision, for evidence that it is worse. */
    Variation againstWorse(long requests) {
        return assumed ? new Variation(Math.max(dispersion, (double) requests / ASSUMED_REQUESTS), drift, false) : this;
    }

    /**
     * What the minutes of one revision say, in their order.
     *
     * @param known whether about an hour of the old revision's own is known
     */
    static Variation of(Signal signal, List<Sample> minutes, boolean known) {
        return of(signal, minutes, 0, known);
    }

    /**
     * What minutes say of which the oldest are those of other revisions. Where these failed more often than drift explains, they are looked at
     * by themselves: by what a worse release differs from the next neither of them varies.
     *
     * @param others how many minutes are others'
     */
    static Variation of(Signal signal, List<Sample> minutes, int others, boolean known) {
        boolean few =
                minutes.stream().filter(minute -> signal.total(minute) > 0).count() < ENOUGH_MINUTES;
        int[] calm = Incidents.calm(signal, minutes, known).toArray();
        if (calm.length < FEWEST_MINUTES) {
            return new Variation(1, 1, few);
        }
        List<Stretch> all = IntStream.of(calm)
                .mapToObj(minutes::get)
                .map(minute -> new Stretch(signal.total(minute), signal.failures(minute)))
                .toList();
        int own = (int) IntStream.of(calm).filter(at -> at >= others).count();
        List<Stretch> theirs = all.subList(0, all.size() - own);
        List<Stretch> itsOwn = all.subList(all.size() - own, all.size());
        List<List<Stretch>> revisions =
                isWorse(Stretch.all(theirs), Stretch.all(itsOwn)) ? List.of(theirs, itsOwn) : List.of(all);
        double dispersion = 1;
        for (int span : SPANS) {
            dispersion = Math.max(dispersion, dispersion(stretches(revisions, span), PRIOR_MINUTES / span));
        }
        double deviations = signal == Signal.ERRORS ? DRIFT_DEVIATIONS : LATENCY_DRIFT_DEVIATIONS;
        return new Variation(dispersion, drift(stretches(revisions, DRIFT_SPAN), deviations), few);
    }

    /** One failure more of the other is taken for seen, so that a few by chance are not worse than none. */
    private static boolean isWorse(Stretch one, Stretch other) {
        return one.rate() > MAX_DRIFT * (other.failures() + 1) / other.requests();
    }

    /**
     * The mean of the squares of the differences of neighbours, each over what it would be by independent requests: what moves slowly, as
     * traffic and rates do over a day, is not in it, and few requests scatter no more than so few do. A revision without failures has that of
     * independent requests.
     */
    private static double dispersion(List<List<Stretch>> revisions, double prior) {
        double scatter = 0;
        double pairs = 0;
        for (List<Stretch> stretches : revisions) {
            double squares = 0;
            Stretch paired = Stretch.NONE;
            for (int at = 1; at < stretches.size(); at++) {
                Stretch one = stretches.get(at - 1);
                Stretch next = stretches.get(at);
                double difference = next.rate() - one.rate();
                squares += difference * difference / (1 / one.requests() + 1 / next.requests());
                paired = paired.plus(one).plus(next);
            }
            int neighbours = Math.max(0, stretches.size() - 1);
            scatter += paired.failures() == 0 ? neighbours : squares / paired.rate();
            pairs += neighbours;
        }
        return (scatter + prior) / (pairs + prior) / (1 + SCATTER_MARGIN * Math.sqrt(2 / (pairs + prior)));
    }

    /**
     * What the rates of a revision differ by, beyond chance, from ten minutes to ten minutes (by moments: DerSimonian & Laird 1986,
     * Meta-analysis in clinical trials); two revisions differ √2 times that.
     */
    private static double drift(List<List<Stretch>> revisions, double deviations) {
        double scatter = 0;
        double expected = 0;
        int free = 0;
        for (List<Stretch> stretches : revisions) {
            Stretch all = Stretch.all(stretches);
            int others = Math.max(0, stretches.size() - 1);
            free += others;
            if (others == 0 || all.failures() == 0) {
                scatter += others;
                continue;
            }
            double squares = 0;
            double unequal = 0;
            for (Stretch stretch : stretches) {
                double difference = stretch.rate() - all.rate();
                squares += stretch.requests() * difference * difference;
                unequal += stretch.requests() * stretch.requests();
            }
            scatter += squares / all.rate();
            expected += all.rate() * (all.requests() - unequal / all.requests());
        }
        if (expected == 0) {
            return 1;
        }
        double beyond = scatter / free / (1 + DRIFT_MARGIN * Math.sqrt(2.0 / free)) - 1;
        double relative = Math.max(0, beyond) * free / expected;
        return Math.min(MAX_DRIFT, Math.exp(deviations * Math.sqrt(2 * relative)));
    }

    private static List<List<Stretch>> stretches(List<List<Stretch>> revisions, int span) {
        return revisions.stream().map(minutes -> joined(minutes, span)).toList();
    }

    /** So many minutes each; what is left over at the end makes none. */
    private static List<Stretch> joined(List<Stretch> minutes, int span) {
        return IntStream.range(0, minutes.size() / span)
                .mapToObj(at -> Stretch.all(minutes.subList(at * span, (at + 1) * span)))
                .toList();
    }

    /** Minutes taken together. */
    private record Stretch(double requests, double failures) {
        static final Stretch NONE = new Stretch(0, 0);

        static Stretch all(List<Stretch> stretches) {
            return stretches.stream().reduce(NONE, Stretch::plus);
        }

        Stretch plus(Stretch other) {
            return new Stretch(requests + other.requests, failures + other.failures);
        }

        double rate() {
            return failures / requests;
        }
    }
}
