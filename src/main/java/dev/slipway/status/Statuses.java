package dev.slipway.status;

import dev.slipway.alarm.AlarmState;
import dev.slipway.alarm.AlarmStates;
import dev.slipway.aws.AnswerCache;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.RolloutSettings;
import dev.slipway.deployment.StoppedTasks;
import dev.slipway.diagnosis.Evidence.Origin;
import dev.slipway.diagnosis.Evidence.Statement;
import dev.slipway.diagnosis.Symptoms;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.logs.Redaction;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.problem.Problem;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.scaling.ScalingSettings.Limits;
import dev.slipway.service.Clients;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.stack.Leftover;
import dev.slipway.status.ServiceStatus.RunningTask;
import dev.slipway.status.ServiceStatus.StoppedTask;
import dev.slipway.status.ServiceStatus.TargetCounts;
import dev.slipway.status.ServiceStatus.TaskCounts;
import dev.slipway.status.StatusPolicy.Assessment;
import dev.slipway.status.StatusPolicy.Failure;
import dev.slipway.status.StatusPolicy.RegisteredTarget;
import dev.slipway.status.StatusPolicy.Running;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** Tells how services and environments stand. */
public final class Statuses {
    /** Who looks again within it sees the same, and AWS is not asked. */
    static final Duration CACHED = Duration.ofSeconds(5);

    private static final int MOST_CACHED = 500;
    private static final int RELEASES = 50;
    private static final int ROLLOUTS = 10;
    private static final int STOPS = 10;
    /** So long CloudWatch may take until it has the first minutes of what is new. */
    private static final Duration ALARMS_SEE_WITHIN = Duration.ofMinutes(10);

    private static final List<HealthState> TROUBLE =
            List.of(HealthState.DOWN, HealthState.DEGRADED, HealthState.UNKNOWN);

    private final Store store;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final StatusReader reader;
    private final AlarmStates alarms;
    private final Function<ServiceId, Optional<String>> pipelineFailures;
    private final InstantSource clock;
    private final AnswerCache<ServiceId, ServiceStatus> cached = new AnswerCache<>(CACHED, MOST_CACHED);

    /** @param pipelineFailures what the pipeline of a service failed at last, in a sentence, as far as that environment goes */
    public Statuses(
            Store store,
            Operations operations,
            Environments environments,
            Services services,
            Clients clients,
            Function<ServiceId, Optional<String>> pipelineFailures,
            InstantSource clock) {
        this.store = store;
        this.operations = operations;
        this.environments = environments;
        this.services = services;
        this.alarms = new AlarmStates(clients.cloudWatch());
        this.reader = new StatusReader(clients.ecs(), clients.elb(), alarms);
        this.pipelineFailures = pipelineFailures;
        this.clock = clock;
    }

    /** How a service stands, as AWS says now or said a few seconds ago. */
    public ServiceStatus of(ServiceId id) {
        ServiceRecord record = services.get(id);
        Instant now = clock.instant();
        Optional<ServiceStatus> before = cached.find(id, now);
        if (before.isPresent()) {
            return before.get();
        }
        ServiceStatus status = look(record, now);
        cached.put(id, status, now);
        return status;
    }

    /** Why a service is not well: what its diagnosis has to account for. */
    public Symptoms symptoms(ServiceId id) {
        ServiceStatus status = of(id);
        AlarmState alarms = status.alarms();
        return new Symptoms(
                status.reasons().stream()
                        .filter(reason -> TROUBLE.contains(reason.state()))
                        .map(reason -> new Statement(Origin.STATUS, status.checkedAt(), reason.message()))
                        .toList(),
                alarms != null && !alarms.told()
                        ? Stream.concat(status.unread().stream(), Stream.of(alarms.summary()))
                                .toList()
                        : status.unread());
    }

