package dev.slipway.logs;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some lines of a log, in the order of their times. What came late stands in a later page.
 *
 * @param cursor to be passed for what follows, also for what is yet to be written; absent when nothing can follow any more
 * @param retryAfterSeconds when it is worth asking for what follows: 0 when more is there
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LogPage(List<Line> lines, @Nullable String cursor, int retryAfterSeconds) {
    public LogPage {
        lines = List.copyOf(lines);
    }

    /**
     * A line.
     *
     * @param at when the container wrote it
     * @param release whose task wrote it; absent where that is not known
     * @param message without obvious credentials; what is very long is cut
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Line(Instant at, @Nullable Integer release, String container, String task, String message) {}
}
