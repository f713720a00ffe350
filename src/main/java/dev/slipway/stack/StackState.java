package dev.slipway.stack;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stack as CloudFormation describes it.
 *
 * @param id the stack's ARN
 * @param status CloudFormation's own word, for example {@code UPDATE_COMPLETE}
 * @param parameters values; {@code ****} for those that the template marks NoEcho
 * @param lastUpdated when the latest update began, or the creation
 */
public record StackState(
        String name,
        String id,
        String status,
        @Nullable String statusReason,
        Map<String, String> parameters,
        Map<String, String> outputs,
        Map<String, String> tags,
        boolean terminationProtection,
        Instant lastUpdated) {
    public StackState {
        parameters = Map.copyOf(parameters);
        outputs = Map.copyOf(outputs);
        tags = Map.copyOf(tags);
    }

    /** What the status means for whoever wants to change the stack. */
    public StackPhase phase() {
        // An import that failed leaves what was there before, and of a new stack that is nothing.
        return isImportOnly() && status.equals("IMPORT_ROLLBACK_COMPLETE")
                ? StackPhase.CREATE_FAILED
                : StackPhase.of(status);
    }

    /** Whether it has not got its own template yet, only what an earlier stack has left. */
    boolean isImportOnly() {
        return !tags.containsKey(StackChange.TEMPLATE_TAG);
    }
}
