package dev.slipway.verdict;

import dev.slipway.verdict.Verdict.Basis;
import dev.slipway.verdict.Verdict.Outcome;
import dev.slipway.verdict.Verdict.VerdictStatistics;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Weighs minutes. Pure: the same minutes in the same order give the same verdict. docs/verdict.md tells the method and
 * how it was measured.
 */
public final class SequentialAnalysis {
    private static final double LARGEST_LOG = 20;
    private static final double ROUNDING = 1e-9;
    /** What is known is carried to the next step but for a factor of 3, which each has to bring itself. */
    static final double STEP_PROOF = Math.log(3);
    /** Evidence that a release is worse, by which it is not rejected yet. */
    private static final double IN_DOUBT = Math.log(4);
    /** Users send too few where a comparison takes more minutes, at the traffic so far. */
    private static final double COMPARED_WITHIN = 60;
    /** After so long without metrics nobody knows any more that a release is sound. */
    private static final Duration STALE = Duration.ofMinutes(15);

    private SequentialAnalysis() {}

    /** Each minute is used once: one that is not newer than the newest, or belongs to the warm-up, adds nothing. */
    public static Evidence update(Evidence evidence, Minute minute, Criteria criteria) {
        return update(evidence, minute, Sample.NONE, criteria);
    }

    /** @param probes requests of our own in that minute: together with users' they count against the absolute limits, so that it is one minute */
    public static Evidence update(Evidence evidence, Minute minute, Sample probes, Criteria criteria) {
        if (isUsed(evidence, minute)) {
            return evidence;
        }
        if (isWarmingUp(evidence, minute, criteria)) {
            return notJudged(evidence, minute.start(), minute.candidate(), criteria)
                    .with(next -> next.last(minute.start()).warmingUp(evidence.warmingUp() + 1))
                    .learned(minute.baseline());
        }
        Evidence seen = notJudged(evidence, minute.start(), minute.candidate(), criteria);
        boolean warm = seen.warmUp().over();
        return seen.with(next -> next.last(minute.start())
                        .lastProbe(probes.requests() == 0 ? evidence.lastProbe() : minute.start())
                        .arrivals(evidence.arrivals().next(minute, criteria))
                        .errors(after(minute, probes, Signal.ERRORS, evidence, criteria))
                        .latency(warm ? after(minute, probes, Signal.LATENCY, evidence, criteria) : evidence.latency())
                        .tail(warm ? after(minute, probes, Signal.TAIL, evidence, criteria) : evidence.tail()))
                .learned(minute.baseline());
    }

    /**
     * A minute of which not all is known. That the new revision is worse has to be shown by what is likely; that it is sound, by the worst that
     * may have been.
     *
     * @param worst the same minute, with as many failures of the new revision and as few of the old one as may have been
     */
    public static Evidence update(Evidence evidence, Minute likely, Minute worst, Sample probes, Criteria criteria) {
        Evidence next = update(evidence, likely, probes, criteria);
        return likely.equals(worst) || isUsed(evidence, likely) || isWarmingUp(evidence, likely, criteria)
                ? next
                : next.withErrors(next.errors().soundAs(after(worst, probes, Signal.ERRORS, evidence, criteria)))
                        .withMoreUnanswered(worst.candidate().failures()
                                - likely.candidate().failures());
    }

    /**
     * A minute of which too little is known to speak against the new revision, and none the less is not left out where it speaks against
     * its being sound: a revision of which only the good minutes count would be.
     *
     * @param worst as in {@link #update(Evidence, Minute, Minute, Sample, Criteria)}; each minute once, in their order
     */
    public static Evidence doubtful(Evidence evidence, Minute worst, Criteria criteria) {
        Evidence seen = notJudged(evidence, worst.start(), worst.candidate(), criteria);
        return isWarmingUp(evidence, worst, criteria)
                ? seen
                : seen.withErrors(
                                evidence.errors().soundAs(after(worst, Sample.NONE, Signal.ERRORS, evidence, criteria)))
                        .withMoreUnanswered(worst.candidate().failures());
    }

