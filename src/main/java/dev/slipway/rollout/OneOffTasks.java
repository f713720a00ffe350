package dev.slipway.rollout;

import dev.slipway.deployment.DeploymentPolicy;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.id.ServiceId;
import dev.slipway.release.Release;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.AssignPublicIp;
import software.amazon.awssdk.services.ecs.model.AwsVpcConfiguration;
import software.amazon.awssdk.services.ecs.model.CapacityProviderStrategyItem;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.ContainerOverride;
import software.amazon.awssdk.services.ecs.model.DescribeTasksRequest;
import software.amazon.awssdk.services.ecs.model.NetworkConfiguration;
import software.amazon.awssdk.services.ecs.model.PropagateTags;
import software.amazon.awssdk.services.ecs.model.RunTaskRequest;
import software.amazon.awssdk.services.ecs.model.RunTaskResponse;
import software.amazon.awssdk.services.ecs.model.StopTaskRequest;
import software.amazon.awssdk.services.ecs.model.Task;

/** One-off tasks of a release, for migrations: the release's own image, roles, network and variables, another command. */
record OneOffTasks(EcsClient ecs) {
    static final Duration POLL_INTERVAL = Duration.ofSeconds(30);
    /** SIGTERM, at most 120 s, SIGKILL, and some time until ECS shows it. */
    static final Duration STOPS_WITHIN = Duration.ofMinutes(5);

    /** What is to be seen of a task. */
    sealed interface Status {
        record Running() implements Status {}

        record Succeeded() implements Status {}

        record Failed(@Nullable Integer exitCode, String reason) implements Status {}
    }

    /**
     * Starts the task. The token makes it one task however often this is called (RunTask keeps tokens for 24 hours).
     *
     * @return its ARN
     */
    String run(RolloutContext context, Release release, RolloutSettings.Before before) {
        ServiceId service = context.rollout().value().service();
        RunTaskResponse answer = ecs.runTask(RunTaskRequest.builder()
                .cluster(service.environmentId().cluster())
                .taskDefinition(release.taskDefinition())
                .clientToken("before-" + context.rollout().value().id())
                .startedBy("slipway/" + context.rollout().value().id())
                .group("before:" + service.service())
                .count(1)
                .capacityProviderStrategy(CapacityProviderStrategyItem.builder()
                        .capacityProvider("FARGATE")
                        .weight(1)
                        .build())
                .networkConfiguration(NetworkConfiguration.builder()
                        .awsvpcConfiguration(AwsVpcConfiguration.builder()
                                .subnets(Arrays.asList(
                                        context.environmentOutput("TaskSubnets").split(",")))
                                .securityGroups(context.output("TaskSecurityGroup"))
                                .assignPublicIp(AssignPublicIp.fromValue(context.environmentOutput("AssignPublicIp")))
                                .build())
                        .build())
                .propagateTags(PropagateTags.TASK_DEFINITION)
                .overrides(override -> override.containerOverrides(ContainerOverride.builder()
                        .name(service.service())
                        .command(before.command())
                        .build()))
                .build());
        if (answer.tasks().isEmpty()) {
            throw new IllegalStateException("ECS started no task: " + answer.failures());
        }
        return answer.tasks().getFirst().taskArn();
    }

    Status status(ServiceId service, Rollout.Task task, Instant now) {
        var answer = ecs.describeTasks(DescribeTasksRequest.builder()
                .cluster(service.environmentId().cluster())
                .tasks(task.arn())
                .build());
        if (answer.tasks().isEmpty()) {
            Instant started = task.startedAt();
            return started != null
                            && started.plus(DeploymentPolicy.VISIBLE_WITHIN).isAfter(now)
                    ? new Status.Running() // RunTask's tasks show after a while
                    : new Status.Failed(null, "ECS has no trace of it any more.");
        }
        Task found = answer.tasks().getFirst();
        if (!"STOPPED".equals(found.lastStatus())) {
            return new Status.Running();
        }
        Integer exitCode = found.containers().stream()
                .filter(container -> service.service().equals(container.name()))
                .map(Container::exitCode)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        return exitCode != null && exitCode == 0
                ? new Status.Succeeded()
                : new Status.Failed(
                        exitCode,
                        exitCode == null
                                ? Objects.requireNonNullElse(found.stoppedReason(), "ECS gives no reason.")
                                : "Its container ended with exit code %d.".formatted(exitCode));
    }

    /** Asks for its end; asking again changes nothing. */
    void stop(ServiceId service, Rollout.Task task, String reason) {
        ecs.stopTask(StopTaskRequest.builder()
                .cluster(service.environmentId().cluster())
                .task(task.arn())
                .reason(reason)
                .build());
    }
}
