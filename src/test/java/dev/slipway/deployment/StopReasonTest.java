package dev.slipway.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

class StopReasonTest {
    /** What GuardDuty puts beside a container is told to end when the container has ended. */
    @ParameterizedTest
    @CsvSource({
        "0, 143, web: exit code 0",
        "1, 137, web: exit code 1",
        "137, 0, web: exit code 137",
        ", 1, agent: exit code 1",
    })
    void ofAnAgentBesideTheContainerTheEndIsNotTold(@Nullable Integer own, int agent, String told) {
        Task task = Task.builder()
                .group("service:web")
                .stopCode(TaskStopCode.ESSENTIAL_CONTAINER_EXITED)
                .stoppedReason("Essential container in task exited")
                .containers(
                        Container.builder().name("agent").exitCode(agent).build(),
                        Container.builder().name("web").exitCode(own).build())
                .build();

        assertThat(StoppedTasks.reason(task)).isEqualTo("Essential container in task exited (" + told + ")");
    }
}