    /**
     * A minute that is not judged, such as one around a shift: it tells nothing but whether the new revision gets warm.
     *
     * @param start not before {@link Evidence#since()}; each minute once, in their order
     */
    public static Evidence notJudged(Evidence evidence, Instant start, Sample candidate, Criteria criteria) {
        Duration age = Duration.between(evidence.since(), start);
        return evidence.withWarmUp(evidence.warmUp().next(candidate, age, criteria.latencyWarmUp()));
    }

    private static boolean isUsed(Evidence evidence, Minute minute) {
        Instant last = evidence.last();
        return last != null && !minute.start().isAfter(last);
    }

    private static boolean isWarmingUp(Evidence evidence, Minute minute, Criteria criteria) {
        return minute.start().isBefore(evidence.since().plus(criteria.warmUp()));
    }

    private static SignalEvidence after(
            Minute minute, Sample probes, Signal signal, Evidence evidence, Criteria criteria) {
        return EvidenceUpdate.of(signal, criteria, evidence).minute(evidence, minute, probes);
    }

    /** The new revision has got more of the traffic at {@code at}: that it is sound has to be shown there, too. Once for each shift. */
    public static Evidence shifted(Evidence evidence, Instant at, Criteria criteria) {
        Instant known = evidence.stepSince() == null ? evidence.since() : evidence.stepSince();
        if (!at.isAfter(known)) {
            return evidence;
        }
        double most = criteria.logNonInferiorityThreshold() - STEP_PROOF;
        return evidence.with(next -> next.stepSince(at)
                .stepRequests(evidence.errors().candidateRequests())
                .stepLimited(evidence.errors().absolute().candidateRequests())
                .errors(evidence.errors().soundAtMost(most))
                .latency(evidence.latency().soundAtMost(most)));
    }

    /**
     * All requests of our own in a minute of which users' are not judged: they count against the absolute limits only, and once. As
     * users' they say nothing of the limit in a minute in which the old revision does not keep it, and nothing of latency before the new
     * one is warm.
     *
     * @param probes what we sent ourselves, in place of what users did on the new revision
     */
    public static Evidence updateWithProbes(Evidence evidence, Minute probes, Criteria criteria) {
        Instant last = evidence.lastProbe();
        if (last != null && !probes.start().isAfter(last)) {
            return evidence;
        }
        Evidence seen = notJudged(evidence, probes.start(), Sample.NONE, criteria);
        Sample ours = probes.candidate();
        SignalEvidence latency =
                EvidenceUpdate.of(Signal.LATENCY, criteria, evidence).probes(evidence, probes, ours);
        return seen.with(next -> next.lastProbe(probes.start())
                .errors(EvidenceUpdate.of(Signal.ERRORS, criteria, evidence).probes(evidence, probes, ours))
                .latency(seen.warmUp().over() ? latency : evidence.latency()));
    }

    /**
     * What the evidence says now. The promises hold for the first UNHEALTHY or HEALTHY: act on that; a later look may find
     * the evidence weaker again.
     *
     * @param now for {@link Criteria#maxWait()}, and for how old the evidence is that it is sound
     */
    public static Verdict verdict(Evidence evidence, Criteria criteria, Instant now) {
        for (Signal kind : Signal.values()) {
            Basis rejected = rejectionBasis(kind, evidence.of(kind), criteria);
            if (rejected != null) {
                String sentence = VerdictMessages.unhealthy(kind, rejected, evidence, criteria);
                return verdict(Outcome.UNHEALTHY, rejected, sentence, false, null, evidence, criteria);
            }
        }
        if (evidence.arrivals().logFewer() >= criteria.logFewerThreshold()) {
            String sentence = VerdictMessages.fewer(evidence.arrivals());
            return verdict(Outcome.UNHEALTHY, Basis.COMPARISON, sentence, false, null, evidence, criteria);
        }
        boolean patient = now.isBefore(evidence.since().plus(criteria.maxWait()));
        Basis errors = acceptanceBasis(Signal.ERRORS, evidence, criteria, patient);
        Basis latency = isTimed(evidence) ? acceptanceBasis(Signal.LATENCY, evidence, criteria, patient) : errors;
        boolean stale = isStale(evidence, now);
        boolean arrive = evidence.arrivals().arrive();
        if (errors != null && latency != null && !stale && arrive) {
            Basis basis = errors.compareTo(latency) > 0 ? errors : latency;
            String sentence = VerdictMessages.healthy(basis, evidence, criteria);
            return verdict(Outcome.HEALTHY, basis, sentence, false, null, evidence, criteria);
        }
        Signal undecided = errors == null ? Signal.ERRORS : Signal.LATENCY;
        Long needed = needed(undecided, evidence, criteria);
        boolean probe = mayProbesStand(undecided, evidence, criteria, patient);
        String sentence = arrive
                ? VerdictMessages.undecided(undecided, evidence, needed, criteria)
                : VerdictMessages.tooFewArrive(evidence.arrivals());
        Long more = needed == null || needed == 0 ? null : needed;
        return verdict(Outcome.NOT_ENOUGH_EVIDENCE, Basis.NONE, sentence, probe, more, evidence, criteria);
    }

