package dev.slipway.rollout;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.ServiceId;
import dev.slipway.operation.Transaction;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.verdict.EValues;
import dev.slipway.verdict.Sample;
import dev.slipway.verdict.Verdict.Outcome;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout was judged by, minute by minute: kept as long as the service is there.
 *
 * @param shifts of the production traffic, oldest first, as they were noticed; empty where traffic is not shifted, and before it is
 * @param minutes that were read, oldest first
 * @param thresholds from which on the e-values decide
 * @param slowMillis an answer that takes longer is slow; null where the spec names none
 * @param cut whether there were minutes before the first of these, which are not kept
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RolloutMinutes(
        List<Shift> shifts,
        List<Minute> minutes,
        EValues.Thresholds thresholds,
        @Nullable Integer slowMillis,
        boolean cut) {

    public RolloutMinutes {
        shifts = List.copyOf(shifts);
        minutes = List.copyOf(minutes);
    }

    /** The new release has {@code percent} of the production traffic since. */
    @RegisterForReflection
    public record Shift(Instant at, double percent) {}

    /**
     * One minute, and what was known after it.
     *
     * @param percent of the production traffic that the new release had when it began
     * @param judged whether it was weighed: not around a shift, not without figures, nor where errors of the load balancer may be anyone's
     * @param candidate what users did on the new release; null without figures
     * @param baseline the same of the old one; null without figures, and where it did not serve beside
     * @param outcome null before the first evidence, as are the e-values
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Minute(
            Instant start,
            double percent,
            boolean judged,
            @Nullable Counts candidate,
            @Nullable Counts baseline,
            @Nullable Outcome outcome,
            @Nullable EValues errors,
            @Nullable EValues latency) {
        static Minute of(AnalyzedMinute minute) {
            return new Minute(
                    minute.start(),
                    minute.percent(),
                    minute.judged(),
                    Counts.of(minute.candidate()),
                    Counts.of(minute.baseline()),
                    minute.outcome(),
                    minute.errors(),
                    minute.latency());
        }
    }

    /**
     * What one release did in a minute.
     *
     * @param timed requests with an answer whose time was measured; 0 where the spec does not say what is slow
     */
    @RegisterForReflection
    public record Counts(long requests, long failures, long timed, long slow) {
        static @Nullable Counts of(@Nullable Sample sample) {
            return sample == null
                    ? null
                    : new Counts(sample.requests(), sample.failures(), sample.timed(), sample.slow());
        }
    }

    /** Deletes those of {@code most} rollouts of a service; empty when there are none any more. */
    public static Transaction delete(Store store, ServiceId service, int most) {
        Transaction deleted = new Transaction();
        for (Stored<AnalysisState> some : store.list(
                        service.partition(), AnalysisState.SORT, AnalysisState.ITEM_TYPE, false, most, null)
                .items()) {
            deleted = deleted.delete(some);
        }
        return deleted;
    }

    public static RolloutMinutes of(Store store, Rollout rollout) {
        AnalysisState analysis = store.get(AnalysisState.key(rollout.service(), rollout.id()))
                .map(Stored::value)
                .orElseGet(() -> AnalysisState.none(rollout.id()));
        return new RolloutMinutes(
                analysis.shifts().stream()
                        .map(shift -> new Shift(shift.at(), shift.percent()))
                        .toList(),
                analysis.minutes().stream().map(Minute::of).toList(),
                rollout.settings().criteria().thresholds(),
                rollout.settings().verdict().slowMillis(),
                analysis.lacksFirstMinutes());
    }
}
