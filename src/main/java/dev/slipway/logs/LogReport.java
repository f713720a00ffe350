package dev.slipway.logs;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a ready query has found.
 *
 * @param release whose lines were looked at; absent for all
 * @param comparedWith the release before, whose lines do not count as new; absent where nothing is compared
 * @param comparedSince from when on its lines were compared; absent as that
 * @param comparedUntil when the traffic had left it, or the end of the question; absent as that
 * @param note what makes the comparison say less than it seems to; absent otherwise
 * @param cut whether there were more lines than are compared or shown
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LogReport(
        Kind query,
        Instant since,
        Instant until,
        @Nullable Integer release,
        @Nullable Integer comparedWith,
        @Nullable Instant comparedSince,
        @Nullable Instant comparedUntil,
        @Nullable String note,
        List<Row> rows,
        boolean cut) {
    public LogReport {
        rows = List.copyOf(rows);
    }

    /** The ready queries. */
    public enum Kind {
        /** How many lines tell of an error, by release. */
        ERRORS,
        /** The requests that took longest. */
        SLOWEST,
        /** Lines that tell of an error and that the release before has not written. */
        NEW_ERRORS
    }

    /**
     * A row.
     *
     * @param count how many lines it stands for
     * @param at when the newest of them was written; absent for counts
     * @param durationMs of the request, where the query is about it
     * @param message the newest of them without obvious credentials; absent for counts
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Row(
            @Nullable Integer release,
            long count,
            @Nullable Instant at,
            @Nullable Double durationMs,
            @Nullable String message) {}
}
