package dev.slipway.simulated.ecs;

import dev.slipway.simulated.aws.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** When a deployment in stages has to be looked at again, and when it has taken too long. */
final class EcsStageTimer {
    // "Each lifecycle stage can last up to 24 hours"; a deployment 30 days. A bake has its own length and is apart.
    private static final Duration STAGE = Duration.ofHours(24);
    private static final Duration DEPLOYMENT = Duration.ofDays(30);

    /** No stage is shorter (assumed). */
    private static final Duration SHORTEST = Duration.ofSeconds(2);

    private final VirtualClock timeline;
    private final EcsScheduler scheduler;

    EcsStageTimer(VirtualClock timeline, EcsScheduler scheduler) {
        this.timeline = timeline;
        this.scheduler = scheduler;
    }

    Instant now() {
        return timeline.instant();
    }

    boolean expired(EcsServiceDeployment deployment) {
        return !now().isBefore(deadline(deployment));
    }

    /** Whether a stage with nothing left to do may end now; if not, a pass is planned for when it may. */
    boolean mayEnd(EcsServiceDeployment deployment) {
        Instant earliest = deployment.progress().since().plus(SHORTEST);
        if (now().isBefore(earliest)) {
            scheduler.passAt(deployment.service, earliest);
            return false;
        }
        return true;
    }

    private static Instant deadline(EcsServiceDeployment deployment) {
        EcsProgress progress = deployment.progress();
        Instant whole = deployment.createdAt.plus(DEPLOYMENT);
        Instant stage = progress.since().plus(STAGE);
        if (progress.back()) {
            return stage;
        }
        return progress.bakeSince() != null || whole.isBefore(stage) ? whole : stage;
    }

    /** Plans the passes that time alone makes necessary: hooks to invoke, the end of a bake, the limit. */
    void plan(EcsServiceDeployment deployment, Duration bake) {
        EcsProgress progress = deployment.progress();
        progress.hooks().stream()
                .filter(EcsHookRun::open)
                .forEach(run -> scheduler.passAt(deployment.service, run.due()));
        if (progress.bakeSince() != null) {
            scheduler.passAt(
                    deployment.service,
                    Objects.requireNonNull(progress.bakeSince()).plus(bake));
        }
        scheduler.passAt(deployment.service, deadline(deployment));
    }
}