    private ServiceStatus look(ServiceRecord record, Instant now) {
        ServiceId id = record.id();
        Optional<Operation> running = operations.findChanging(id);
        List<Rollout> rollouts =
                store.list(id.partition(), Rollout.SORT, Rollout.ITEM_TYPE, true, ROLLOUTS, null).items().stream()
                        .map(Stored::value)
                        .toList();
        StatusReader.Observation seen = reader.read(
                id,
                running.isPresent(),
                groups(record, rollouts),
                record.declared().alarms().enabled());
        Map<String, Integer> releases = releases(id);
        Optional<Rollout> underWay =
                rollouts.stream().filter(Rollout::isRunning).findFirst();
        Optional<Service> service = seen.service();
        Optional<TrafficSplit> split = underWay.flatMap(rollout ->
                service.flatMap(found -> TrafficSplit.of(rollout, found, isRelease(releases, rollout.release()))));
        List<Task> present =
                seen.tasks().stream().filter(task -> !isStopped(task)).toList();
        List<Task> failed = seen.tasks().stream()
                .filter(task -> isStopped(task) && StoppedTasks.isFailure(task))
                .toList();
        Map<String, String> byAddress = byAddress(present);
        @Nullable String live = live(seen, byAddress);
        List<RegisteredTarget> targets = registered(
                seen.targets(), split.map(found -> found.most().group()).orElse(null), live, byAddress);
        @Nullable
        AlarmState alarms = seen.alarms() == null ? null : seen.alarms().service();
        Optional<StatusRecord> recorded = store.get(StatusRecord.key(id)).map(Stored::value);
        TaskCounts counts = service.map(
                        found -> new TaskCounts(found.desiredCount(), found.runningCount(), found.pendingCount()))
                .orElse(null);
        Assessment assessment = StatusPolicy.assess(StatusPolicySnapshotBuilder.builder()
                .path(id.path())
                .live(record.live() != null)
                .running(running.map(operation -> running(operation, underWay)).orElse(null))
                .lastFailure(lastFailure(id, Rollout.needless(rollouts)))
                .leftover(leftover(id))
                .counts(counts)
                .gone(seen.told() && service.isEmpty())
                .steady(service.filter(EcsDeployments::isSteady).isPresent())
                .targets(seen.targets() == null || counts == null ? null : targets)
                .shares(split.flatMap(found -> service.map(asked -> shares(found, asked, seen.targets(), releases)))
                        .orElse(List.of()))
                .stops(stops(ofItsRelease(failed, service, releases), releases, now))
                .alarms(alarms)
                .certificates(seen.alarms() == null ? null : seen.alarms().certificate())
                .mostTasks(mostTasks(record, now))
                .pipelineFailure(pipelineFailures
                        .apply(id)
                        .map(detail -> new Failure(new PipelineId(id.service()).path(), Redaction.shorten(detail)))
                        .orElse(null))
                .alarmsAreNew(alarms != null
                        && alarms.isNoTasksAlone()
                        && isFirstRelease(store, record, running.orElse(null), now))
                .startsFromNone(
                        recorded.filter(found -> found.startsFromNone(now)).isPresent())
                .unread(seen.unread())
                .now(now)
                .build());
        return new ServiceStatus(
                id.service(),
                id.environment(),
                assessment.state(),
                recorded.filter(found -> found.state() == assessment.state())
                        .map(StatusRecord::since)
                        .orElse(null),
                now,
                split.map(found -> found.most().release()).orElse(live == null ? null : releases.get(live)),
                assessment.reasons(),
                counts,
                running(present, seen.targets(), releases),
                stops(failed.stream(), releases, now).stream().limit(STOPS).toList(),
                counted(targets),
                alarms,
                seen.unread());
    }

    private static boolean isStopped(Task task) {
        return "STOPPED".equals(task.desiredStatus());
    }

    /** Task definitions by the addresses of their tasks. */
    private static Map<String, String> byAddress(List<Task> tasks) {
        Map<String, String> found = new HashMap<>();
        for (Task task : tasks) {
            EcsDeployments.address(task).ifPresent(address -> found.put(address, task.taskDefinitionArn()));
        }
        return found;
    }

    /**
     * The targets of a service but for those that drain, each matched with its task by the address.
     *
     * @param targets by target group; null when the load balancer did not tell
     * @param mostly the group that has most of the requests while a rollout divides them; null while none does
     * @param live the task definition that most requests reach; null when none is known
     * @param byAddress task definitions
     */
    private static List<RegisteredTarget> registered(
            @Nullable Map<String, List<TargetHealthDescription>> targets,
            @Nullable String mostly,
            @Nullable String live,
            Map<String, String> byAddress) {
        List<RegisteredTarget> registered = new ArrayList<>();
        if (targets != null) {
            targets.forEach((group, found) -> found.stream()
                    .filter(target -> target.targetHealth().state() != TargetHealthStateEnum.DRAINING)
                    .forEach(target -> {
                        String definition = byAddress.get(target.target().id());
                        registered.add(new RegisteredTarget(
                                target.target().availabilityZone(),
                                target.targetHealth().stateAsString(),
                                target.targetHealth().reasonAsString(),
                                mostly != null
                                        ? mostly.equals(group)
                                        : live == null || definition == null || definition.equals(live)));
                    }));
        }
        return registered;
    }

