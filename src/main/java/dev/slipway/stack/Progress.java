package dev.slipway.stack;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a stack change has come: what the worker has to remember between two passes, and what a person sees.
 *
 * @param step see {@link Step}
 * @param since when this step began
 * @param stackId the stack's ARN, once known
 * @param done resources that have reached their end
 * @param total resources that the change touches; 0 while unknown
 * @param recent the latest events, newest first, at most ten
 * @param observedAt when CloudFormation was looked at last; null before the first time
 */
@RegisterForReflection
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Progress(
        Step step,
        Instant since,
        @Nullable String stackId,
        int done,
        int total,
        List<Event> recent,
        @Nullable Instant observedAt)
        implements ProgressBuilder.With {
    public Progress {
        recent = List.copyOf(recent);
    }

    /** A change that has not begun. */
    public static Progress start(Instant now) {
        return new Progress(Step.OBSERVE, now, null, 0, 0, List.of(), null);
    }

    /** The steps of a change, in order; not every change takes all. */
    public enum Step {
        /** See what the stack is and what stands in the way. */
        OBSERVE,
        /** Somebody else is changing the stack; wait for them. */
        WAIT,
        /** A failed first creation or an abandoned plan is being deleted. */
        CLEAN_UP,
        /** What an earlier stack of the name has left is being taken over. */
        IMPORT,
        /** UPDATE_ROLLBACK_FAILED is being continued to UPDATE_ROLLBACK_COMPLETE. */
        CONTINUE_ROLLBACK,
        /** The change set is being computed. */
        CREATE_CHANGE_SET,
        /** CloudFormation is at work. */
        EXECUTE,
        /** The stack is being deleted. */
        DELETE;

        /** Whether CloudFormation is at work at our request, so that its events tell how far it has come. */
        boolean isExecuting() {
            return switch (this) {
                case CLEAN_UP, IMPORT, CONTINUE_ROLLBACK, EXECUTE, DELETE -> true;
                case OBSERVE, WAIT, CREATE_CHANGE_SET -> false;
            };
        }
    }

    /** One event of the stack. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Event(
            Instant at,
            String logicalId,
            String type,
            String status,
            @Nullable String reason) {}
}
