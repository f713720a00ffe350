package dev.slipway.rollout;

import dev.slipway.deployment.TargetGroupMetrics.GroupMinute;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.SequentialAnalysis.Minute;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a minute's figures are good for: whether it is judged, and with how many failures where these are in doubt. Plain values
 * in, a decision out.
 */
final class MinutePolicy {
    private MinutePolicy() {}

    /**
     * What is known of a minute.
     *
     * @param percent of the production traffic that the new release had
     * @param live null where the old release did not serve beside the new one
     * @param probes requests on the new release that we sent ourselves
     * @param neighbours what the other services of the load balancer did; null if unknown
     * @param settled whether it is so old that no figures are waited for any more
     * @param shifting whether the share moves within it, or new tasks are cold
     */
    record Figures(
            Instant start,
            double percent,
            GroupMinute candidate,
            @Nullable GroupMinute live,
            Sample probes,
            @Nullable Sample neighbours,
            boolean settled,
            boolean shifting) {
        /** The old release at its worst; null without figures. */
        @Nullable
        Sample baseline() {
            return live == null ? null : live.atWorst();
        }

        /** Users' requests on the new release; null without figures. */
        @Nullable
        Sample users() {
            return candidate.likely() == null ? null : candidate.likely().minus(probes);
        }

        private Minute of(Sample onCandidate, @Nullable Sample onLive) {
            return new Minute(start, onCandidate.minus(probes), onLive, percent / 100, neighbours);
        }
    }

    /** What to do with it. */
    sealed interface Decision {
        /** Its figures may still come, and minutes are weighed in their order. */
        record Wait() implements Decision {}

        /**
         * It is weighed.
         *
         * @param likely by what may show that the new release is worse
         * @param worst by what has to show that it is sound
         * @param varying whether it tells how much the old release varies
         */
        record Judged(Minute likely, Minute worst, boolean varying) implements Decision {}

        /** It is not known how many failed on the new release: it may speak against its being sound alone. */
        record Doubtful(Minute worst) implements Decision {}

        /** It tells nothing. */
        record LeftOut() implements Decision {}
    }

    /**
     * Where the old release serves, its figures are the measure: without them a minute is none. Where it is in doubt how many failed on
     * it, it is taken at its worst and the new one at its best: what is left is the new one's.
     */
    static Decision decide(Figures minute) {
        GroupMinute candidate = minute.candidate;
        GroupMinute live = minute.live;
        boolean late = candidate.late() || live != null && live.late();
        if (late && !minute.settled) {
            return new Decision.Wait();
        }
        if (candidate.most() == null || minute.shifting || live != null && live.likely() == null) {
            return new Decision.LeftOut();
        }
        Minute worst = minute.of(candidate.most(), live == null ? null : live.least());
        boolean known = live == null || live.known() != null;
        Sample surely = known ? candidate.likely() : candidate.least();
        return surely == null || candidate.known() == null
                ? new Decision.Doubtful(worst)
                : new Decision.Judged(minute.of(surely, minute.baseline()), worst, known);
    }
}
