package dev.slipway.stack;

import dev.slipway.problem.Problem;
import java.time.Duration;

/** What became of one pass at a stack. Each verb ends in its own way; that it goes on or fails is common to all. */
public sealed interface StackResult permits ApplyResult, PlanResult, DeleteResult {
    /** Not at the end: remember {@code progress} and look again after {@code requeueAfter}, or when an event comes. */
    record InProgress(Progress progress, Duration requeueAfter) implements ApplyResult, PlanResult, DeleteResult {}

    /**
     * It failed and CloudFormation has put back what it had touched, as far as it could.
     *
     * @param cause the first real cause, not what failed because of it
     */
    record Failed(Progress progress, Problem cause) implements ApplyResult, PlanResult, DeleteResult {}
}
