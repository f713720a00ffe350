package dev.slipway.diagnosis;

import dev.slipway.deployment.EcsDeployments;
import dev.slipway.diagnosis.Evidence.ContainerEnd;
import dev.slipway.diagnosis.Evidence.StoppedTask;
import dev.slipway.id.ServiceId;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ClusterNotFoundException;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.Task;

/**
 * Reads the tasks of a service that have stopped, which ECS shows for an hour: two calls for each hundred, one where there are none. They are found by
 * their task definitions, so also when the ECS service is gone.
 */
public final class StoppedTaskReader {
    private static final int MOST = 30;
    /** Of a hundred each. ECS lists them in no order that it tells of, so that the newest may be on any. */
    private static final int PAGES = 5;

    private final EcsDeployments deployments;

    public StoppedTaskReader(EcsClient ecs) {
        this.deployments = new EcsDeployments(ecs);
    }

    /** The newest first. Of a service with more than five hundred of them those count that ECS happens to list first. */
    public List<StoppedTask> read(ServiceId service) {
        List<Task> stopped;
        try {
            stopped = deployments.tasksOfFamily(service, DesiredStatus.STOPPED, PAGES);
        } catch (ClusterNotFoundException e) {
            return List.of();
        }
        return stopped.stream()
                .sorted(Comparator.comparing(Task::stoppedAt, Comparator.nullsFirst(Comparator.naturalOrder()))
                        .reversed())
                .limit(MOST)
                .map(StoppedTaskReader::of)
                .toList();
    }

    private static StoppedTask of(Task task) {
        return new StoppedTask(
                task.taskArn().substring(task.taskArn().lastIndexOf('/') + 1),
                task.taskDefinitionArn(),
                task.startedAt(),
                Stream.of(task.stoppedAt(), task.executionStoppedAt(), task.stoppingAt())
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null),
                orEmpty(task.stopCodeAsString()),
                orEmpty(task.stoppedReason()),
                orEmpty(task.capacityProviderName()),
                task.containers().stream()
                        .map(container -> new ContainerEnd(
                                container.name(),
                                container.exitCode(),
                                orEmpty(container.reason()),
                                orEmpty(container.healthStatusAsString())))
                        .toList());
    }

    static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
