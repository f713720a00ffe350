package dev.slipway.diagnosis;

import dev.slipway.diagnosis.Evidence.ContainerEnd;
import dev.slipway.diagnosis.Evidence.StoppedTask;
import dev.slipway.id.ServiceId;
import java.util.ArrayList;
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
import software.amazon.awssdk.services.ecs.model.ListTasksResponse;
import software.amazon.awssdk.services.ecs.model.Task;

/**
 * Reads the tasks of a service that have stopped, which ECS shows for an hour: two calls for each hundred, one where there are none. They are found by
 * their task definitions, so also when the ECS service is gone.
 */
public final class StoppedTaskReader {
    private static final int MOST = 30;
    /** Of a hundred each. ECS lists them in no order that it tells of, so that the newest may be on any. */
    private static final int PAGES = 5;

    private final EcsClient ecs;

    public StoppedTaskReader(EcsClient ecs) {
        this.ecs = ecs;
    }

    /** The newest first. Of a service with more than five hundred of them those count that ECS happens to list first. */
    public List<StoppedTask> read(ServiceId service) {
        List<Task> stopped = new ArrayList<>();
        try {
            @Nullable String next = null;
            int read = 0;
            do {
                ListTasksResponse page = ecs.listTasks(ListTasksRequest.builder()
                        .cluster(service.environmentId().cluster())
                        .family(service.family())
                        .desiredStatus(DesiredStatus.STOPPED)
                        .nextToken(next)
                        .build());
                if (!page.taskArns().isEmpty()) {
                    stopped.addAll(ecs.describeTasks(DescribeTasksRequest.builder()
                                    .cluster(service.environmentId().cluster())
                                    .tasks(page.taskArns())
                                    .build())
                            .tasks());
                }
                next = page.nextToken();
                read++;
            } while (next != null && read < PAGES);
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
