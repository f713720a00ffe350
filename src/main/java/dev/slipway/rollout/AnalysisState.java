package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.deployment.UsualUnanswered;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.MetricWindow;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.Verdict;
import dev.slipway.verdict.Verdict.Outcome;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What has been seen of a release in production so far.
 *
 * @param shifts of production traffic, oldest first, as they were noticed
 * @param evidence for the verdict; null until the first metrics are read
 * @param metricWindows of the user's own metrics
 * @param readUntil metrics are read up to here; null before the first time
 * @param polledAt when ECS was asked last how far it is
 * @param probes that we sent ourselves in the last minutes, to be left out of what users did and weighed by themselves
 * @param minutes that were read, oldest first; the newest {@value #MINUTES_KEPT} of them
 * @param usual what part of the requests had no answer before the first shift and was no failure; null if unknown
 * @param unreadSince since when ECS is done and minutes that were due then could not be read; null when there are none
 */
@RegisterForReflection
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
record AnalysisState(
        String rollout,
        List<TrafficShift> shifts,
        @Nullable Evidence evidence,
        List<MetricWindow> metricWindows,
        @Nullable Instant readUntil,
        @Nullable Instant polledAt,
        List<Probes> probes,
        List<AnalyzedMinute> minutes,
        @Nullable UsualUnanswered usual,
        @Nullable Instant unreadSince)
        implements AnalysisStateBuilder.With {
    static final ItemType<AnalysisState> ITEM_TYPE = new ItemType<>("analysis", AnalysisState.class, 1);
    static final String SORT = "analysis#";

    private static final int PROBES_KEPT = 60;
    /** Eight hours; what is kept is written anew with each minute. */
    static final int MINUTES_KEPT = 480;

    AnalysisState {
        shifts = List.copyOf(shifts);
        metricWindows = List.copyOf(metricWindows);
        probes = List.copyOf(probes);
        minutes = minutes == null ? List.of() : List.copyOf(minutes); // records from before lack them
    }

    /**
     * The new release has {@code percent} of the production traffic since.
     *
     * @param told what people were told of it with that share: that it is sound, and that this is not known any more, in their order
     */
    record TrafficShift(
            Instant at,
            double percent,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Outcome> told) {
        TrafficShift {
            told = told == null ? List.of() : List.copyOf(told); // records from before lack it
        }
    }

    /** What we sent in the minute that starts at {@code minute}. */
    record Probes(Instant minute, Sample sent) {}

    static Key<AnalysisState> key(ServiceId service, String rollout) {
        return new Key<>(service.partition(), SORT + rollout, ITEM_TYPE);
    }

    static AnalysisState none(String rollout) {
        return new AnalysisState(rollout, List.of(), null, List.of(), null, null, List.of(), List.of(), null, null);
    }

    /** Empty before the first shift. */
    Optional<TrafficShift> lastShift() {
        return shifts.isEmpty() ? Optional.empty() : Optional.of(shifts.getLast());
    }

    AnalysisState shifted(Instant at, double percent) {
        List<TrafficShift> more = new ArrayList<>(shifts);
        more.add(new TrafficShift(at, percent, List.of()));
        return withShifts(more);
    }

    /** With one more round of our own requests: weighed with all others of its minute when the metrics of that are read. */
    AnalysisState probed(Instant minute, Sample sent) {
        List<Probes> more = new ArrayList<>(probes);
        more.removeIf(found -> found.minute().equals(minute));
        more.add(new Probes(minute, probesIn(minute).plus(sent)));
        return withProbes(more.subList(Math.max(0, more.size() - PROBES_KEPT), more.size()));
    }

    AnalysisState analyzed(AnalyzedMinute minute) {
        List<AnalyzedMinute> more = new ArrayList<>(minutes);
        more.add(minute);
        return withMinutes(more.subList(Math.max(0, more.size() - MINUTES_KEPT), more.size()));
    }

    /**
     * Whether a verdict says something else than the one before that people are to be told; that nothing can be said at first is no news. Evidence that a
     * release is sound comes and goes by chance, and by the hour where traffic does: that it came is told once with each share of the traffic,
     * and that it went once after it.
     */
    boolean isNews(@Nullable Verdict before, Outcome outcome) {
        Outcome last = before == null ? Outcome.NOT_ENOUGH_EVIDENCE : before.outcome();
        List<Outcome> told = lastShift().map(TrafficShift::told).orElse(List.of());
        return outcome != last
                && switch (outcome) {
                    case UNHEALTHY -> true;
                    case HEALTHY -> !told.contains(Outcome.HEALTHY);
                    case NOT_ENOUGH_EVIDENCE -> told.isEmpty() || told.getLast() != Outcome.NOT_ENOUGH_EVIDENCE;
                };
    }

    /** With what people are told. */
    AnalysisState telling(Outcome outcome) {
        if (shifts.isEmpty() || outcome == Outcome.UNHEALTHY) {
            return this;
        }
        TrafficShift last = shifts.getLast();
        List<Outcome> told = new ArrayList<>(last.told());
        told.add(outcome);
        List<TrafficShift> more = new ArrayList<>(shifts.subList(0, shifts.size() - 1));
        more.add(new TrafficShift(last.at(), last.percent(), told));
        return withShifts(more);
    }

    /** Whether the first minutes are not kept, be it that there are too many or that a version read them that kept none. */
    boolean lacksFirstMinutes() {
        Instant upTo = minutes.isEmpty() ? readUntil : minutes.getFirst().start();
        return upTo != null && upTo.isAfter(shifts.getFirst().at());
    }

    /** What we sent in a minute. */
    Sample probesIn(Instant minute) {
        return probes.stream()
                .filter(found -> found.minute().equals(minute))
                .map(Probes::sent)
                .reduce(Sample.NONE, Sample::plus);
    }
}
