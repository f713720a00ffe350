package dev.slipway.stack;

import dev.slipway.problem.Problem;
import dev.slipway.stack.RequestTokens.Purpose;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;

/** Finds the first real cause among a stack's events: what failed by itself, not what was cancelled because of it. */
final class RootCause {
    private RootCause() {}

    /** Why our change failed. What the rollback met later is another matter and never the cause. */
    static Problem ofChange(StackState live, StackEvents events) {
        return cause(live, beforeRollback(events.withPurpose(Purpose.CHANGE).reversed()), "_FAILED");
    }

    /** Why what an earlier stack had left could not be taken over. */
    static Problem ofImport(StackState live, StackEvents events) {
        return cause(live, events.withPurpose(Purpose.IMPORT).reversed(), "_FAILED");
    }

    /** Why a deletion failed. */
    static Problem ofDeletion(StackState live, StackEvents events) {
        List<StackEvent> ours = events.withPurpose(Purpose.DELETE).reversed();
        List<StackEvent> all = ours.isEmpty() ? events.events().reversed() : ours;
        return cause(live, all, "DELETE_FAILED");
    }

    /** Why CloudFormation refused an act at once. */
    static Problem ofRejection(String stackName, String reason) {
        return FailureReasons.problem("The stack " + stackName, reason);
    }

    /** What the rollback is stuck on, to go on a sentence; empty when unknown. */
    static String stuckOn(StackState live, StackEvents events) {
        return first(events.events(), "_FAILED")
                .map(event -> ": " + subject(event) + ": " + FailureReasons.inner(reason(event)))
                .orElseGet(() -> live.statusReason() == null ? "" : ": " + live.statusReason());
    }

    /** @param oldestFirst our events */
    private static List<StackEvent> beforeRollback(List<StackEvent> oldestFirst) {
        return oldestFirst.stream()
                .takeWhile(event -> !StackEvents.isOfStack(event)
                        || !event.resourceStatusAsString().contains("ROLLBACK"))
                .toList();
    }

    private static Optional<StackEvent> first(List<StackEvent> events, String status) {
        return events.stream()
                .filter(event -> !StackEvents.isOfStack(event))
                .filter(event -> event.resourceStatusAsString().endsWith(status))
                .filter(event -> !CloudFormationErrors.isConsequence(reason(event)))
                .findFirst();
    }

    private static Problem cause(StackState live, List<StackEvent> oldestFirst, String status) {
        return first(oldestFirst, status)
                .map(event -> FailureReasons.problem(subject(event), reason(event)))
                .orElseGet(() -> ofRejection(live.name(), statusReason(live)));
    }

    private static String subject(StackEvent event) {
        return event.logicalResourceId() + " (" + event.resourceType() + ")";
    }

    private static String reason(StackEvent event) {
        @Nullable String reason = event.resourceStatusReason();
        return reason == null ? "" : reason;
    }

    private static String statusReason(StackState live) {
        return live.statusReason() == null ? "its status is " + live.status() : live.statusReason();
    }
}
