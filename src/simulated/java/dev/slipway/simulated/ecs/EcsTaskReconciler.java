package dev.slipway.simulated.ecs;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

/** Starts and stops tasks of a service until there are as many as wanted. */
final class EcsTaskReconciler {
    private final EcsState state;
    private final EcsEvents events;
    private final EcsScheduler scheduler;

    EcsTaskReconciler(EcsState state, EcsEvents events, EcsScheduler scheduler) {
        this.state = state;
        this.events = events;
        this.scheduler = scheduler;
    }

    /** Has {@code entry} at {@code count} tasks: replaces what is missing, stops the least useful of too many. */
    void keep(EcsServiceRecord service, EcsDeployment entry, int count) {
        stopSurplus(service, entry, count);
        if (entry.startsTasks()) {
            start(service, entry, count - service.kept(entry).count());
        }
    }

    void stopSurplus(EcsServiceRecord service, EcsDeployment entry, int count) {
        List<EcsTask> tasks = service.kept(entry).toList();
        if (tasks.size() > count) {
            stop(
                    service,
                    leastUseful(tasks.stream()).limit(tasks.size() - count).toList());
        }
    }

    /** Whether {@code count} tasks of {@code entry} are there, all of them healthy. */
    boolean full(EcsServiceRecord service, EcsDeployment entry, int count) {
        return service.kept(entry).count() == count
                && service.kept(entry).filter(EcsTask::healthy).count() == count;
    }

    /** Starts {@code count} tasks, later when earlier ones have failed too often; nothing when it is zero or less. */
    void start(EcsServiceRecord service, EcsDeployment entry, long count) {
        if (count <= 0) {
            return;
        }
        Instant now = state.aws.clock().instant();
        if (now.isBefore(entry.noTaskBefore)) {
            scheduler.passAt(service, entry.noTaskBefore);
            return;
        }
        scheduler.startTasks(service, entry, (int) count);
    }

    /** Stops every task that does not belong to {@code entry}. */
    void stopOthers(EcsServiceRecord service, EcsDeployment entry) {
        stop(
                service,
                service.tasks.stream()
                        .filter(task -> task.entry != entry && task.wanted())
                        .toList());
    }

    void stop(EcsServiceRecord service, List<EcsTask> tasks) {
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
}
