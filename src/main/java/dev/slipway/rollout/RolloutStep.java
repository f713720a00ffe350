package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import dev.slipway.store.Write;
import java.time.Duration;
import java.util.List;

/** What became of one pass at a rollout. */
public sealed interface RolloutStep {
    /** It goes on. */
    record Again(Operation operation, List<Write> writes, Duration lookAgain) implements RolloutStep {}

    /** It ended; {@code rollout} says how, {@code writes} record it. */
    record Ended(Operation operation, List<Write> writes, Rollout rollout) implements RolloutStep {}
}
