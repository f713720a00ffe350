package dev.slipway.verdict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Incidents of the whole site before a rollout: stretches of minutes in which far more fails than usual. They are not how the old revision is
 * by itself, so neither its rate nor how much that varies is learned from them, nor from the minute on either side, in which an incident
 * begins or ends.
 *
 * <p>By the figures of one revision an incident looks like an episode of one of its tasks, or like a bunch of failures of one client. What
 * comes again and again has to be learned from, so only what is large or long counts, and twice at most. Where less than an hour is known each
 * minute tells much: there only the minutes of the longest go in which a large part fails, and those on either side if it is long.
 */
final class Incidents {
    /** Far more than usual: so many times the median, … */
    private static final double TIMES_MEDIAN = 5;
    /** … so large a part of the requests, … */
    private static final double LEAST_RATE = 0.01;
    /** … and more failures than these, as of few requests a few fail by chance. */
    private static final int FEW_FAILURES = 5;
    /** So large a part is an incident however short it is, … */
    private static final double LARGE_RATE = 0.05;
    /** … and less if it lasts for so many minutes: most episodes of a task are shorter, or come more than once. */
    private static final int LONG_MINUTES = 4;
    /** Beside a longer one it lasts for so many. */
    private static final int SECOND_MINUTES = 3;
    /** One minute as usual between them does not part two. */
    private static final int JOINED = 2;
    /** What comes more often is how the service is. */
    private static final int MOST = 2;

    private Incidents() {}

    /** The minutes at {@link #calm}. */
    static List<Sample> without(Signal signal, List<Sample> minutes, boolean known) {
        return calm(signal, minutes, known).mapToObj(minutes::get).toList();
    }

    /**
     * The indices of those minutes with requests that lie in no incident, in their order: half of those with requests at the least.
     *
     * @param known whether about an hour of the old revision's own is known
     */
    static IntStream calm(Signal signal, List<Sample> minutes, boolean known) {
        int[] served = IntStream.range(0, minutes.size())
                .filter(at -> signal.total(minutes.get(at)) > 0)
                .toArray();
        List<Sample> those = IntStream.of(served).mapToObj(minutes::get).toList();
        List<Stretch> incidents = incidents(stretches(signal, those, known), served.length);
        BitSet out = known ? minutesOf(incidents, 1) : minutesOfLongest(incidents);
        int calm = served.length - out.get(0, served.length).cardinality();
        boolean usual = incidents.size() > MOST || 2 * calm < served.length;
        return IntStream.range(0, served.length)
                .filter(at -> usual || !out.get(at))
                .map(at -> served[at]);
    }

    private static BitSet minutesOfLongest(List<Stretch> incidents) {
        List<Stretch> longest = incidents.subList(0, Math.min(1, incidents.size()));
        return minutesOf(longest, longest.stream().anyMatch(one -> one.minutes() >= LONG_MINUTES) ? 1 : 0);
    }

    private static BitSet minutesOf(List<Stretch> incidents, int sides) {
        BitSet out = new BitSet();
        incidents.forEach(incident -> out.set(Math.max(0, incident.first() - sides), incident.last() + 1 + sides));
        return out;
    }

    /**
     * The longest, of those that are as long the first, and then others that are no episode. One that is not large has to be the only stretch,
     * and so many other minutes have to say so.
     */
    private static List<Stretch> incidents(List<Stretch> stretches, int served) {
        List<Stretch> longestFirst = stretches.stream()
                .filter(stretch -> stretch.large()
                        || stretch.minutes() >= LONG_MINUTES
                                && stretches.size() == 1
                                && served - stretch.minutes() >= Variation.ENOUGH_MINUTES)
                .sorted(Comparator.comparingInt(Stretch::minutes).reversed())
                .toList();
        return longestFirst.stream()
                .filter(stretch -> stretch.equals(longestFirst.getFirst()) || stretch.minutes() >= SECOND_MINUTES)
                .toList();
    }

    private static List<Stretch> stretches(Signal signal, List<Sample> served, boolean known) {
        double[] rates = served.stream()
                .mapToDouble(minute -> (double) signal.failures(minute) / signal.total(minute))
                .toArray();
        double[] sorted = rates.clone();
        Arrays.sort(sorted);
        double unusual = sorted.length == 0 ? 0 : TIMES_MEDIAN * sorted[sorted.length / 2];
        List<Stretch> stretches = new ArrayList<>();
        for (int at = 0; at < rates.length; at++) {
            boolean large = rates[at] > Math.max(unusual, LARGE_RATE);
            boolean over = known
                    && rates[at] > Math.max(unusual, LEAST_RATE)
                    && signal.failures(served.get(at)) > FEW_FAILURES;
            if (large || over) {
                Stretch next = new Stretch(at, at, 1, large);
                boolean joined = !stretches.isEmpty() && stretches.getLast().last() >= at - JOINED;
                stretches.add(joined ? stretches.removeLast().plus(next) : next);
            }
        }
        return stretches;
    }

    /**
     * @param minutes in which far more failed than usual
     * @param large whether in one of them a large part failed
     */
    private record Stretch(int first, int last, int minutes, boolean large) {
        Stretch plus(Stretch next) {
            return new Stretch(first, next.last, minutes + next.minutes, large || next.large);
        }
    }
}
