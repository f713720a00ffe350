package dev.slipway.diagnosis;

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
import software.amazon.awssdk.services.ecs.model.DescribeTasksRequest;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.ListTasksRequest;
import software.amazon.awssdk.services.ecs.model.Task;

/**
 * Reads the tasks of a service that have stopped, which ECS shows for an hour: two calls, one where there are none. They are found by
 * their task definitions, so also when the ECS service is gone.
 */
public final class StoppedTaskReader {
    private static final int MOST = 30;

    private final EcsClient ecs;

    public StoppedTaskReader(EcsClient ecs) {
        this.ecs = ecs;
    }

    /** The newest first. A service with more than a hundred of them shows a hundred, as ECS happens to list them. */
    public List<StoppedTask> read(ServiceId service) {
        try {
            List<String> arns = ecs.listTasks(ListTasksRequest.builder()
                            .cluster(service.environmentId().cluster())
                            .family(service.family())
                            .desiredStatus(DesiredStatus.STOPPED)
                            .build())
                    .taskArns();
            return arns.isEmpty()
                    ? List.of()
                    : ecs
                            .describeTasks(DescribeTasksRequest.builder()
                                    .cluster(service.environmentId().cluster())
                                    .tasks(arns)
                                    .build())
                            .tasks()
                            .stream()
                            .sorted(Comparator.comparing(
                                            Task::stoppedAt, Comparator.nullsFirst(Comparator.naturalOrder()))
                                    .reversed())
                            .limit(MOST)
                            .map(StoppedTaskReader::of)
                            .toList();
        } catch (ClusterNotFoundException e) {
            return List.of();
        }
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
