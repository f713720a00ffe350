package dev.slipway.verdict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Incidents of the whole site before a rollout: stretches of minutes in which far more fails than usual. They are not how the old revision is
 * by itself, so neither its rate nor how much that varies is learned from them, nor from the minute on either side, in which an incident
 * begins or ends.
 *
 * <p>By the figures of one revision an incident looks like an episode of one of its tasks, or like a bunch of failures of one client. What
 * comes again and again has to be learned from, so only what is large or long counts, and twice at most.
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
    /** What comes more often is how the service is. */
    private static final int MOST = 2;

    private Incidents() {}

    /** Those of the minutes with requests that lie in no incident, in their order: half of them at the least. */
    static List<Sample> without(Signal signal, List<Sample> minutes) {
        List<Sample> served =
                minutes.stream().filter(minute -> signal.total(minute) > 0).toList();
        List<Stretch> incidents = incidents(stretches(signal, served), served.size());
        int length = incidents.stream().mapToInt(Stretch::length).sum();
        if (incidents.size() > MOST || 2 * length > served.size()) {
            return served;
        }
        List<Sample> calm = new ArrayList<>(served);
        for (Stretch incident : incidents.reversed()) {
            calm.subList(incident.from(), incident.to()).clear();
        }
        return calm;
    }

    /**
     * The longest, of those that are as long the first, and others that are no episode. One that is not large has to be the only stretch, and so
     * many other minutes have to say so.
     */
    private static List<Stretch> incidents(List<Stretch> stretches, int served) {
        List<Stretch> candidates = stretches.stream()
                .filter(stretch -> stretch.large()
                        || stretch.minutes() >= LONG_MINUTES
                                && stretches.size() == 1
                                && served - stretch.length() >= Variation.ENOUGH_MINUTES)
                .toList();
        Optional<Stretch> longest = candidates.stream().max(Comparator.comparingInt(Stretch::minutes));
        return candidates.stream()
                .filter(stretch -> stretch.equals(longest.get()) || stretch.minutes() >= SECOND_MINUTES)
                .toList();
    }

    private static List<Stretch> stretches(Signal signal, List<Sample> served) {
        double[] rates = served.stream()
                .mapToDouble(minute -> (double) signal.failures(minute) / signal.total(minute))
                .toArray();
        double[] sorted = rates.clone();
        Arrays.sort(sorted);
        double unusual = sorted.length == 0 ? 0 : TIMES_MEDIAN * sorted[sorted.length / 2];
        List<Stretch> stretches = new ArrayList<>();
        for (int at = 0; at < rates.length; at++) {
            boolean large = rates[at] > Math.max(unusual, LARGE_RATE);
            boolean over = rates[at] > Math.max(unusual, LEAST_RATE) && signal.failures(served.get(at)) > FEW_FAILURES;
            if (large || over) {
                Stretch next = new Stretch(Math.max(0, at - 1), Math.min(rates.length, at + 2), 1, large);
                boolean joined = !stretches.isEmpty() && stretches.getLast().to() > next.from();
                stretches.add(joined ? stretches.removeLast().plus(next) : next);
            }
        }
        return stretches;
    }

    /**
     * @param from the first minute, that before the incident
     * @param to after the last one
     * @param minutes in which far more failed than usual
     * @param large whether in one of them a large part failed
     */
    private record Stretch(int from, int to, int minutes, boolean large) {
        Stretch plus(Stretch next) {
            return new Stretch(from, next.to, minutes + next.minutes, large || next.large);
        }

        int length() {
            return to - from;
        }
    }
}
