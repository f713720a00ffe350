package dev.slipway.simulated;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DeploymentConfiguration;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

/**
 * The rolling update ("Deploy Amazon ECS services by replacing tasks"): new tasks start while the sum stays within the
 * maximum percent (rounded down), old ones stop while the healthy ones stay above the minimum (rounded up).
 */
final class EcsRollingProcess implements EcsDeploymentProcess {
    private final EcsState state;
    private final EcsEvents events;
    private final EcsScheduler scheduler;

    EcsRollingProcess(EcsState state, EcsEvents events, EcsScheduler scheduler) {
        this.state = state;
        this.events = events;
        this.scheduler = scheduler;
    }

    @Override
    public void pass(EcsServiceRecord service) {
        EcsEntry primary = service.primary();
        List<EcsTask> fresh = service.kept(primary).toList();
        if (fresh.size() > service.desiredCount) {
            stop(
                    service,
                    leastUseful(fresh.stream())
                            .limit(fresh.size() - service.desiredCount)
                            .toList());
        }
        if (primary.startsTasks()) {
            replaceOld(service, primary);
            startMissing(service, primary);
        }
        boolean full = service.kept(primary).filter(EcsTask::healthy).count() == service.desiredCount
                && service.kept(primary).count() == service.desiredCount;
        if (!full || !primary.startsTasks()) {
            service.steady = false;
        } else if (service.tasks.stream().allMatch(task -> task.entry == primary && task.wanted())) {
            scheduler.arrived(service);
        }
    }

    private void replaceOld(EcsServiceRecord service, EcsEntry primary) {
        List<EcsTask> old = service.tasks.stream()
                .filter(task -> task.entry != primary && task.wanted())
                .toList();
        if (old.isEmpty()) {
            return;
        }
        // What serves nobody can go at once.
        stop(service, old.stream().filter(task -> !task.healthy()).toList());
        long healthy = service.tasks.stream().filter(EcsTask::healthy).count();
        long room = Math.max(0, healthy - atLeast(service));
        stop(service, old.stream().filter(EcsTask::healthy).limit(room).toList());
    }

    private void startMissing(EcsServiceRecord service, EcsEntry primary) {
        long kept = service.tasks.stream().filter(EcsTask::wanted).count();
        long missing = service.desiredCount - service.kept(primary).count();
        long count = Math.min(missing, atMost(service) - kept);
        if (count <= 0) {
            return;
        }
        Instant now = state.aws.timeline().instant();
        if (now.isBefore(primary.noTaskBefore)) {
            scheduler.passAt(service, primary.noTaskBefore);
            return;
        }
        scheduler.startTasks(service, primary, (int) count);
    }

    private void stop(EcsServiceRecord service, List<EcsTask> tasks) {
        if (tasks.isEmpty()) {
            return;
        }
        String ids = String.join(
                " ", tasks.stream().map(task -> "(task %s)".formatted(task.id)).toList());
        events.message(service, "has stopped %d running tasks: %s.".formatted(tasks.size(), ids));
        String reason = "Scaling activity initiated by (deployment %s)".formatted(service.primary().id);
        tasks.forEach(task -> scheduler.stop(task, TaskStopCode.SERVICE_SCHEDULER_INITIATED, reason));
        events.message(service, "has begun draining connections on %d tasks.".formatted(tasks.size()));
    }

    /** Those that serve nobody first, then the newest. */
    private static Stream<EcsTask> leastUseful(Stream<EcsTask> tasks) {
        return tasks.sorted(Comparator.comparing(EcsTask::healthy)
                .thenComparing((EcsTask task) -> task.createdAt, Comparator.reverseOrder()));
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
