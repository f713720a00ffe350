package dev.slipway.deployment;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of a minute's requests that no target has answered are failures. The load balancer has answered some of them with 502 or 504 in
 * the target's place, and CloudWatch counts those for the whole load balancer only. The others are answers that are late, connections
 * that were upgraded (101), or that clients have closed (460): no failures. So each group is known between bounds: not less than its
 * refused connections and what it has beyond its usual part of such requests, not more than its unanswered ones; and all groups
 * together have as many failures as the load balancer has answered. Pure.
 */
record UnansweredRequests(Failures live, Failures candidate, Failures others) {
    /** So many standard deviations from the usual number are chance. */
    private static final double CHANCE = 2;
    /** Where hardly any request is answered by a target, chance is all there is. */
    private static final double FEWEST_ANSWERED = 0.01;
    /** Sums are whole numbers, and the bounds are not. */
    private static final double ROUNDING = 0.5;
    /** Part of the requests that may be in doubt, or as many as are proven, before a minute tells nothing. */
    private static final double DOUBTFUL = 0.01;

    /**
     * What a group did in a minute.
     *
     * @param answered with any code by a target
     * @param refused connections to targets that were not established
     */
    record Counts(long requests, long answered, long refused) {
        Counts minus(Counts one, Counts another) {
            return new Counts(
                    Math.max(0, requests - one.requests - another.requests),
                    Math.max(0, answered - one.answered - another.answered),
                    Math.max(0, refused - one.refused - another.refused));
        }

        /** Below 0 where answers of requests of the minute before are among them. */
        long unanswered() {
            return requests - answered;
        }
    }

    /**
     * The failures among a group's unanswered requests.
     *
     * @param least how many it has at least
     * @param most how many at most
     * @param likely between both: what is not known is taken for equal parts of what both releases do
     * @param late whether figures may still come: more are without an answer than usual, and than the load balancer has answered
     * @param doubtful whether too little is known to tell
     */
    record Failures(double least, double most, long likely, boolean late, boolean doubtful) {}

    /**
     * The usual part of unanswered requests, and how much it varies.
     *
     * @param share of the requests, 0–1
     * @param variance of their number, for each request; that of chance at least
     */
    @RegisterForReflection
    public record Usual(double share, double variance) {
        /** Fewer minutes do not tell what is usual. */
        private static final int FEWEST_MINUTES = 5;
        /** The load balancer's errors must be so few, for each request, that it hardly matters whose they were. */
        private static final double CALM = 0.001;

        /**
         * From minutes in which the load balancer has had next to no errors, so that what was without an answer was no failure.
         *
         * @return null if too few are known
         */
        static @Nullable Usual of(List<Before> minutes) {
            List<Before> calm = minutes.stream()
                    .filter(minute -> minute.counts.requests > 0 && minute.errors <= CALM * minute.counts.requests)
                    .toList();
            if (calm.size() < FEWEST_MINUTES) {
                return null;
            }
            double requests =
                    calm.stream().mapToLong(minute -> minute.counts.requests).sum();
            double unanswered = calm.stream()
                    .mapToLong(minute -> minute.counts.unanswered())
                    .sum();
            double share = Math.max(0, unanswered / requests);
            double variance = calm.stream()
                    .mapToDouble(minute -> Math.pow(minute.counts.unanswered() - share * minute.counts.requests, 2)
                            / minute.counts.requests)
                    .average()
                    .orElseThrow();
            return new Usual(share, Math.max(share, variance));
        }
    }

    /** A group in a minute before, and the 502s and 504s of the whole load balancer. */
    record Before(Counts counts, long errors) {}

    /**
     * @param errors the 502s and 504s of the whole load balancer
     * @param all of its groups; null if unknown
     * @param ofService what is usual of the service, whichever release serves; null if unknown
     * @param ofOthers the same of all other services of the load balancer
     */
    static UnansweredRequests of(
            long errors,
            Counts live,
            Counts candidate,
            @Nullable Counts all,
            @Nullable Usual ofService,
            @Nullable Usual ofOthers) {
        Bounds first = Bounds.of(live, ofService);
        Bounds second = Bounds.of(candidate, ofService);
        Bounds rest = all == null ? Bounds.UNKNOWN : Bounds.of(all.minus(live, candidate), ofOthers);
        List<Bounds> every = List.of(first, second, rest);
        // A refused connection is a failure though the load balancer's count of it may be missing.
        double known =
                Math.max(errors, every.stream().mapToDouble(Bounds::refused).sum());
        boolean complete =
                all != null && every.stream().mapToDouble(Bounds::beyond).sum() <= known + ROUNDING;
        double most = every.stream().mapToDouble(Bounds::most).sum();
        // Errors that were requests of another minute: nothing follows from their number.
        boolean agrees = known <= most + CHANCE * Math.sqrt(known);
        double shared = Math.min(known, most);
        Bounds a = first.within(shared, complete, agrees, second, rest);
        Bounds b = second.within(shared, complete, agrees, first, rest);
        Bounds c = rest.within(shared, complete, agrees, first, second);

        double ofBoth = Math.max(a.least + b.least, agrees ? shared - c.most : 0);
        double requests = Math.max(1, live.requests + candidate.requests);
        double ofCandidate = Math.clamp(ofBoth * candidate.requests / requests, b.least, b.most);
        double ofLive = Math.clamp(ofBoth - ofCandidate, a.least, a.most);
        return new UnansweredRequests(
                failures(a, ofLive, live, complete),
                failures(b, ofCandidate, candidate, complete),
                failures(c, c.least, all == null ? live : all, complete));
    }

