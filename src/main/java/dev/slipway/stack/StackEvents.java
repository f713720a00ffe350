package dev.slipway.stack;

import dev.slipway.stack.RequestTokens.Purpose;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.ResourceStatus;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;

/**
 * The events of a stack's latest operations.
 *
 * @param tokens tell which of them are ours
 * @param events newest first
 */
record StackEvents(RequestTokens tokens, List<StackEvent> events) {
    private static final String STACK = "AWS::CloudFormation::Stack";
    private static final int RECENT = 10;
    private static final int WAITED_FOR = 5;
    /** So long a stack may be shown as it was before an update that has ended; after that it counts as it is shown. */
    private static final Duration SHOWN_WITHIN = Duration.ofMinutes(2);
    /** The beginning of an update and its first event are not farther apart. */
    private static final Duration NOTED_WITHIN = Duration.ofMinutes(1);
    /** The reason of what was under way when another failed. */
    private static final String CANCELLED = "Resource update cancelled";

    StackEvents {
        events = List.copyOf(events);
    }

    /** How our own change has ended, as the events tell. */
    enum Outcome {
        /** It has not begun. */
        NONE,
        RUNNING,
        SUCCEEDED,
        FAILED
    }

    static StackEvents none(RequestTokens tokens) {
        return new StackEvents(tokens, List.of());
    }

    /** Whether an event is the stack's own and not a resource's. */
    static boolean isOfStack(StackEvent event) {
        return STACK.equals(event.resourceType())
                && (event.physicalResourceId() == null
                        || event.physicalResourceId().equals(event.stackId()));
    }

    /** Whether an event begins an operation rather than a rollback or a clean-up within it. */
    static boolean isStart(StackEvent event) {
        return isOfStack(event)
                && switch (event.resourceStatusAsString()) {
                    case "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS" -> true;
                    default -> false;
                };
    }

    Purpose purpose(StackEvent event) {
        String token = event.clientRequestToken();
        return token == null ? Purpose.FOREIGN : tokens.purposeOf(token);
    }

    /** Whose the stack's latest operation is. */
    Purpose latestPurpose() {
        return events.stream()
                .filter(StackEvents::isOfStack)
                .findFirst()
                .map(this::purpose)
                .orElse(Purpose.FOREIGN);
    }

    /**
     * Whether the stack is shown as it was before our latest act: with a failure other than what that has brought it to, or with what it
     * was before our update, which has succeeded. The one or the other is late, as what CloudFormation tells is eventually consistent.
     */
    boolean contradict(StackState shown, Instant now) {
        return events.stream()
                .filter(StackEvents::isOfStack)
                .findFirst()
                .filter(latest -> purpose(latest) != Purpose.FOREIGN)
                .filter(latest -> shown.phase().isFailure()
                        ? !latest.resourceStatusAsString().equals(shown.status())
                        : changeOutcome() == Outcome.SUCCEEDED
                                && isUpdatedSince(shown.lastUpdated())
                                && now.isBefore(latest.timestamp().plus(SHOWN_WITHIN)))
                .isPresent();
    }

    /**
     * Whether our update began later than the one that a stack is shown to have had last. That one had ended before ours began; between its
     * end and the beginning of ours lies the time by which they are told apart, so that it does not matter whether CloudFormation
     * notes the beginning of an update with the time of its first event.
     */
    private boolean isUpdatedSince(Instant shown) {
        for (int i = 0; i < events.size(); i++) {
            StackEvent event = events.get(i);
            if (isStart(event) && purpose(event) == Purpose.CHANGE) {
                Instant before = i + 1 < events.size()
                        ? events.get(i + 1).timestamp()
                        : event.timestamp().minus(NOTED_WITHIN);
                return event.resourceStatus() == ResourceStatus.UPDATE_IN_PROGRESS && shown.isBefore(before);
            }
        }
        return false;
    }

    boolean has(Purpose purpose) {
        return events.stream().anyMatch(event -> purpose(event) == purpose);
    }

    Outcome changeOutcome() {
        return events.stream()
                .filter(event -> isOfStack(event) && purpose(event) == Purpose.CHANGE)
                .findFirst()
                .map(event -> outcome(event.resourceStatusAsString()))
                .orElse(Outcome.NONE);
    }

