package dev.slipway.stack;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;

/**
 * Plan, apply and delete any CloudFormation stack, one pass at a time. Nothing waits: each pass looks at the stack,
 * decides, acts once and says when to look again. A pass may be repeated, or be cut off anywhere, without harm; what
 * AWS cannot answer for now (throttling, its own errors) is thrown, for the queue to try again.
 */
public final class Stacks {
    private static final Pattern ARN = Pattern.compile("arn:[^:]*:cloudformation:[^:]*:[^:]*:stack/([^/]+)(/.*)?");

    private final StackCalls calls;

    /**
     * @param executionRoleArn the role that CloudFormation acts with; it takes the place of our own rights in every
     *     operation
     */
    public Stacks(CloudFormationClient client, String executionRoleArn) {
        this.calls = new StackCalls(client, executionRoleArn);
    }

    /** Makes the stack what the change wants: creates or updates it, and clears away what stands in the way. */
    public Step apply(Progress progress, StackChange change, Instant now) {
        return apply(progress, change, () -> Retained.NOTHING, now);
    }

    /**
     * The same for a stack whose data outlives it.
     *
     * @param retained looks for what an earlier stack of the name has left; asked only before a stack is made
     */
    public Step apply(Progress progress, StackChange change, Supplier<Retained> retained, Instant now) {
        return new ApplyPass(calls, progress, change, retained, now).run();
    }

    /** Finds out what {@link #apply} would do, and leaves nothing behind. The change needs a template. */
    public Step plan(Progress progress, StackChange change, Instant now) {
        return plan(progress, change, () -> Retained.NOTHING, now);
    }

    /** The same for a stack whose data outlives it. */
    public Step plan(Progress progress, StackChange change, Supplier<Retained> retained, Instant now) {
        return new PlanPass(calls, progress, change, retained, now).run();
    }

    /**
     * Deletes the stack.
     *
     * @param token the same for every attempt at this deletion, as in {@link StackChange#token()}
     * @param liftProtection whether to take termination protection off first; otherwise a protected stack is refused
     */
    public Step delete(Progress progress, String stackName, String token, boolean liftProtection, Instant now) {
        return new DeletePass(calls, progress, stackName, new Tokens(token), liftProtection, now).run();
    }

    /** The stack as it is, in one call; empty when there is none. */
    public Optional<Live> observe(String stackName) {
        return calls.describe(stackName);
    }

    /**
     * The name in a stack's ARN, {@code arn:aws:cloudformation:eu-west-1:123456789012:stack/slipway-prod/uuid}: CloudFormation's
     * events on EventBridge name a stack in this way only ({@code detail.stack-id}).
     */
    public static Optional<String> stackName(String stackId) {
        Matcher arn = ARN.matcher(stackId);
        return arn.matches() ? Optional.of(arn.group(1)) : Optional.empty();
    }
}
