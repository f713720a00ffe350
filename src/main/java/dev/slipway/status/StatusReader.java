package dev.slipway.status;

import dev.slipway.alarm.AlarmStates;
import dev.slipway.alarm.AlarmStates.WithCertificate;
import dev.slipway.aws.AwsErrors;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.TargetHealthReader;
import dev.slipway.id.ServiceId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ClusterNotFoundException;
import software.amazon.awssdk.services.ecs.model.DescribeTasksRequest;
import software.amazon.awssdk.services.ecs.model.DesiredStatus;
import software.amazon.awssdk.services.ecs.model.ListTasksRequest;
import software.amazon.awssdk.services.ecs.model.ListTasksResponse;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.ServiceEvent;
import software.amazon.awssdk.services.ecs.model.ServiceNotFoundException;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/**
 * Asks AWS how a service stands: six calls at most, those side by side that do not need each other. What one of them is refused is
 * told, and the others count all the same.
 */
final class StatusReader {
    /** As many as DescribeTasks takes. */
    private static final int BATCH = 100;
    /** So many of them are kept for those that have stopped. */
    private static final int STOPPED = 30;

    /** How events name tasks: "(service web) has started 1 tasks: (task 0123456789abcdef)." */
    private static final Pattern TASK = Pattern.compile("\\(task ([0-9A-Za-z-]+)\\)");

    private final EcsClient ecs;
    private final EcsDeployments deployments;
    private final TargetHealthReader targetHealth;
    private final AlarmStates alarms;

    StatusReader(EcsClient ecs, ElasticLoadBalancingV2Client elb, AlarmStates alarms) {
        this.ecs = ecs;
        this.deployments = new EcsDeployments(ecs);
        this.targetHealth = new TargetHealthReader(elb);
        this.alarms = alarms;
    }

    /**
     * What AWS told.
     *
     * @param service empty when ECS has none, or did not tell
     * @param told whether ECS did
     * @param tasks that run, start, or have stopped within the hour
     * @param targets by target group; null when the load balancer did not tell
     * @param alarms null when nothing watches the service; with those of its environment's certificates
     * @param unread what was not told, and why
     */
    record Observation(
            Optional<Service> service,
            boolean told,
            List<Task> tasks,
            @Nullable Map<String, List<TargetHealthDescription>> targets,
            @Nullable WithCertificate alarms,
            List<String> unread) {}

    /**
     * @param changing whether an operation of ours is under way
     * @param groups ARNs of its target groups, first the one where its tasks are while nothing is deployed
     * @param watched whether it has alarms
     */
    Observation read(ServiceId id, boolean changing, List<String> groups, boolean watched) {
        List<String> unread = new ArrayList<>();
        try (ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Optional<Service>> asked = calls.submit(() -> deployments.findActive(id));
            Future<Listed> listed = calls.submit(() -> list(id, DesiredStatus.RUNNING));
            @Nullable Future<WithCertificate> alarmed = watched ? calls.submit(() -> alarms.withCertificate(id)) : null;
            List<Future<List<TargetHealthDescription>>> health = new ArrayList<>();
            groups.stream()
                    .limit(1)
                    .map(group -> calls.submit(() -> targetHealth.of(group)))
                    .forEach(health::add);
            boolean told =
                    unread(unread, asked, "ECS did not tell of the service").isPresent();
            Optional<Service> service = told ? result(asked) : Optional.empty();
            boolean moving = changing
                    || service.filter(found -> !EcsDeployments.isSteady(found)).isPresent();
            boolean both =
                    moving || service.filter(found -> found.runningCount() > 0).isPresent() && hasNoTasks(health);
            @Nullable Future<Listed> ended = both ? null : calls.submit(() -> list(id, DesiredStatus.STOPPED));
            if (both) {
                groups.stream()
                        .skip(1)
                        .map(group -> calls.submit(() -> targetHealth.of(group)))
                        .forEach(health::add);
            }
            List<String> present = unread(unread, listed, "ECS did not list its tasks")
                    .map(Listed::arns)
                    .orElse(List.of());
            List<String> stopped = ended == null
                    ? List.of()
                    : unread(unread, ended, "ECS did not list its stopped tasks")
                            .map(found -> newestFirst(found, present, service))
                            .orElse(List.of());
            int room = BATCH - Math.min(stopped.size(), STOPPED);
            List<String> arns = Stream.concat(present.stream().limit(room), stopped.stream())
                    .toList();
            Future<List<Task>> described = calls.submit(() -> tasks(id, arns));
            List<Task> tasks =
                    unread(unread, described, "ECS did not tell of its tasks").orElse(List.of());
            @Nullable Map<String, List<TargetHealthDescription>> targets = groups.isEmpty() ? null : new TreeMap<>();
            for (int i = 0; i < health.size() && targets != null; i++) {
                Optional<List<TargetHealthDescription>> found =
                        unread(unread, health.get(i), "The load balancer did not tell of its targets");
                if (found.isEmpty()) {
                    targets = null;
                } else {
                    targets.put(groups.get(i), found.get());
                }
            }
            return new Observation(
                    service,
                    told,
                    tasks,
                    targets,
                    alarmed == null
                            ? null
                            : unread(unread, alarmed, "CloudWatch did not tell").orElse(null),
                    unread);
        }
    }

