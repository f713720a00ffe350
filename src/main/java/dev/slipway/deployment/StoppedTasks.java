package dev.slipway.deployment;

import dev.slipway.id.ServiceId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

/** Tasks of a service that have stopped. ECS shows them for about an hour. */
public record StoppedTasks(EcsClient ecs) {
    /** So many are looked at; in a service that loses more within an hour, these tell enough. */
    private static final int PAGES = 3;

    /**
     * A task that stopped though nobody wanted it to.
     *
     * @param at when it began to stop
     * @param reason in ECS's words, with the exit code of its container where there is one
     */
    public record Failure(Instant at, String reason) {}

    /**
     * Those since then, of which the container ended by itself, did not start, or failed its health checks: not those that ECS
     * or a person took away, nor Spot capacity that AWS wanted back. The oldest first.
     *
     * @param ours whether a task definition is the one that is meant
     */
    public List<Failure> failures(ServiceId id, Predicate<String> ours, Instant since) {
        return new EcsDeployments(ecs)
                .tasks(id, DesiredStatus.STOPPED, PAGES).stream()
                        .filter(task -> ours.test(task.taskDefinitionArn()) && isFailure(task))
                        .map(task -> new Failure(stoppedAt(task, since), reason(task)))
                        .filter(failure -> !failure.at().isBefore(since))
                        .sorted(Comparator.comparing(Failure::at))
                        .toList();
    }

    /** When it began to stop, or had stopped. */
    public static Instant stoppedAt(Task task, Instant otherwise) {
        if (task.stoppingAt() != null) {
            return task.stoppingAt();
        }
        return task.stoppedAt() != null ? task.stoppedAt() : otherwise;
    }

    /**
     * Whether it stopped though nobody wanted it to.
     * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
     */
    public static boolean isFailure(Task task) {
        TaskStopCode code = task.stopCode();
        String reason = lower(task.stoppedReason());
        return switch (code) {
            case null -> false;
            case ESSENTIAL_CONTAINER_EXITED -> true;
            case TASK_FAILED_TO_START -> !reason.contains("capacity");
            case SERVICE_SCHEDULER_INITIATED -> reason.contains("health checks");
            case USER_INITIATED, SPOT_INTERRUPTION, TERMINATION_NOTICE, UNKNOWN_TO_SDK_VERSION -> false;
        };
    }

    /**
     * Why it stopped, in ECS's words, with the exit code of its container where there is one: the service's, which has the service's name, not
     * that of an agent beside it, which ends because the task does.
     */
    public static String reason(Task task) {
        String reason = task.stoppedReason() == null ? "ECS gives no reason" : task.stoppedReason();
        String service = ServiceId.nameInTaskGroup(task.group()).orElse("");
        return task.containers().stream()
                .sorted(Comparator.comparing(container -> !service.equals(container.name())))
                .filter(container -> container.exitCode() != null
                        && (container.exitCode() != 0 || task.stopCode() == TaskStopCode.ESSENTIAL_CONTAINER_EXITED))
                .findFirst()
                .map(container -> "%s (%s: exit code %d%s)"
                        .formatted(
                                reason,
                                container.name(),
                                container.exitCode(),
                                container.reason() == null ? "" : ", " + container.reason()))
                .orElse(reason);
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }
}