    /** Tasks, the oldest first, with what the load balancer says of each. */
    private static List<RunningTask> running(
            List<Task> tasks,
            @Nullable Map<String, List<TargetHealthDescription>> targets,
            Map<String, Integer> releases) {
        Map<String, TargetHealthDescription> health = new HashMap<>();
        if (targets != null) {
            targets.values()
                    .forEach(found ->
                            found.forEach(target -> health.put(target.target().id(), target)));
        }
        return tasks.stream()
                .sorted(Comparator.comparing(Task::createdAt, Comparator.nullsLast(Comparator.naturalOrder())))
                .map(task -> new RunningTask(
                        task.taskArn().substring(task.taskArn().lastIndexOf('/') + 1),
                        releases.get(task.taskDefinitionArn()),
                        task.availabilityZone(),
                        task.lastStatus(),
                        task.startedAt(),
                        EcsDeployments.address(task)
                                .map(health::get)
                                .map(Statuses::text)
                                .orElse(null)))
                .toList();
    }

    /** Those of the release that ECS is to run. */
    private static Stream<Task> ofItsRelease(
            List<Task> tasks, Optional<Service> service, Map<String, Integer> releases) {
        @Nullable String own = service.map(Service::taskDefinition).orElse(null);
        @Nullable Integer release = own == null ? null : releases.get(own);
        return tasks.stream()
                .filter(task -> task.taskDefinitionArn().equals(own)
                        || release != null && release.equals(releases.get(task.taskDefinitionArn())));
    }

    /** What scaling may reach now; null when the load changes nothing. */
    private static @Nullable Integer mostTasks(ServiceRecord record, Instant now) {
        return Optional.ofNullable(record.declared().scaling())
                .map(scaling -> scaling.limits(now))
                .filter(limits -> !limits.isFixed())
                .map(Limits::max)
                .orElse(null);
    }

    /** The newest first. */
    static List<StoppedTask> stops(Stream<Task> tasks, Map<String, Integer> releases, Instant now) {
        return tasks.map(task -> stop(task, releases.get(task.taskDefinitionArn()), now))
                .sorted(Comparator.comparing(StoppedTask::at).reversed())
                .toList();
    }

    private static StoppedTask stop(Task task, @Nullable Integer release, Instant now) {
        return new StoppedTask(
                StoppedTasks.stoppedAt(task, now), release, task.availabilityZone(), StoppedTasks.reason(task));
    }

    private static String text(TargetHealthDescription target) {
        String reason = target.targetHealth().reasonAsString();
        return target.targetHealth().stateAsString() + (reason == null ? "" : " (" + reason + ")");
    }

    private static Map<String, TargetCounts> counted(List<RegisteredTarget> targets) {
        return targets.stream()
                .collect(Collectors.groupingBy(
                        target -> target.zone() == null ? "unknown" : target.zone(),
                        TreeMap::new,
                        Collectors.collectingAndThen(Collectors.toList(), all -> {
                            int healthy = (int) all.stream()
                                    .filter(RegisteredTarget::isHealthy)
                                    .count();
                            int unhealthy = (int) all.stream()
                                    .filter(RegisteredTarget::isUnhealthy)
                                    .count();
                            return new TargetCounts(healthy, unhealthy, all.size() - healthy - unhealthy);
                        })));
    }

    /** A rollout under way is told with how far it is. */
    private static Running running(Operation operation, Optional<Rollout> rollout) {
        return rollout.map(found -> new Running(
                        found.service().path() + "/rollouts/" + found.id(),
                        "A rollout%s is under way, in phase %s%s."
                                .formatted(
                                        found.release() == null ? "" : " of release " + found.release(),
                                        operation.phase(),
                                        found.progress().stage() == null
                                                ? ""
                                                : " with %s %% of the traffic"
                                                        .formatted(RolloutSettings.plain(found.progress()
                                                                .stage()
                                                                .percent()))),
                        false))
                .orElseGet(() -> Running.of(operation));
    }

    /**
     * What was asked for last, where it is not so.
     *
     * @param passedOver rollouts that changed nothing, and so say nothing of what was asked for before them
     */
    private @Nullable Failure lastFailure(Target target, Set<String> passedOver) {
        return operations
                .lastEnded(target, passedOver)
                .filter(operation -> operation.state() == Operation.State.FAILED)
                .map(operation -> {
                    Problem problem = operation.failure();
                    String rollout = operation.rollout();
                    return new Failure(
                            rollout == null ? operation.path() : target.path() + "/rollouts/" + rollout,
                            (problem != null && problem.code().equals("cancelled")
                                            ? "What was asked for last was cancelled: "
                                            : "What was asked for last has failed: ")
                                    + (problem == null ? "" : problem.detail()));
                })
                .orElse(null);
    }

    /** What the latest apply could not delete. */
    private @Nullable Failure leftover(Target target) {
        return operations
                .lastWithLeftovers(target)
                .map(operation -> new Failure(
                        operation.path(),
                        operation.leftovers().stream().map(Leftover::sentence).collect(Collectors.joining(" "))))
                .orElse(null);
    }

