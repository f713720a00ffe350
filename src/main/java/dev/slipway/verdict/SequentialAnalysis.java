package dev.slipway.verdict;

import java.time.Instant;

/**
 * Weighs minutes. Pure: the same minutes in the same order give the same verdict. docs/verdict.md tells the method and
 * how it was measured.
 */
public final class SequentialAnalysis {
    private SequentialAnalysis() {}

    /** Each minute is used once: one that is not newer than the newest, or belongs to the warm-up, adds nothing. */
    public static Evidence update(Evidence evidence, Minute minute, Criteria criteria) {
        Instant last = evidence.last();
        if (last != null && !minute.start().isAfter(last)) {
            return evidence;
        }
        if (minute.start().isBefore(evidence.since().plus(criteria.warmUp()))) {
            return evidence.with(next -> next.last(minute.start()).warmingUp(evidence.warmingUp() + 1));
        }
        Sample before = evidence.before();
        return evidence.with(next -> next.last(minute.start())
                .errors(new EvidenceUpdate(Signal.ERRORS, criteria).minute(evidence.errors(), minute, before))
                .latency(new EvidenceUpdate(Signal.LATENCY, criteria).minute(evidence.latency(), minute, before)));
    }

    /** Requests of our own, sent at {@code at}: they count against the absolute limits only, and once. */
    public static Evidence updateWithProbes(Evidence evidence, Instant at, Sample probes, Criteria criteria) {
        Instant last = evidence.lastProbe();
        if (last != null && !at.isAfter(last)) {
            return evidence;
        }
        return evidence.with(next -> next.lastProbe(at)
                .errors(new EvidenceUpdate(Signal.ERRORS, criteria).probes(evidence.errors(), probes))
                .latency(new EvidenceUpdate(Signal.LATENCY, criteria).probes(evidence.latency(), probes)));
    }

    /**
     * What the evidence says now. The promises hold for the first UNHEALTHY or HEALTHY: act on that; a later look may find
     * the evidence weaker again.
     *
     * @param now for {@link Criteria#maxWait()}; it changes nothing else
     */
    public static Verdict verdict(Evidence evidence, Criteria criteria, Instant now) {
        return VerdictPolicy.decide(evidence, criteria, now);
    }
}
