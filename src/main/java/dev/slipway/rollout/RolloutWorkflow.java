package dev.slipway.rollout;

import java.time.Instant;

/** Drives a rollout through its phases, one act a pass. */
public final class RolloutWorkflow {
    private final ReleasePreparation preparation;
    private final DeploymentStarter starter;
    private final RollingDeploymentMonitor rolling;
    private final TrafficShiftMonitor shifting;
    private final StabilityMonitor stability;

    RolloutWorkflow(
            ReleasePreparation preparation,
            DeploymentStarter starter,
            RollingDeploymentMonitor rolling,
            TrafficShiftMonitor shifting,
            StabilityMonitor stability) {
        this.preparation = preparation;
        this.starter = starter;
        this.rolling = rolling;
        this.shifting = shifting;
        this.stability = stability;
    }

    /** One pass. */
    public RolloutReconcileResult advance(RolloutContext context, Instant now) {
        return switch (context.operation().phase()) {
            case PREFLIGHT -> preparation.runPreflight(context, now);
            case REGISTER -> preparation.register(context, now);
            case TAG_IMAGE -> preparation.tagImage(context, now);
            case TASK -> preparation.task(context, now);
            case START -> starter.start(context, now);
            case APPROVAL -> preparation.approval(context, now);
            case GRANT_ACCESS -> starter.grantAccess(context, now);
            case CREATE_SERVICE -> starter.createService(context, now);
            case SCALE -> starter.scale(context, now);
            case WAIT_FOR_TASKS -> starter.waitForTasks(context, now);
            case MONITOR ->
                context.rollout().value().settings().isRolling()
                        ? rolling.monitor(context, now)
                        : shifting.monitor(context, now);
            case STABILIZE -> stability.monitor(context, now);
            case OBSERVE,
                    REPAIR,
                    SYNC,
                    STACK,
                    MOVE_OUT,
                    SERVICES,
                    COUNT,
                    CONTAINER,
                    RESTORE,
                    CLEANUP,
                    DELETE_RELEASES,
                    DONE -> throw context.operation().unexpectedPhase();
        };
    }
}