    /** Numbers by ARN of the task definition. */
    private Map<String, Integer> releases(ServiceId id) {
        Map<String, Integer> found = new HashMap<>();
        store.list(id.partition(), Release.SORT, Release.ITEM_TYPE, true, RELEASES, null)
                .items()
                .forEach(release -> Stream.concat(
                                Stream.of(release.value().taskDefinition()),
                                release.value().formerTaskDefinitions().stream())
                        .forEach(definition ->
                                found.putIfAbsent(definition, release.value().number())));
        return found;
    }

    /** The service's target groups; first the one in which its tasks are, as the newest rollout that says so has left it. */
    private static List<String> groups(ServiceRecord record, List<Rollout> rollouts) {
        String a = record.outputs().get("TargetGroupA");
        String b = record.outputs().get("TargetGroupB");
        if (a == null || b == null) {
            return List.of();
        }
        return rollouts.stream()
                        .map(Rollout::targetGroupAtItsEnd)
                        .flatMap(Stream::ofNullable)
                        .findFirst()
                        .filter(b::equals)
                        .isPresent()
                ? List.of(b, a)
                : List.of(a, b);
    }

    private static Predicate<String> isRelease(Map<String, Integer> releases, @Nullable Integer number) {
        return definition -> number != null && number.equals(releases.get(definition));
    }

    /** By what the load balancer says, or, where it does not tell, by the tasks that run. */
    private static List<StatusPolicy.Share> shares(
            TrafficSplit split,
            Service service,
            @Nullable Map<String, List<TargetHealthDescription>> targets,
            Map<String, Integer> releases) {
        return targets == null
                ? split.byTasks(service, isRelease(releases, split.candidate().release()))
                : split.byTargets(service, targets);
    }

    /**
     * The task definition that most production requests reach where no rollout divides them: while tasks are replaced the one of most that
     * the load balancer sends requests to.
     */
    private static @Nullable String live(StatusReader.Observation seen, Map<String, String> byAddress) {
        Service service = seen.service().orElse(null);
        if (service == null || service.runningCount() == 0 && seen.targets() == null) {
            return null;
        }
        if (EcsDeployments.isSteady(service) || seen.targets() == null) {
            return service.runningCount() == 0 ? null : service.taskDefinition();
        }
        Map<String, Double> shares = new HashMap<>();
        seen.targets().values().forEach(targets -> {
            List<String> healthy = targets.stream()
                    .filter(target -> target.targetHealth().state() == TargetHealthStateEnum.HEALTHY)
                    .map(target -> target.target().id())
                    .toList();
            healthy.forEach(address -> {
                String definition = byAddress.get(address);
                if (definition != null) {
                    shares.merge(definition, 100.0 / healthy.size(), Double::sum);
                }
            });
        });
        return shares.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    /**
     * Whether a service's first release is on its way, or live for a few minutes only. Its alarms come with it, and the one that no task is
     * healthy is in ALARM until CloudWatch has its first minutes. A release that never was a success has no such time.
     */
    static boolean isFirstRelease(Store store, ServiceRecord record, @Nullable Operation running, Instant now) {
        if (record.previous() != null) {
            return false;
        }
        Instant liveAt = Optional.ofNullable(record.live())
                .flatMap(number -> store.get(Release.key(record.id(), number)))
                .map(found -> found.value().liveAt())
                .orElse(null);
        return liveAt == null ? running != null : now.isBefore(liveAt.plus(ALARMS_SEE_WITHIN));
    }

    /** How an environment stands: its own alarms by one call, its services as they were when all were looked at last. */
    public EnvironmentStatus of(EnvironmentId id) {
        EnvironmentRecord record = environments.get(id);
        Instant now = clock.instant();
        List<StatusRecord> recorded = store.stream(
                        StatusRecord.partition(id), StatusRecord.SORT, StatusRecord.ITEM_TYPE, false)
                .map(Stored::value)
                .filter(status -> record.services().containsKey(status.id().service()))
                .toList();
        AlarmState raised = record.outputs().isEmpty() ? null : alarms.of(id, List.of());
        Optional<Operation> running = operations.findChanging(id);
        return EnvironmentStatus.of(
                record,
                recorded,
                recorded.isEmpty() ? null : SweepRecord.checkedAt(store, id),
                raised,
                running.orElse(null),
                lastFailure(id, Set.of()),
                leftover(id),
                now);
    }

    /** The services of an environment that were not well when all were looked at last, the worst first; one read. */
    public List<ServiceId> inTrouble(EnvironmentId id) {
        return store.stream(StatusRecord.partition(id), StatusRecord.SORT, StatusRecord.ITEM_TYPE, false)
                .map(Stored::value)
                .filter(status -> TROUBLE.contains(status.state()))
                .sorted(Comparator.comparing(status -> TROUBLE.indexOf(status.state())))
                .map(StatusRecord::id)
                .toList();
    }
}