    private static Outcome outcome(String status) {
        if (status.contains("ROLLBACK") || status.endsWith("_FAILED")) {
            return Outcome.FAILED;
        }
        return status.endsWith("_COMPLETE") ? Outcome.SUCCEEDED : Outcome.RUNNING;
    }

    /** The events of our change, newest first. */
    List<StackEvent> withPurpose(Purpose purpose) {
        return events.stream().filter(event -> purpose(event) == purpose).toList();
    }

    /** How many resources have come to an end in our operation: each counts once, by its newest event. */
    int finished(Purpose purpose) {
        return finished(withPurpose(purpose));
    }

    /**
     * The events of the stack's latest operation, newest first, if it is one of ours; else none.
     *
     * @param operation is in every token of ours
     */
    List<StackEvent> latestOperation(String operation) {
        List<StackEvent> latest = new ArrayList<>();
        for (StackEvent event : events) {
            String token = event.clientRequestToken();
            if (token == null || !token.contains(operation)) {
                break;
            }
            latest.add(event);
            if (isStart(event)) {
                break;
            }
        }
        return latest;
    }

    /**
     * What could not be rolled back through a fault of its own, in the rollback that has failed last. What was only cancelled has
     * the same status.
     */
    List<StackEvent> failedInRollback() {
        Set<String> seen = new HashSet<>();
        return events.stream()
                .takeWhile(event ->
                        !isOfStack(event) || !"UPDATE_ROLLBACK_IN_PROGRESS".equals(event.resourceStatusAsString()))
                .filter(event -> !isOfStack(event) && seen.add(event.logicalResourceId()))
                .filter(event -> event.resourceStatus() == ResourceStatus.UPDATE_FAILED
                        && !CANCELLED.equals(event.resourceStatusReason()))
                .toList();
    }

    /**
     * What our change was to delete and could not, after all its tries: a clean-up goes on past that, and drops it from the stack. By
     * physical id, since what replaces a resource has its logical id.
     */
    List<Leftover> leftovers() {
        Set<String> seen = new HashSet<>();
        return withPurpose(Purpose.CHANGE).stream()
                .filter(event -> !isOfStack(event) && event.physicalResourceId() != null)
                .filter(event -> seen.add(event.physicalResourceId()))
                .filter(event -> event.resourceStatus() == ResourceStatus.DELETE_FAILED)
                .map(event -> new Leftover(
                        event.logicalResourceId(),
                        event.resourceType(),
                        event.physicalResourceId(),
                        FailureReasons.inner(
                                Objects.requireNonNullElse(event.resourceStatusReason(), "no reason given"))))
                .toList()
                .reversed();
    }

    static int finished(List<StackEvent> newestFirst) {
        Set<String> seen = new HashSet<>();
        int finished = 0;
        for (StackEvent event : newestFirst) {
            if (!isOfStack(event) && seen.add(event.logicalResourceId()) && isEnd(event)) {
                finished++;
            }
        }
        return finished;
    }

    private static boolean isEnd(StackEvent event) {
        String status = event.resourceStatusAsString();
        return status.endsWith("_COMPLETE") || status.equals("DELETE_SKIPPED");
    }

    /** The latest events of the operations for a purpose or, where that is all there is to see, of anybody's. */
    List<Progress.Event> recent(Purpose purpose) {
        return recent(purpose == Purpose.FOREIGN ? events : withPurpose(purpose));
    }

    /** The latest of them for people to read, and what is still waited for however long ago it began. */
    static List<Progress.Event> recent(List<StackEvent> newestFirst) {
        List<Progress.Event> recent = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (StackEvent event : newestFirst) {
            boolean isLatest = seen.add(event.logicalResourceId());
            boolean isWaitedFor = isLatest
                    && !isOfStack(event)
                    && event.resourceStatusAsString().endsWith("_IN_PROGRESS");
            if (recent.size() < RECENT || isWaitedFor && recent.size() < RECENT + WAITED_FOR) {
                recent.add(new Progress.Event(
                        event.timestamp(),
                        event.logicalResourceId(),
                        event.resourceType(),
                        event.resourceStatusAsString(),
                        blankToNull(event.resourceStatusReason())));
            }
        }
        return recent;
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
