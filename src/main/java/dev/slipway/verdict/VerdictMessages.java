package dev.slipway.verdict;

import dev.slipway.verdict.Verdict.Basis;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Verdicts in words. */
public final class VerdictMessages {
    private static final double LARGEST = 1e4;

    private VerdictMessages() {}

    static String unhealthy(Signal signal, Basis basis, Evidence evidence, Criteria criteria) {
        SignalEvidence track = evidence.of(signal);
        Tally beside = track.concurrent();
        Tally alone = track.historical();
        return switch (basis) {
            case COMPARISON ->
                "%s on the new release, %s on the old one in the same %s; %s."
                        .formatted(
                                rate(signal, beside.candidateFailures(), beside.candidateRequests()),
                                share(beside.baselineFailures(), beside.baselineRequests()),
                                minutes(beside.minutes()),
                                rarity(beside.logWorse(), "so large a difference comes", evidence.variation(signal)));
            case BEFORE_AFTER ->
                "%s on the new release in %s with no other beside it, %s on the old one before; %s, if nothing else changed."
                        .formatted(
                                rate(signal, alone.candidateFailures(), alone.candidateRequests()),
                                minutes(alone.minutes()),
                                before(signal, evidence),
                                rarity(
                                        beside.logWorse() + Alternatives.ABOVE_LIMIT.logValue(alone.worse()),
                                        "so large a difference comes",
                                        evidence.variation(signal)));
            case ABSOLUTE, NONE ->
                "%s on the new release in %s, and the limit is %s; %s."
                        .formatted(
                                rate(
                                        signal,
                                        track.absolute().candidateFailures(),
                                        track.absolute().candidateRequests()),
                                minutes(track.absolute().minutes()),
                                limit(signal, evidence, criteria),
                                rarity(
                                        Alternatives.ABOVE_LIMIT.logValue(
                                                track.absolute().worse()),
                                        signal == Signal.ERRORS ? "so many fail" : "so many come",
                                        evidence.variation(signal)));
        };
    }

    static String fewer(Arrivals arrivals) {
        return "%s: requests get lost before it; %s if its share varies as it has so far."
                .formatted(came(arrivals), rarity(arrivals.logFewer(), "so few come"));
    }

    static String tooFewArrive(Arrivals arrivals) {
        return came(arrivals) + ": too few to call it sound, and too few minutes to say that they get lost.";
    }

    private static String came(Arrivals arrivals) {
        return "By its weight of %s the new release was to get about %s of %s requests in %s, and it got %s"
                .formatted(
                        percent(arrivals.weight()),
                        count(Math.round(arrivals.expected())),
                        count(arrivals.all()),
                        minutes(arrivals.minutes()),
                        count(arrivals.candidate()));
    }

    static String healthy(Basis basis, Evidence evidence, Criteria criteria) {
        SignalEvidence track = evidence.errors();
        String seen = rate(
                Signal.ERRORS,
                track.absolute().candidateFailures(),
                track.absolute().candidateRequests());
        return switch (basis) {
            case COMPARISON ->
                "%s on the new release, %s on the old one in the same %s%s: not more than %s times as many, or harmlessly few%s."
                        .formatted(
                                rate(
                                        Signal.ERRORS,
                                        track.concurrent().candidateFailures(),
                                        track.concurrent().candidateRequests()),
                                share(
                                        track.concurrent().baselineFailures(),
                                        track.concurrent().baselineRequests()),
                                minutes(track.concurrent().minutes()),
                                alone(Signal.ERRORS, evidence),
                                number(criteria.tolerance()),
                                slow(evidence));
            case BEFORE_AFTER ->
                "%s on the new release in %s, %s on the old one before; nothing served beside it, so this is weaker than a comparison%s."
                        .formatted(seen, minutes(track.minutes()), before(Signal.ERRORS, evidence), slow(evidence));
            case ABSOLUTE, NONE ->
                "%s on the new release in %s, within the limits; %s, so this is weaker than a comparison%s."
                        .formatted(
                                seen,
                                minutes(track.absolute().minutes()),
                                track.concurrent().minutes() == 0
                                        ? "it was not compared with the old one"
                                        : "too few came beside the old one to compare both",
                                slow(evidence));
        };
    }

