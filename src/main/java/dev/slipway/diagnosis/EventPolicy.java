package dev.slipway.diagnosis;

import java.util.regex.Pattern;

/** What of ECS's reports belongs to every day, and is no sign of trouble. */
final class EventPolicy {
    // Amazon ECS developer guide, "Viewing Amazon ECS service event messages"
    private static final Pattern ROUTINE = Pattern.compile(
            "has reached a steady state|has started \\d+ tasks|registered \\d+ targets|has stopped \\d+ running tasks"
                    + "|has begun draining|deployment completed|is AZ balanced|AZ [Rr]ebalanc|updated computedDesiredCount"
                    + "|was stopped by deployment|rolling back to|deployment in progress");

    // Amazon ECS developer guide, "Stopped tasks error codes", ServiceSchedulerInitiated
    private static final Pattern PLANNED =
            Pattern.compile("[Ss]caling activity initiated|is being deleted|AvailabilityZoneRebalanc");
    private static final String TOLD_BY_ITS_CONTAINER = "Essential container in task exited";

    private EventPolicy() {}

    static boolean isRoutine(String message) {
        return ROUTINE.matcher(message).find();
    }

    /** What a container's end already tells is not told twice. */
    static boolean isRoutineStop(String code, String reason) {
        return isPlanned(reason) || reason.equals(TOLD_BY_ITS_CONTAINER) || code.isEmpty() && reason.isEmpty();
    }

    /** Whether the scheduler ended a task because it was not needed any more. */
    static boolean isPlanned(String reason) {
        return PLANNED.matcher(reason).find();
    }
}
