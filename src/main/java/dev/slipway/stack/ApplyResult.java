package dev.slipway.stack;

import java.util.List;
import java.util.Map;

/** What became of one pass at applying a change. */
public sealed interface ApplyResult extends StackResult
        permits StackResult.InProgress, StackResult.Failed, ApplyResult.Succeeded {
    /**
     * The stack is as it shall be.
     *
     * @param changed false when there was nothing to do
     * @param upToDate whether it has just the values that were declared; false when these have moved on meanwhile
     * @param outputs of the stack
     * @param leftovers what could not be deleted
     */
    record Succeeded(
            Progress progress, boolean changed, boolean upToDate, Map<String, String> outputs, List<Leftover> leftovers)
            implements ApplyResult {}
}
