package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.operation.Operation;
import dev.slipway.store.Key;
import dev.slipway.store.Kind;
import dev.slipway.target.ServiceId;
import dev.slipway.verdict.Evidence;
import dev.slipway.verdict.Readings;
import dev.slipway.verdict.Sample;
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
 * @param readings of the user's own metrics
 * @param read metrics are read up to here; null before the first time
 * @param asked when ECS was asked last how far it is
 * @param probes that we sent ourselves in the last minutes, to be left out of what users did
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Judgement(
        String rollout,
        List<Shift> shifts,
        @Nullable Evidence evidence,
        List<Readings> readings,
        @Nullable Instant read,
        @Nullable Instant asked,
        List<Probes> probes) {
    private static final Kind<Judgement> KIND = new Kind<>("judgement", Judgement.class, 1);
    private static final int PROBES_KEPT = 60;

    Judgement {
        shifts = List.copyOf(shifts);
        readings = List.copyOf(readings);
        probes = List.copyOf(probes);
    }

    /** The new release has {@code percent} of the production traffic since. */
    record Shift(Instant at, double percent) {}

    /** What we sent in the minute that starts at {@code minute}. */
    record Probes(Instant minute, Sample sent) {}

    static Key<Judgement> key(ServiceId service, String rollout) {
        return new Key<>(Operation.partition(service), "judgement#" + rollout, KIND);
    }

    static Judgement none(String rollout) {
        return new Judgement(rollout, List.of(), null, List.of(), null, null, List.of());
    }

    /** Empty before the first shift. */
    Optional<Shift> lastShift() {
        return shifts.isEmpty() ? Optional.empty() : Optional.of(shifts.getLast());
    }

    Judgement asked(Instant now) {
        return new Judgement(rollout, shifts, evidence, readings, read, now, probes);
    }

    Judgement shifted(Instant at, double percent) {
        List<Shift> more = new ArrayList<>(shifts);
        more.add(new Shift(at, percent));
        return new Judgement(rollout, more, evidence, readings, read, asked, probes);
    }

    Judgement weighed(Evidence next, List<Readings> values, Instant upTo) {
        return new Judgement(rollout, shifts, next, values, upTo, asked, probes);
    }

    Judgement probed(Evidence next, Instant minute, Sample sent) {
        List<Probes> more = new ArrayList<>(probes);
        more.add(new Probes(minute, sent));
        return new Judgement(
                rollout,
                shifts,
                next,
                readings,
                read,
                asked,
                more.subList(Math.max(0, more.size() - PROBES_KEPT), more.size()));
    }

    /** What we sent in a minute. */
    Sample sentIn(Instant minute) {
        return probes.stream()
                .filter(found -> found.minute().equals(minute))
                .map(Probes::sent)
                .reduce(Sample.NONE, Sample::plus);
    }
}
