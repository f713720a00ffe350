package dev.slipway.simulated.ecs;

/** What ECS asks for on each revision while a deployment is on its way: tasks and traffic. */
final class EcsRequestedState {
    private EcsRequestedState() {}

    /** In stages both revisions are at full count between the scale-up and the clean-up. */
    static int tasks(EcsServiceRecord service, EcsRevision revision) {
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing == null || !ongoing.staged()) {
            return service.primary().revision.equals(revision) ? service.desiredCount : 0;
        }
        EcsProgress progress = ongoing.progress();
        boolean cleaning = progress.stage() == EcsStage.CLEAN_UP;
        boolean wanted = ongoing.target.revision.equals(revision)
                ? progress.stage().reached(EcsStage.SCALE_UP) && !(progress.back() && cleaning)
                : source(ongoing, revision) && (progress.back() || !cleaning);
        return wanted ? service.desiredCount : 0;
    }

    /** 0–100. */
    static double testPercent(EcsServiceDeployment deployment, EcsRevision revision) {
        return percent(deployment, revision, deployment.progress().testPercent());
    }

    /** 0–100. */
    static double productionPercent(EcsServiceDeployment deployment, EcsRevision revision) {
        return percent(deployment, revision, deployment.progress().productionPercent());
    }

    private static double percent(EcsServiceDeployment deployment, EcsRevision revision, double ofTarget) {
        if (deployment.target.revision.equals(revision)) {
            return ofTarget;
        }
        return source(deployment, revision) ? Math.round((100 - ofTarget) * 10) / 10.0 : 0;
    }

    private static boolean source(EcsServiceDeployment deployment, EcsRevision revision) {
        return deployment.source != null && deployment.source.revision.equals(revision);
    }
}