    /**
     * How many of the new release's requests may have failed unseen in a minute whose answers do not come: a client that waits in vain may
     * give up before the load balancer does, and that (460) is no failure. So many have no answer beyond what is usual of the old release,
     * in that minute where it serves, and beyond chance. Answers that are counted a minute late are no such requests.
     *
     * @param next the minute after
     * @param usual of the service; null if unknown: where the old release does not serve either, only that none has an answer tells
     */
    static long silent(Both minute, Both next, @Nullable Usual usual) {
        if (minute.live.requests == 0 && usual == null) {
            return minute.candidate.answered == 0 ? minute.candidate.requests : 0;
        }
        double silent = minute.beyond(usual) + Math.min(0, next.beyond(usual)) - CHANCE * minute.deviation(usual);
        return Math.clamp(Math.round(silent), 0, Math.max(0, minute.candidate.unanswered()));
    }

    /** Both releases in a minute. */
    record Both(Counts live, Counts candidate) {
        /** Requests of the new release without an answer beyond the share that is usual of the old one. */
        private double beyond(@Nullable Usual usual) {
            double known = usual == null ? 0 : usual.share;
            double share = live.requests == 0 ? known : Math.max(known, (double) live.unanswered() / live.requests);
            return candidate.unanswered() - share * candidate.requests;
        }

        /** Of equal releases. */
        private double deviation(@Nullable Usual usual) {
            double unanswered = Math.max(0, live.unanswered()) + Math.max(0, candidate.unanswered());
            double pooled = unanswered / Math.max(1, live.requests + candidate.requests);
            double variance = Math.max(pooled, usual == null ? 0 : usual.variance);
            double n = candidate.requests;
            return Math.sqrt(variance * n * (live.requests == 0 ? 1 : 1 + n / live.requests));
        }
    }

    private static Failures failures(Bounds bounds, double likely, Counts counts, boolean complete) {
        return new Failures(
                bounds.least,
                bounds.most,
                Math.round(likely),
                !complete && bounds.beyond > bounds.least + ROUNDING,
                bounds.most - bounds.least > Math.max(bounds.least, DOUBTFUL * counts.requests));
    }

    /**
     * Between what the failures of a group are.
     *
     * @param beyond unanswered requests beyond the usual part of them
     */
    private record Bounds(double refused, double beyond, double least, double most) {
        static final Bounds UNKNOWN = new Bounds(0, 0, 0, Double.MAX_VALUE);

        static Bounds of(Counts counts, @Nullable Usual usual) {
            double unanswered = Math.max(0, counts.unanswered());
            if (usual == null) {
                double refused = Math.min(counts.refused, unanswered);
                return new Bounds(refused, unanswered, refused, unanswered);
            }
            // Of those that did not fail the usual part has no answer.
            double answering = Math.max(FEWEST_ANSWERED, 1 - usual.share);
            double unusual = (counts.unanswered() - usual.share * counts.requests) / answering;
            double chance = CHANCE * Math.sqrt(usual.variance * counts.requests) / answering;
            double refused = Math.clamp(unusual, 0, Math.min(counts.refused, unanswered));
            double beyond = Math.clamp(unusual - chance, refused, unanswered);
            return new Bounds(refused, beyond, beyond, Math.clamp(unusual + chance, beyond, unanswered));
        }

        /** With what the errors of the whole and the other groups say of it. */
        Bounds within(double errors, boolean complete, boolean agrees, Bounds one, Bounds another) {
            double atLeast = agrees ? errors - one.most - another.most : 0;
            double atMost = errors - one.sure(complete) - another.sure(complete);
            double from = Math.clamp(atLeast, sure(complete), most);
            return new Bounds(refused, beyond, from, agrees ? Math.clamp(atMost, from, most) : most);
        }

        /** Nothing is inferred by subtraction in a minute that is not complete. */
        private double sure(boolean complete) {
            return complete ? least : refused;
        }
    }
}