    /** A deployment outside Slipway may have left the tasks in the other target group. */
    private static boolean hasNoTasks(List<Future<List<TargetHealthDescription>>> health) {
        return !health.isEmpty()
                && unread(new ArrayList<>(), health.getFirst(), "") // who asks for it again is told
                        .filter(targets -> targets.stream()
                                .allMatch(target -> target.targetHealth().state() == TargetHealthStateEnum.DRAINING))
                        .isPresent();
    }

    private static <T> T result(Future<T> call) {
        return call.resultNow();
    }

    /** The result of a call; empty when AWS refused it, which is told. What is a fault of ours is thrown. */
    private static <T> Optional<T> unread(List<String> unread, Future<T> call, String what) {
        try {
            return Optional.of(call.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SdkException refused) {
                unread.add(what + ": "
                        + AwsErrors.failure(refused)
                                .map(failure -> failure.problem().detail())
                                .orElse("it did not answer."));
                return Optional.empty();
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** @param more whether there are others, which are not listed */
    private record Listed(List<String> arns, boolean more) {}

    private Listed list(ServiceId id, DesiredStatus status) {
        try {
            ListTasksResponse answer = ecs.listTasks(ListTasksRequest.builder()
                    .cluster(id.environmentId().cluster())
                    .serviceName(id.service())
                    .desiredStatus(status)
                    .maxResults(BATCH)
                    .build());
            return new Listed(answer.taskArns(), answer.nextToken() != null);
        } catch (ServiceNotFoundException | ClusterNotFoundException e) {
            return new Listed(List.of(), false);
        }
    }

    /**
     * ECS lists tasks in no order that it tells of, and only a hundred at a time. Which were there last, the service's events tell: they
     * name every task that is started, and what was started last and does not run has stopped last.
     */
    private static List<String> newestFirst(Listed stopped, List<String> present, Optional<Service> service) {
        Map<String, String> rest = new LinkedHashMap<>();
        stopped.arns().forEach(arn -> rest.put(task(arn), arn));
        Set<String> running = present.stream().map(StatusReader::task).collect(Collectors.toSet());
        Set<String> newest = new LinkedHashSet<>();
        service.map(Service::events).orElse(List.of()).stream()
                .sorted(Comparator.comparing(ServiceEvent::createdAt).reversed())
                .flatMap(event -> TASK.matcher(event.message()).results())
                .map(found -> found.group(1))
                .filter(task -> !running.contains(task))
                .forEach(task -> {
                    @Nullable String arn = rest.remove(task);
                    if (arn != null) {
                        newest.add(arn);
                    } else if (stopped.more() && newest.size() < BATCH) {
                        newest.add(task); // DescribeTasks takes ids, too
                    }
                });
        return Stream.concat(newest.stream(), rest.values().stream()).toList();
    }

    private static String task(String arn) {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }

    private List<Task> tasks(ServiceId id, List<String> arns) {
        return arns.isEmpty()
                ? List.of()
                : ecs.describeTasks(DescribeTasksRequest.builder()
                                .cluster(id.environmentId().cluster())
                                .tasks(arns.stream().limit(BATCH).toList())
                                .build())
                        .tasks();
    }
}