    /** @param needed how many more requests usually show that it is sound; 0 if it has had as many, null if it cannot be told */
    static String undecided(Signal signal, Evidence evidence, @Nullable Long needed, Criteria criteria) {
        SignalEvidence track = evidence.of(signal);
        Tally beside = track.concurrent();
        Tally alone = track.historical();
        Tally all = track.absolute();
        if (track.minutes() == 0 && all.candidateRequests() == 0) {
            return signal == Signal.LATENCY
                    ? "Slow answers on the new release are not judged yet: it is new, and gets warm."
                    : evidence.unanswered() > 0
                            ? "%s on the new release %s no answer that CloudWatch counts: nothing can be said of it."
                                    .formatted(
                                            requests(evidence.unanswered()),
                                            evidence.unanswered() == 1 ? "has" : "have")
                            : "No requests on the new release yet, after warm-up: nothing can be said of it.";
        }
        boolean compared = beside.minutes() > 0 && (needed != null || alone.minutes() > 0);
        // Probes are in the one only, minutes in which the old release is over the limit in the other.
        Tally most = all.candidateRequests() >= track.candidateRequests() ? all : null;
        String seen = compared
                ? "%s, %s on the old one%s"
                        .formatted(
                                seen(signal, beside.candidateFailures(), beside.candidateRequests(), beside.minutes()),
                                share(beside.baselineFailures(), beside.baselineRequests()),
                                alone(signal, evidence))
                : most == null
                        ? seen(signal, track.candidateFailures(), track.candidateRequests(), track.minutes())
                        : seen(signal, most.candidateFailures(), most.candidateRequests(), most.minutes());
        String rest = unanswered(signal, evidence) + overLimit(track);
        Double limit = EvidenceUpdate.of(signal, criteria, evidence).limit(evidence);
        if (limit != null && all.candidateFailures() > limit * all.candidateRequests()) {
            boolean told = compared
                    ? alone.minutes() == 0 && all.candidateRequests() == beside.candidateRequests()
                    : most != null;
            String over = told
                    ? ", and the limit is " + limit(signal, evidence, criteria)
                    : ". The limit is %s, and %s of the %s requests that it counts for %s"
                            .formatted(
                                    limit(signal, evidence, criteria),
                                    percent(ratio(all.candidateFailures(), all.candidateRequests())),
                                    count(all.candidateRequests()),
                                    signal.verb);
            return "%s%s: so many may still be chance %s.%s"
                    .formatted(seen, over, model(evidence.variation(signal)), rest);
        }
        return needed == null || beside.minutes() == 0
                ? "%s, too few to say whether it is sound.%s".formatted(seen, rest)
                : "%s: too few to tell them apart; if it is no worse, %s.%s"
                        .formatted(seen, more(needed, perMinute(track, evidence, criteria)), rest);
    }

    /** What the new release has done with no other beside it, after what was compared; nothing where it has not. */
    private static String alone(Signal signal, Evidence evidence) {
        Tally alone = evidence.of(signal).historical();
        return alone.minutes() == 0
                ? ""
                : ", and %s in %s with no other beside it%s"
                        .formatted(
                                share(alone.candidateFailures(), alone.candidateRequests()),
                                minutes(alone.minutes()),
                                evidence.before() == null
                                        ? ""
                                        : ", %s on the old one before".formatted(before(signal, evidence)));
    }

    /** @param perMinute at the present step; 0 if it cannot be told */
    private static String more(long needed, long perMinute) {
        if (needed == 0) {
            return "they usually would have been enough";
        }
        return "about %s%s usually %s it"
                .formatted(
                        needed == 1 ? "1 more request" : count(needed) + " more requests",
                        perMinute == 0
                                ? ""
                                : " (%s at this traffic)".formatted(minutes((int)
                                        Math.min(1_000_000, (needed + perMinute - 1) / perMinute))),
                        needed == 1 ? "shows" : "show");
    }

