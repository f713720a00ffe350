package dev.slipway.rollout;

import dev.slipway.operation.Operation;
import java.time.Instant;
import java.util.Set;

/**
 * Drives a rollout through its phases, one act a pass:
 *
 * <pre>
 * preflight → register → tag-image → [task →] start → monitor                     a later release
 *     start → create-service → scale → wait-for-tasks    the first release: the stack creates the ECS service
 *     start → grant-access → start                       the release listens on a port that is closed so far
 * </pre>
 */
public final class RolloutWorkflow {
    /** The first phase of every rollout. */
    public static final String PREFLIGHT = "preflight";

    /** The stack lets the release start: its port, its secrets. */
    public static final String GRANT_ACCESS = "grant-access";

    static final String REGISTER = "register";
    static final String TAG_IMAGE = "tag-image";
    static final String TASK = "task";
    static final String START = "start";
    static final String CREATE_SERVICE = "create-service";
    static final String SCALE = "scale";
    static final String WAIT_FOR_TASKS = "wait-for-tasks";
    static final String MONITOR = "monitor";
    private static final Set<String> PHASES =
            Set.of(PREFLIGHT, REGISTER, TAG_IMAGE, TASK, START, GRANT_ACCESS, CREATE_SERVICE, SCALE, WAIT_FOR_TASKS, MONITOR);

    private final ReleasePreparation preparation;
    private final DeploymentStarter starter;
    private final RollingDeploymentMonitor rolling;
    private final TrafficShiftMonitor shifting;

    RolloutWorkflow(ReleasePreparation preparation, DeploymentStarter starting, RollingDeploymentMonitor rolling, TrafficShiftMonitor shifting) {
        this.preparation = preparation;
        this.starter = starting;
        this.rolling = rolling;
        this.shifting = shifting;
    }

    /** Whether an operation is in one of a rollout's phases. */
    public static boolean isAt(Operation operation) {
        return PHASES.contains(operation.phase());
    }

    /** One pass. */
    public RolloutReconcileResult advance(RolloutContext context, Instant now) {
        return switch (context.operation().phase()) {
            case PREFLIGHT -> preparation.runPreflight(context, now);
            case REGISTER -> preparation.register(context, now);
            case TAG_IMAGE -> preparation.tagImage(context, now);
            case TASK -> preparation.task(context, now);
            case START -> starter.start(context, now);
            case GRANT_ACCESS -> starter.grantAccess(context, now);
            case CREATE_SERVICE -> starter.createService(context, now);
            case SCALE -> starter.scale(context, now);
            case WAIT_FOR_TASKS -> starter.waitForTasks(context, now);
            case MONITOR ->
                context.rollout().value().settings().isRolling()
                        ? rolling.monitor(context, now)
                        : shifting.monitor(context, now);
            default -> throw new IllegalStateException(context.operation().phase());
        };
    }
}
