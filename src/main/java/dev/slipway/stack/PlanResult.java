package dev.slipway.stack;

import dev.slipway.problem.Problem;
import java.util.List;
import java.util.Optional;

/** What became of one pass at a plan. */
public sealed interface PlanResult extends StackResult
        permits StackResult.InProgress, StackResult.Failed, PlanResult.Planned {
    /** A plan is known; nothing has been changed and nothing is left behind. */
    record Planned(Difference difference, List<Risk> risks) implements PlanResult {
        /** Why the change that was planned would be refused if it were applied now; empty where it would not. */
        public Optional<Problem> refusal(StackChange change) {
            String expected = change.expectedDigest();
            return Risk.refusal(risks, change.allowed())
                    .or(() -> expected == null || expected.equals(difference.digest())
                            ? Optional.empty()
                            : Optional.of(StackProblems.planStale(change.stackName())));
        }
    }
}
