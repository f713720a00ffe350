package dev.slipway.diagnosis;

import static dev.slipway.diagnosis.Cause.*;

import dev.slipway.diagnosis.Cause.Tier;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Which causes say no more than what was seen, and which others say why. A program that ended with exit code 1 because it cannot reach
 * its database is told once, and so is a deployment that ECS ended for it.
 */
final class SymptomPolicy {
    private static final Set<Cause> LISTENER = EnumSet.of(PORT_NOT_OPEN, LISTENS_ON_LOOPBACK, WRONG_PORT, SLOW_START);
    private static final Set<Cause> HEALTH = EnumSet.of(
            PORT_NOT_OPEN,
            LISTENS_ON_LOOPBACK,
            WRONG_PORT,
            SLOW_START,
            HEALTH_PATH_MISSING,
            HEALTH_REDIRECTED,
            HEALTH_NEEDS_LOGIN,
            HEALTH_ERROR,
            HEALTH_CODE,
            HEALTH_TIMEOUT,
            NOT_LISTENING);
    private static final Set<Cause> IMAGE = EnumSet.of(
            IMAGE_PLATFORM,
            IMAGE_RATE_LIMIT,
            IMAGE_TOO_LARGE,
            REGISTRY_UNREACHABLE,
            IMAGE_NOT_PUBLIC,
            IMAGE_DENIED,
            IMAGE_MISSING);
    private static final Set<Cause> COMMAND = EnumSet.of(WRONG_ARCHITECTURE, COMMAND_MISSING, COMMAND_FORBIDDEN);
    /** What a program's last lines say of its end. */
    private static final Set<Cause> END = EnumSet.of(
            WRONG_ARCHITECTURE,
            HEAP_EXHAUSTED,
            PORT_IN_USE,
            READ_ONLY_FILES,
            TASK_ROLE_DENIED,
            SETTING_MISSING,
            DEPENDENCY_UNREACHABLE);

    private static final Map<Cause, Set<Cause>> WHY = Map.of(
            HEALTH_FAILED, HEALTH,
            NOT_LISTENING, LISTENER,
            HEALTH_TIMEOUT, LISTENER,
            IMAGE_NOT_PULLED, IMAGE,
            CONTAINER_NOT_STARTED, COMMAND,
            EXIT_137, EnumSet.of(OUT_OF_MEMORY),
            EXIT_1, END,
            EXIT_OTHER, END,
            HOOK_FAILED, EnumSet.of(HOOK_FAULT));

    /** What ECS decided because tasks failed, whatever the reason. */
    private static final Set<Cause> OF_FAILED_TASKS = EnumSet.of(CIRCUIT_BREAKER, TASKS_NOT_STARTING);

    private SymptomPolicy() {}

    /** @param inTasks whether the reason was seen in tasks, rather than in a stack or a pipeline */
    static boolean explains(Cause why, boolean inTasks, Cause symptom) {
        return WHY.getOrDefault(symptom, Set.of()).contains(why)
                || inTasks && why.tier != Tier.CONSEQUENCE && OF_FAILED_TASKS.contains(symptom);
    }
}
