package dev.slipway.stack;

import dev.slipway.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What became of one pass at a stack. */
public sealed interface Step {
    /** Not at the end: remember {@code progress} and look again after {@code lookAgain}, or when an event hints. */
    record Requeue(Progress progress, Duration requeueAfter) implements Step {}

    /**
     * The stack is as it shall be.
     *
     * @param changed false when there was nothing to do
     * @param upToDate whether it has just the values that were wished for; false when these have moved on meanwhile
     * @param outputs of the stack
     */
    record Done(Progress progress, boolean changed, boolean upToDate, Map<String, String> outputs) implements Step {}

    /** A plan is known; nothing has been changed and nothing is left behind. */
    record Planned(Difference difference, List<Risk> risks) implements Step {}

    /** The stack no longer exists. */
    record Deleted(Progress progress) implements Step {}

    /**
     * It failed and CloudFormation has put back what it had touched, as far as it could.
     *
     * @param cause the first real cause, not what failed because of it
     */
    record Failed(Progress progress, Problem cause) implements Step {}
}