    /** Whether there are answers with times: then it is not healthy before these are known to be sound, not in the warm-up either. */
    private static boolean isTimed(Evidence evidence) {
        SignalEvidence latency = evidence.latency();
        return latency.minutes() > 0
                || latency.absolute().candidateRequests() > 0
                || evidence.warmUp().isTimed();
    }

    /** Whether it is so old that nobody knows any more whether the release is sound. */
    public static boolean isStale(Evidence evidence, Instant now) {
        return isStale(evidence.last(), now) && isStale(evidence.lastProbe(), now);
    }

    private static boolean isStale(@Nullable Instant last, Instant now) {
        return last == null || last.plus(STALE).isBefore(now);
    }

    /** The basis on which a kind of failure rejects; null if it does not. */
    private static @Nullable Basis rejectionBasis(Signal kind, SignalEvidence track, Criteria criteria) {
        double beside = track.concurrent().logCapped() + ROUNDING;
        // One e-process: minutes beside the old revision where it serves, and against its past where it does not. So
        // the product needs one share of alpha only.
        if (beside + Alternatives.ABOVE_LIMIT.logValue(track.historical().worse())
                >= criteria.logWorseThreshold(kind)) {
            return beside >= criteria.logWorseThreshold(kind) ? Basis.COMPARISON : Basis.BEFORE_AFTER;
        }
        boolean over = Alternatives.ABOVE_LIMIT.logValue(track.absolute().worse()) >= criteria.logLimitThreshold(kind);
        return over && kind.limit(criteria) != null ? Basis.ABSOLUTE : null;
    }

    /** The basis on which a kind of failure is known to be sound; null if it is not known. */
    private static @Nullable Basis acceptanceBasis(Signal kind, Evidence evidence, Criteria criteria, boolean patient) {
        SignalEvidence track = evidence.of(kind);
        Tally absolute = track.absolute();
        Double limit = EvidenceUpdate.of(kind, criteria, evidence).limit(evidence);
        if (limit != null && absolute.candidateFailures() > limit * absolute.candidateRequests()) {
            return null;
        }
        boolean limitsDo = mayProbesStand(kind, evidence, criteria, patient);
        if (track.candidateRequests() >= criteria.minimumRequests()
                && evidence.errors().candidateRequests() - evidence.stepRequests() >= criteria.minimumRequests()) {
            if (track.concurrent().minutes() > 0 && logNonInferior(track) >= criteria.logNonInferiorityThreshold()) {
                return Basis.COMPARISON;
            }
            boolean mostlyAlone =
                    track.historical().minutes() > track.concurrent().minutes();
            // Minutes beside the old revision, and those alone against its past: one e-process, as for "worse".
            if (track.historical().minutes() > 0
                    && Alternatives.NON_INFERIOR.logValue(track.concurrent().nonInferior())
                                    + Alternatives.BELOW_LIMIT.logValue(
                                            track.historical().nonInferior())
                            >= criteria.logNonInferiorityThreshold()) {
                return Basis.BEFORE_AFTER;
            }
            limitsDo = limitsDo || mostlyAlone;
        }
        boolean within = absolute.candidateRequests() >= criteria.minimumRequests()
                && evidence.errors().absolute().candidateRequests() - evidence.stepLimited()
                        >= criteria.minimumRequests()
                && Alternatives.BELOW_LIMIT.logValue(absolute.nonInferior()) >= criteria.logNonInferiorityThreshold();
        return within && limitsDo ? Basis.ABSOLUTE : null;
    }

