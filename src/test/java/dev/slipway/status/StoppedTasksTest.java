package dev.slipway.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.alarm.AlarmStates;
import dev.slipway.diagnosis.Evidence;
import dev.slipway.diagnosis.StoppedTaskReader;
import dev.slipway.id.ServiceId;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.*;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;

/** ECS lists a hundred stopped tasks at a time in no order that it tells of: the newest are found all the same. */
class StoppedTasksTest {
    private static final ServiceId WEB = new ServiceId("dev", "web");
    private static final Instant FIRST = Instant.parse("2026-03-01T12:00:00Z");
    private static final int RUNNING = 4;

    /** Tasks of which one starts every ten seconds, and ends: the one with the highest number is the newest. */
    private static final class CrashLoop implements EcsClient {
        private final int stopped;
        private final int most;
        private int calls;

        CrashLoop(int stopped, int most) {
            this.stopped = stopped;
            this.most = most;
        }

        private static String id(int number) {
            return "%032x".formatted(number);
        }

        private static String arn(String id) {
            return "arn:aws:ecs:eu-central-1:123456789012:task/slipway-dev/" + id;
        }

        @Override
        public ListTasksResponse listTasks(ListTasksRequest request) {
            calls++;
            boolean ended = request.desiredStatus() == DesiredStatus.STOPPED;
            List<String> arns = (ended ? IntStream.range(0, stopped) : IntStream.range(stopped, stopped + RUNNING))
                    .mapToObj(number -> arn(id(number)))
                    .toList(); // so the oldest first
            int from = request.nextToken() == null ? 0 : Integer.parseInt(request.nextToken());
            int to = Math.min(arns.size(), from + 100);
            return ListTasksResponse.builder()
                    .taskArns(arns.subList(from, to))
                    .nextToken(to < arns.size() ? String.valueOf(to) : null)
                    .build();
        }

        @Override
        public DescribeTasksResponse describeTasks(DescribeTasksRequest request) {
            calls++;
            assertThat(request.tasks()).hasSizeBetween(1, 100).doesNotHaveDuplicates();
            return DescribeTasksResponse.builder()
                    .tasks(request.tasks().stream()
                            .map(task -> task(Integer.parseInt(task.substring(task.lastIndexOf('/') + 1), 16)))
                            .toList())
                    .build();
        }

        private Task task(int number) {
            Task.Builder task = Task.builder()
                    .taskArn(arn(id(number)))
                    .taskDefinitionArn("arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-dev-web:1")
                    .desiredStatus("RUNNING");
            return number >= stopped
                    ? task.build()
                    : task.desiredStatus("STOPPED")
                            .stopCode(TaskStopCode.ESSENTIAL_CONTAINER_EXITED)
                            .stoppedAt(FIRST.plusSeconds(10L * number))
                            .build();
        }

        @Override
        public DescribeServicesResponse describeServices(DescribeServicesRequest request) {
            calls++;
            List<ServiceEvent> events = new ArrayList<>();
            for (int number = stopped + RUNNING - 1; number >= 0 && events.size() < most; number--) {
                events.add(ServiceEvent.builder()
                        .createdAt(FIRST.plusSeconds(10L * number))
                        .message("(service web) has started 1 tasks: (task %s).".formatted(id(number)))
                        .build());
            }
            return DescribeServicesResponse.builder()
                    .services(Service.builder()
                            .serviceName("web")
                            .status("ACTIVE")
                            .runningCount(RUNNING)
                            .deployments(Deployment.builder()
                                    .rolloutState(DeploymentRolloutState.COMPLETED)
                                    .build())
                            .events(events)
                            .build())
                    .build();
        }

        @Override
        public String serviceName() {
            return "ecs";
        }

        @Override
        public void close() {}
    }

    private static <T> T unasked(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    throw new AssertionError("asked for " + method);
                }));
    }

    private static @Nullable Instant newest(Stream<@Nullable Instant> times) {
        return times.filter(Objects::nonNull).max(Comparator.naturalOrder()).orElse(null);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 90, 100, 101, 250, 600})
    void aStatusShowsTheNewestWithoutACallMore(int stopped) {
        CrashLoop ecs = new CrashLoop(stopped, 100);
        StatusReader reader = new StatusReader(
                ecs, unasked(ElasticLoadBalancingV2Client.class), new AlarmStates(unasked(CloudWatchClient.class)));

        List<Task> tasks = reader.read(WEB, false, List.of(), false).tasks();

        assertThat(tasks.stream().filter(task -> task.desiredStatus().equals("RUNNING")))
                .hasSize(RUNNING);
        assertThat(tasks.stream()
                        .map(Task::stoppedAt)
                        .filter(Objects::nonNull)
                        .sorted(Comparator.reverseOrder())
                        .limit(10))
                .containsExactlyElementsOf(IntStream.range(0, Math.min(10, stopped))
                        .mapToObj(back -> FIRST.plusSeconds(10L * (stopped - 1 - back)))
                        .toList());
        assertThat(ecs.calls).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 101, 250, 500})
    void aDiagnosisRestsOnTheNewest(int stopped) {
        List<Evidence.StoppedTask> tasks = new StoppedTaskReader(new CrashLoop(stopped, 100)).read(WEB);

        assertThat(newest(tasks.stream().map(Evidence.StoppedTask::stoppedAt)))
                .isEqualTo(FIRST.plusSeconds(10L * (stopped - 1)));
        assertThat(tasks).hasSize(Math.min(30, stopped));
    }

    @Test
    void aDiagnosisReadsFiveHundredAtTheMost() {
        CrashLoop ecs = new CrashLoop(5000, 100);

        assertThat(new StoppedTaskReader(ecs).read(WEB)).hasSize(30);
        assertThat(ecs.calls).isEqualTo(10);
    }
}
