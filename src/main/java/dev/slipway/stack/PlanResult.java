package dev.slipway.stack;

import java.util.List;

/** What became of one pass at a plan. */
public sealed interface PlanResult extends StackResult
        permits StackResult.InProgress, StackResult.Failed, PlanResult.Planned {
    /** A plan is known; nothing has been changed and nothing is left behind. */
    record Planned(Difference difference, List<Risk> risks) implements PlanResult {}
}
