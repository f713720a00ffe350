package dev.slipway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.id.ServiceId;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.DescribeTasksRequest;
import software.amazon.awssdk.services.ecs.model.DescribeTasksResponse;
import software.amazon.awssdk.services.ecs.model.Task;

final class OneOffTasksTest {
    private static final ServiceId SERVICE = new ServiceId("prod", "web");
    private static final Instant STARTED = Instant.parse("2026-03-01T10:00:00Z");
    private static final Rollout.Task TASK =
            new Rollout.Task("arn:aws:ecs:eu-west-1:123456789012:task/t", STARTED, null);

    /** A container that was killed before it began has no exit code, and ECS need not say why. */
    @Test
    void aTaskThatStoppedWithoutCodeOrReasonFailedWithASentence() {
        OneOffTasks tasks = new OneOffTasks(describing(Task.builder()
                .lastStatus("STOPPED")
                .containers(Container.builder().name("web").build())
                .build()));
        assertThat(tasks.status(SERVICE, TASK, STARTED))
                .isEqualTo(new OneOffTasks.Status.Failed(null, "ECS gives no reason."));
    }

    /** "The Amazon ECS API follows an eventual consistency model" (RunTask). */
    @Test
    void aTaskThatDoesNotShowYetRunsAndOneThatNeverShowsHasFailed() {
        OneOffTasks tasks = new OneOffTasks(describing());

        assertThat(tasks.status(SERVICE, TASK, STARTED.plusSeconds(179))).isEqualTo(new OneOffTasks.Status.Running());
        assertThat(tasks.status(SERVICE, TASK, STARTED.plusSeconds(180)))
                .isEqualTo(new OneOffTasks.Status.Failed(null, "ECS has no trace of it any more."));
    }

    private static EcsClient describing(Task... task) {
        return new EcsClient() {
            @Override
            public DescribeTasksResponse describeTasks(DescribeTasksRequest request) {
                return DescribeTasksResponse.builder().tasks(task).build();
            }

            @Override
            public String serviceName() {
                return "ecs";
            }

            @Override
            public void close() {}
        };
    }
}
