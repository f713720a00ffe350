package dev.slipway.stack;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;

/**
 * Plan, apply and delete any CloudFormation stack, one pass at a time. Nothing waits: each pass looks at the stack,
 * decides, acts once and says when to look again. A pass may be repeated, or be cut off anywhere, without harm; what
 * AWS cannot answer for now (throttling, its own errors) is thrown, for the queue to try again.
 */
public final class StackReconciler {
    /** Whoever polls gets no more than this is worth. */
    private static final Duration FRESH_FOR = Duration.ofSeconds(3);

    private static final Logger LOG = Logger.getLogger(StackReconciler.class);

    private final StackCalls calls;
    private final RecentChanges recentChanges;

    /**
     * @param executionRoleArn the role that CloudFormation acts with; it takes the place of our own rights in every
     *     operation
     */
    public StackReconciler(CloudFormationClient client, String executionRoleArn, RecentChanges recentChanges) {
        this.calls = new StackCalls(client, executionRoleArn);
        this.recentChanges = recentChanges;
    }

    /** Which stacks we have changed so lately that CloudFormation may still show them as they were before. */
    @FunctionalInterface
    public interface RecentChanges {
        /** Whether that is so of this stack, not counting the change that is under way. */
        boolean mayHide(String stackName, Instant now);

        /**
         * Whether the stack is certainly what the change wants. That may be what was before our last change; whoever is to update it
         * knows, and is asked then.
         */
        default boolean isSame(Optional<StackState> live, StackChange change, Instant now) {
            return live.filter(stack -> ApplyPolicy.isSame(stack, change)).isPresent()
                    && !mayHide(change.stackName(), now);
        }
    }

    /** Makes the stack what the change wants: creates or updates it, and clears away what stands in the way. */
    public ApplyResult apply(Progress progress, StackChange change, Instant now) {
        return apply(progress, change, () -> Retained.NOTHING, now);
    }

    /**
     * The same for a stack whose data outlives it.
     *
     * @param retained looks for what an earlier stack of the name has left; asked only before a stack is made
     */
    public ApplyResult apply(Progress progress, StackChange change, Supplier<Retained> retained, Instant now) {
        return ApplyPass.run(calls, progress, change, retained, recentChanges, now);
    }

    /** Finds out what {@link #apply} would do, and leaves nothing behind. The change needs a template. */
    public PlanResult plan(Progress progress, StackChange change, Instant now) {
        return plan(progress, change, () -> Retained.NOTHING, now);
    }

    /** The same for a stack whose data outlives it. */
    public PlanResult plan(Progress progress, StackChange change, Supplier<Retained> retained, Instant now) {
        return PlanPass.run(calls, progress, change, retained, recentChanges, now);
    }

    /**
     * Deletes the stack.
     *
     * @param token the same for every attempt at this deletion, as in {@link StackChange#token()}
     * @param liftProtection whether to take termination protection off first; otherwise a protected stack is refused
     */
    public DeleteResult delete(Progress progress, String stackName, String token, boolean liftProtection, Instant now) {
        return DeletePass.run(calls, progress, stackName, new RequestTokens(token), liftProtection, now);
    }

    /**
     * How far a change has come by now, for whoever asks between two passes. One call at the most; none when the last look
     * was seconds ago or CloudFormation is not at work. What AWS refuses leaves the progress as it was.
     *
     * @param operation the token that all acts of the change have in theirs
     */
    public Progress refreshProgress(Progress progress, String stackName, String operation, Instant now) {
        boolean fresh = progress.observedAt() != null
                && now.isBefore(progress.observedAt().plus(FRESH_FOR));
        if (fresh || !progress.step().isExecuting()) {
            return progress;
        }
        String stack = progress.stackId() == null ? stackName : progress.stackId();
        try {
            StackEvents events = calls.newestEvents(stack, new RequestTokens(operation));
            List<StackEvent> ours = events.latestOperation(operation);
            if (ours.isEmpty()) {
                return progress;
            }
            int done = Math.max(progress.done(), StackEvents.finished(ours));
            int total = progress.total() == 0 ? 0 : Math.max(progress.total(), done);
            return progress.with(next -> next.done(done)
                    .total(total)
                    .recent(StackEvents.recent(ours))
                    .observedAt(now));
        } catch (SdkException e) {
            LOG.infof("stack %s could not be read: %s", stack, e.getMessage());
            return progress;
        }
    }

    /** The stack as it is, in one call; empty when there is none. */
    public Optional<StackState> observe(String stackName) {
        return calls.describe(stackName);
    }

    /** Physical ids of the resources that a stack has now, by their logical ones, in one call. */
    public Map<String, String> resources(String stackName) {
        return calls.resources(stackName);
    }
}
