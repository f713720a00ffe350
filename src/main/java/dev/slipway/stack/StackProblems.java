package dev.slipway.stack;

import dev.slipway.problem.Problem;

/** What a stack's state can mean for a user, in words. */
final class StackProblems {
    private StackProblems() {}

    static Problem operationInProgress(String stack) {
        return Problem.dependency(
                "stack-operation-in-progress",
                "The stack " + stack + " has had an operation in progress that Slipway did not start for more than "
                        + ApplyPolicy.MAX_WAIT.toHours() + " hours.",
                "See in CloudFormation's events what it is waiting for, end it there, then try again.");
    }

    static Problem rollbackFailed(StackState stack, StackEvents events) {
        return Problem.user(
                "stack-rollback-failed",
                "An update of the stack " + stack.name() + " failed and CloudFormation cannot roll it back"
                        + RootCause.stuckOn(stack, events) + ".",
                "Fix the resource that cannot be rolled back, or skip it with `aws cloudformation"
                        + " continue-update-rollback --stack-name " + stack.name()
                        + " --resources-to-skip NAME`, then try again.");
    }

    static Problem importRollbackFailed(String stack) {
        return Problem.user(
                "stack-import-rollback-failed",
                "An import of resources into the stack " + stack + " failed and so did its rollback.",
                "Fix the stack in CloudFormation, or delete it there (registry and logs stay), then try again.");
    }

    static Problem cleanUpFailed(StackState stack, StackEvents events) {
        return Problem.user(
                "stack-cleanup-failed",
                "What a failed creation or deletion left of the stack " + stack.name() + " cannot be deleted: "
                        + RootCause.ofDeletion(stack, events).detail(),
                "Delete by hand what CloudFormation could not delete, then try again.");
    }

    static Problem stackMissing(String stack) {
        return Problem.user(
                "stack-deleted-meanwhile",
                "The stack " + stack + " was deleted by somebody while Slipway was changing it.",
                "Apply again to create it anew.");
    }

    static Problem nothingToSync(String stack) {
        return Problem.user(
                "stack-missing",
                "There is no working stack " + stack
                        + " to update: somebody deleted it, or its last creation or deletion" + " failed.",
                "Apply the spec again: that clears away what is left and creates the stack anew.");
    }

    static Problem createFailed(String stack) {
        return Problem.user(
                "stack-create-failed",
                "The stack " + stack + " is what a failed creation or deletion left; CloudFormation cannot compute a"
                        + " change of it.",
                "Apply without a plan: that deletes what is left and creates the stack anew.");
    }

    static Problem planStale(String stack) {
        return Problem.user(
                "plan-stale",
                "Applying would change other things in the stack " + stack + " than the plan showed, because"
                        + " something has changed since. Nothing has been done.",
                "Make a new plan and read it.");
    }

    static Problem isProtected(String stack) {
        return Problem.user(
                "stack-protected",
                "The stack " + stack + " has termination protection.",
                "Switch its protection off first, then delete.");
    }
}
