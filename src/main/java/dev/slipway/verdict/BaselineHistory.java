package dev.slipway.verdict;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What served in the last hour, minute by minute, until a whole hour is the old revision's own. Three things tell how much it varies:
 *
 * <ul>
 *   <li>Its own minutes before the rollout.
 *   <li>As long as these are few, those of whatever served the service before: what another release did says at the least how its
 *       traffic and what is behind it behave. The larger of both variations counts. By what a much worse release differs from the next
 *       neither of them varies ({@link Variation#of(Signal, List, int, boolean)}). What fails together in a minute is part of its traffic:
 *       if that is a tenth of what it was, so is the bunch.
 *   <li>Its own minutes beside the new revision. Each is learned from once it has been weighed, so that what a minute is discounted by
 *       comes from earlier minutes alone. A factor raised to a power under 1 that is known beforehand is an e-value still, and odds
 *       beyond a drift that is known beforehand are fair under equal odds: the bound for independent requests stays exact. What the old
 *       revision does in a minute is in that minute's comparison already, but how much it varies from minute to minute is in none.
 * </ul>
 *
 * @param minutes oldest first; empty once an hour is the old revision's own
 * @param own how many of them, the newest, are its own
 */
@RegisterForReflection
public record BaselineHistory(List<Sample> minutes, int own) {
    private static final int HOUR = 60;
    private static final int ABOUT_AN_HOUR = 55;
    /** Of fewer minutes it is not known how much traffic it has: the first ones have a part of it. */
    private static final int FEWEST_OF_TRAFFIC = 5;
    /** An hour of its own; no more is learned. */
    static final BaselineHistory COMPLETE = new BaselineHistory(List.of(), HOUR);

    public BaselineHistory {
        minutes = List.copyOf(minutes);
    }

    /** Whether about an hour is its own: CloudWatch may lack a few minutes. */
    boolean isComplete() {
        return own >= ABOUT_AN_HOUR;
    }

    /** With one more minute of the old revision's own. */
    BaselineHistory next(Sample minute) {
        List<Sample> next = new ArrayList<>(minutes);
        next.add(minute);
        return new BaselineHistory(next.subList(Math.max(0, next.size() - HOUR), next.size()), own + 1);
    }

    List<Sample> ownMinutes() {
        return minutes.subList(minutes.size() - own, minutes.size());
    }

    /**
     * What its own minutes come to by themselves: requests and failures of those without an incident of errors, and answers with times of
     * those without one of slow answers. Null where there are none.
     */
    @Nullable
    Sample usual() {
        if (own == 0) {
            return null;
        }
        Sample answered = sum(usual(Signal.ERRORS, ownMinutes()));
        Sample timed = sum(usual(Signal.TAIL, usual(Signal.LATENCY, ownMinutes())));
        return new Sample(answered.requests(), answered.failures(), timed.timed(), timed.slow(), timed.verySlow());
    }

    private List<Sample> usual(Signal signal, List<Sample> from) {
        return Incidents.without(signal, from, isComplete());
    }

    private static Sample sum(List<Sample> minutes) {
        return minutes.stream().reduce(Sample.NONE, Sample::plus);
    }

    /**
     * How much the old revision varies by itself, as far as these minutes tell.
     *
     * @param known whether about an hour of its own was known before the rollout
     */
    Variation variation(Signal signal, boolean known) {
        Variation itself = Variation.of(signal, ownMinutes(), known);
        return itself.assumed()
                ? itself.or(Variation.of(signal, minutes, minutes.size() - own, false)
                        .atTraffic(ownTraffic(signal)))
                : itself;
    }

    /** Its own requests a minute as part of those of all minutes, 0–1; 1 where it has had too few minutes to tell. */
    private double ownTraffic(Signal signal) {
        double own = requestsPerMinute(signal, ownMinutes());
        double all = requestsPerMinute(signal, minutes);
        return this.own < FEWEST_OF_TRAFFIC || own == 0 ? 1 : Math.min(1, own / all);
    }

    /** How many requests the minute of an average request has. */
    private static double requestsPerMinute(Signal signal, List<Sample> from) {
        double squares = from.stream()
                .mapToDouble(minute -> Math.pow(signal.total(minute), 2))
                .sum();
        double all = from.stream().mapToLong(signal::total).sum();
        return all == 0 ? 0 : squares / all;
    }
}
