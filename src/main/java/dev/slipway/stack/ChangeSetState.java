package dev.slipway.stack;

import dev.slipway.stack.CloudFormationErrors.CallResult;
import java.util.Optional;

/** What can be done with a change set. */
enum ChangeSetState {
    ABSENT,
    COMPUTING,
    READY,
    /** Its execution has begun, or is over. */
    EXECUTED,
    /** The stack has been changed since. */
    OBSOLETE,
    /** There is nothing to change. */
    EMPTY,
    FAILED;

    static ChangeSetState of(Optional<StackCalls.ChangeSet> found) {
        if (found.isEmpty()) {
            return ABSENT;
        }
        StackCalls.ChangeSet changeSet = found.get();
        return switch (changeSet.status()) {
            case "FAILED" -> CloudFormationErrors.isEmptyChangeSet(changeSet.reason()) ? EMPTY : FAILED;
            case "CREATE_COMPLETE" -> byExecution(changeSet.executionStatus());
            // Pending, in progress or being deleted: it will be something else soon.
            default -> COMPUTING;
        };
    }

    private static ChangeSetState byExecution(String status) {
        return switch (status) {
            case "AVAILABLE" -> READY;
            case "OBSOLETE" -> OBSOLETE;
            case "EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED" -> EXECUTED;
            default -> COMPUTING;
        };
    }

    /**
     * Throws a change set away, and with it the stack when that exists for the change set alone.
     *
     * @return false when CloudFormation is still busy with it: come back
     */
    static boolean discard(StackCalls calls, StackState live, RequestTokens tokens, String changeSet) {
        CallResult answer = live.phase() == StackPhase.REVIEW
                ? calls.delete(live.name(), tokens.cleanUp(live.id()))
                : calls.deleteChangeSet(live.name(), changeSet);
        return !(answer instanceof CallResult.InProgress);
    }
}
