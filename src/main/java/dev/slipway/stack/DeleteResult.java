package dev.slipway.stack;

/** What became of one pass at deleting a stack. */
public sealed interface DeleteResult extends StackResult
        permits StackResult.InProgress, StackResult.Failed, DeleteResult.Deleted {
    /** The stack no longer exists. */
    record Deleted() implements DeleteResult {}
}