    /** Requests a minute with the present share of the traffic; 0 before there was a minute with it. */
    private static long perMinute(SignalEvidence track, Evidence evidence, Criteria criteria) {
        Instant step = evidence.stepSince();
        if (step == null) {
            return Math.max(1, track.candidateRequests() / track.minutes());
        }
        Instant last = evidence.last();
        long had = evidence.errors().candidateRequests() - evidence.stepRequests();
        long minutes = last == null
                ? 0
                : Duration.between(step.plus(criteria.warmUp()), last).toMinutes() + 1;
        return had <= 0 || minutes <= 0 ? 0 : Math.max(1, had / minutes);
    }

    private static String seen(Signal signal, long bad, long all, int minutes) {
        return "%s on the new release in %s".formatted(rate(signal, bad, all), minutes(minutes));
    }

    private static String unanswered(Signal signal, Evidence evidence) {
        return signal == Signal.ERRORS ? unanswered(evidence) : "";
    }

    /** Of requests that clients may have given up, or targets never answered, with a space before; nothing where there are none. */
    public static String unanswered(Evidence evidence) {
        return evidence.unanswered() > 0
                ? " %s on it may have failed besides, without an answer that CloudWatch counts."
                        .formatted(requests(evidence.unanswered()))
                : "";
    }

    /** Of minutes in which the limit says nothing of the new release, as the old one does not keep it; nothing where there are none. */
    private static String overLimit(SignalEvidence track) {
        int minutes = track.minutes() - track.absolute().minutes();
        return minutes > 0
                ? " The limit does not count in %s in which the old one was over it itself.".formatted(minutes(minutes))
                : "";
    }

    private static String slow(Evidence evidence) {
        Tally all = evidence.latency().absolute();
        return all.candidateRequests() == 0
                ? ""
                : "; " + percent((double) all.candidateFailures() / all.candidateRequests()) + " were slow";
    }

    private static String before(Signal signal, Evidence evidence) {
        Sample before = evidence.before();
        return before == null ? "unknown" : share(signal.failures(before), signal.total(before));
    }

    /** "5 %", and where the old one does not keep it what counts instead. */
    private static String limit(Signal signal, Evidence evidence, Criteria criteria) {
        Double limit = signal.limit(criteria);
        Double surely = EvidenceUpdate.of(signal, criteria, evidence).limit(evidence);
        if (limit == null || surely == null) {
            return "unknown";
        }
        return surely > limit
                ? "%s (the old one is over it itself, with %s at most)".formatted(percent(limit), percent(surely))
                : percent(limit);
    }

    /** "2.1 % of 1,240 requests failed" */
    private static String rate(Signal signal, long bad, long all) {
        return "%s of %s requests %s".formatted(percent(ratio(bad, all)), count(all), signal.verb);
    }

    /** "0.1 % of 11,100" */
    private static String share(long bad, long all) {
        return percent(ratio(bad, all)) + " of " + count(all);
    }

    private static double ratio(long bad, long all) {
        return all == 0 ? 0 : (double) bad / all;
    }

    /**
     * An e-value is reached by chance less than once in that many times, however often one looks, if minutes vary as is taken for granted:
     * that is the model, and the sentence says so.
     */
    private static String rarity(double log, String what, Variation variation) {
        return "%s %s".formatted(rarity(log, what), model(variation));
    }

    /** What is taken for granted of how minutes vary. */
    private static String model(Variation variation) {
        return variation.assumed()
                ? "if each of its minutes tells as much as %d independent requests: how the old one's minutes vary is not known yet"
                        .formatted(Variation.ASSUMED_REQUESTS)
                : "where minutes vary as the old one's do";
    }

    private static String rarity(double log, String what) {
        double times = Math.min(LARGEST, Math.exp(Math.min(log, 50)));
        double unit = Math.pow(10, Math.max(0, Math.floor(Math.log10(Math.max(1, times)) + 1e-9) - 1));
        return "%s by chance less than once in %s times"
                .formatted(what, count((long) (Math.floor(times / unit) * unit)));
    }

    private static String requests(long count) {
        return count == 1 ? "1 request" : count(count) + " requests";
    }

    private static String minutes(int count) {
        return count == 1 ? "1 minute" : count(count) + " minutes";
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String percent(double rate) {
        double percent = rate * 100;
        return number(percent >= 0.1 ? Math.round(percent * 10) / 10.0 : Math.round(percent * 1000) / 1000.0) + " %";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : String.valueOf(value);
    }
}