    /**
     * Whether it is enough to keep the limits, of which requests of our own tell, too: only where users send too few to compare what they
     * meet, and what they have met does not speak against the new revision.
     */
    private static boolean mayProbesStand(Signal kind, Evidence evidence, Criteria criteria, boolean patient) {
        Tally beside = evidence.of(kind).concurrent();
        return criteria.probes()
                && !patient
                && beside.logWorse() < IN_DOUBT
                && (beside.minutes() == 0
                        || COMPARED_WITHIN * beside.candidateRequests() / beside.minutes()
                                < wanted(kind, evidence, criteria, true));
    }

    /**
     * Either says that a release beyond tolerance is not: so does the mean of the two. What seems to be worse is not called harmless: it
     * has to be shown that it is not.
     */
    static double logNonInferior(SignalEvidence track) {
        double relative = Alternatives.NON_INFERIOR.logValue(track.concurrent().nonInferior());
        double harmless = track.concurrent().logWorse() >= IN_DOUBT
                ? Double.NEGATIVE_INFINITY
                : Alternatives.BELOW_LIMIT.logValue(track.negligible());
        double most = Math.max(relative, harmless);
        return most + Math.log((Math.exp(relative - most) + Math.exp(harmless - most)) / 2);
    }

    /** How many more requests it usually takes at this step; 0 if it has had as many, null if it cannot be told. */
    private static @Nullable Long needed(Signal kind, Evidence evidence, Criteria criteria) {
        SignalEvidence track = evidence.of(kind);
        double all = wanted(kind, evidence, criteria, true);
        if (Double.isInfinite(all)) {
            return null;
        }
        long lacking = Math.round(all) - track.concurrent().candidateRequests();
        if (evidence.stepSince() == null) {
            return Math.max(0, lacking);
        }
        long had = evidence.errors().candidateRequests() - evidence.stepRequests();
        long atThisStep = Math.round(wanted(kind, evidence, criteria, false)) - had;
        // A step may begin without evidence from the one before, too: where nobody waits for it, or people let it pass.
        boolean shown = logNonInferior(track) >= criteria.logNonInferiorityThreshold() - 2 * STEP_PROOF;
        return Math.max(0, shown ? atThisStep : Math.max(atThisStep, lacking));
    }

    /**
     * How many requests of a release that is as good as the old one HEALTHY takes, about: the mean, which half of these releases exceed.
     * Infinite if it cannot be told.
     *
     * @param first or a later step, if the one before has shown it
     */
    private static double wanted(Signal kind, Evidence evidence, Criteria criteria, boolean first) {
        Tally beside = evidence.of(kind).concurrent();
        if (beside.candidateRequests() == 0 || beside.baselineRequests() == 0) {
            return Double.POSITIVE_INFINITY;
        }
        double share = (double) beside.candidateRequests() / (beside.candidateRequests() + beside.baselineRequests());
        double rate = (double) beside.baselineFailures() / beside.baselineRequests();
        return SampleSizeEstimate.requests(kind, share, rate, evidence.variation(kind), criteria, first);
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

    private static VerdictStatistics figures(SignalEvidence track, Criteria criteria) {
        Tally beside = track.concurrent();
        return new VerdictStatistics(
                track.minutes(),
                beside.minutes(),
                track.candidateRequests(),
                track.candidateFailures(),
                beside.baselineRequests(),
                beside.baselineFailures(),
                value(beside.logWorse()),
                value(logNonInferior(track)));
    }

    /** JSON knows no infinity. */
    private static double value(double log) {
        return Math.exp(Math.min(log, LARGEST_LOG));
    }

    /**
     * One minute of metrics, read after CloudWatch has them all. A minute without metrics is no minute: missing is not zero.
     *
     * @param baseline the revision that served beside the candidate; null where none did
     * @param weight the part of the requests that the load balancer is to send to the candidate, 0–1; null if unknown
     * @param neighbours what the other services of the load balancer did; null if unknown
     */
    public record Minute(
            Instant start,
            Sample candidate,
            @Nullable Sample baseline,
            @Nullable Double weight,
            @Nullable Sample neighbours) {}
}
