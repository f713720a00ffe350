package dev.slipway.simulated.ecs;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DeploymentConfiguration;

/**
 * The rolling update ("Deploy Amazon ECS services by replacing tasks"): new tasks start while the sum stays within the
 * maximum percent (rounded down), old ones stop while the healthy ones stay above the minimum (rounded up).
 */
final class EcsRollingProcess implements EcsDeploymentProcess {
    private final EcsScheduler scheduler;
    private final EcsTaskReconciler keeper;

    EcsRollingProcess(EcsScheduler scheduler, EcsTaskReconciler keeper) {
        this.scheduler = scheduler;
        this.keeper = keeper;
    }

    @Override
    public void pass(EcsServiceRecord service) {
        EcsDeployment primary = service.primary();
        keeper.stopSurplus(service, primary, service.desiredCount);
        if (primary.startsTasks()) {
            replaceOld(service, primary);
            startMissing(service, primary);
        }
        boolean full = keeper.full(service, primary, service.desiredCount);
        if (!full || !primary.startsTasks()) {
            service.steady = false;
        } else if (service.tasks.stream().allMatch(task -> task.entry == primary && task.wanted())) {
            scheduler.arrived(service);
        }
    }

    private void replaceOld(EcsServiceRecord service, EcsDeployment primary) {
        List<EcsTask> old = service.tasks.stream()
                .filter(task -> task.entry != primary && task.wanted())
                .toList();
        if (old.isEmpty()) {
            return;
        }
        // What serves nobody can go at once.
        keeper.stop(
                service,
                old.stream()
                        .filter(task -> !task.healthy() || besideTheTraffic(task, primary))
                        .toList());
        long healthy = service.tasks.stream().filter(EcsTask::healthy).count();
        long room = Math.max(0, healthy - atLeast(service));
        keeper.stop(service, old.stream().filter(EcsTask::healthy).limit(room).toList());
    }

    private void startMissing(EcsServiceRecord service, EcsDeployment primary) {
        long kept = service.tasks.stream().filter(EcsTask::wanted).count();
        long missing = service.desiredCount - service.kept(primary).count();
        keeper.start(service, primary, Math.min(missing, atMost(service) - kept));
    }

    /** On the other target group, left there by a deployment that was shifting traffic and has lost it. */
    private static boolean besideTheTraffic(EcsTask task, EcsDeployment primary) {
        return task.entry != null
                && task.entry.completedAt == null
                && !task.entry.revision.targetGroups().equals(primary.revision.targetGroups());
    }

    private static long atLeast(EcsServiceRecord service) {
        return Math.ceilDiv(
                (long) service.desiredCount * percent(service.configuration.minimumHealthyPercent(), 100), 100L);
    }

    private static long atMost(EcsServiceRecord service) {
        DeploymentConfiguration configuration = service.configuration;
        return (long) service.desiredCount * percent(configuration.maximumPercent(), 200) / 100;
    }

    private static int percent(@Nullable Integer configured, int otherwise) {
        return configured == null ? otherwise : configured;
    }
}
