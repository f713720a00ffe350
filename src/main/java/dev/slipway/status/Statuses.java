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
import dev.slipway.rollout.GateRecord;
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
import dev.slipway.store.Store.Page;
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
    /** So many services are looked through for a page. */
    private static final int SCANNED = 500;
    /** A read of the store counts like so many, however few it finds. */
    private static final int LEAST = 10;

    private static final List<HealthState> TROUBLE =
            List.of(HealthState.DOWN, HealthState.DEGRADED, HealthState.UNKNOWN);

    private final Store store;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final StatusReader reader;
    private static final Duration ALARMS_SEE_WITHIN = Duration.ofMinutes(10);

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
        Map<String, String> byAddress = new HashMap<>(); // task definitions
        List<Task> present = new ArrayList<>();
        for (Task task : seen.tasks()) {
            if (!"STOPPED".equals(task.desiredStatus())) {
                present.add(task);
                EcsDeployments.address(task).ifPresent(address -> byAddress.put(address, task.taskDefinitionArn()));
            }
        }
        Optional<Service> service = seen.service();
        Optional<TrafficSplit> split = underWay.flatMap(rollout ->
                service.flatMap(found -> TrafficSplit.of(rollout, found, isRelease(releases, rollout.release()))));
        @Nullable String mostly = split.map(found -> found.most().group()).orElse(null);
        @Nullable String live = live(seen, byAddress);
        Map<String, TargetHealthDescription> health = new HashMap<>();
        List<RegisteredTarget> targets = new ArrayList<>();
        if (seen.targets() != null) {
            seen.targets()
                    .forEach((group, found) -> found.forEach(target -> {
                        health.put(target.target().id(), target);
                        String definition = byAddress.get(target.target().id());
                        if (target.targetHealth().state() != TargetHealthStateEnum.DRAINING) {
                            targets.add(new RegisteredTarget(
                                    target.target().availabilityZone(),
                                    target.targetHealth().stateAsString(),
                                    target.targetHealth().reasonAsString(),
                                    mostly != null
                                            ? mostly.equals(group)
                                            : live == null || definition == null || definition.equals(live)));
                        }
                    }));
        }
        List<Task> failed = seen.tasks().stream()
                .filter(task -> "STOPPED".equals(task.desiredStatus()) && StoppedTasks.isFailure(task))
                .toList();
        @Nullable
        AlarmState alarms = seen.alarms() == null ? null : seen.alarms().service();
        Optional<StatusRecord> recorded = store.get(StatusRecord.key(id)).map(Stored::value);
        TaskCounts counts = service.map(
                        found -> new TaskCounts(found.desiredCount(), found.runningCount(), found.pendingCount()))
                .orElse(null);
        @Nullable String own = service.map(Service::taskDefinition).orElse(null);
        @Nullable Integer ownRelease = own == null ? null : releases.get(own);
        Assessment assessment = StatusPolicy.assess(new StatusPolicy.Snapshot(
                id.path(),
                record.live() != null,
                running.map(operation -> running(operation, underWay)).orElse(null),
                lastFailure(id, Rollout.needless(rollouts)),
                leftover(id),
                counts,
                seen.told() && service.isEmpty(),
                service.filter(EcsDeployments::isSteady).isPresent(),
                seen.targets() == null || counts == null ? null : targets,
                split.flatMap(found -> service.map(asked -> shares(found, asked, seen.targets(), releases)))
                        .orElse(List.of()),
                stops(
                        failed.stream()
                                .filter(task -> task.taskDefinitionArn().equals(own)
                                        || ownRelease != null
                                                && ownRelease.equals(releases.get(task.taskDefinitionArn()))),
                        releases,
                        now),
                alarms,
                seen.alarms() == null ? null : seen.alarms().certificate(),
                Optional.ofNullable(record.declared().scaling())
                        .map(scaling -> scaling.limits(now))
                        .filter(limits -> !limits.isFixed())
                        .map(Limits::max)
                        .orElse(null),
                pipelineFailures
                        .apply(id)
                        .map(detail -> new Failure(new PipelineId(id.service()).path(), Redaction.shorten(detail)))
                        .orElse(null),
                alarms != null && alarms.isNoTasksAlone() && isFirstRelease(store, record, running.orElse(null), now),
                recorded.filter(found -> found.startsFromNone(now)).isPresent(),
                seen.unread(),
                now));
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
                present.stream()
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
                        .toList(),
                stops(failed.stream(), releases, now).stream().limit(STOPS).toList(),
                counted(targets),
                alarms,
                seen.unread());
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
                recorded.isEmpty() ? null : checkedAt(id),
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

    /**
     * A service in a list: as it was when all were looked at last, within five minutes.
     *
     * @param status null before the first look
     * @param checkedAt when AWS told all of it last; what is newer than the last look was not there at it
     * @param underWay what changes it or waits for its turn now; null when nothing does
     */
    public record Listed(
            ServiceRecord service,
            @Nullable StatusRecord status,
            @Nullable Instant checkedAt,
            @Nullable UnderWay underWay) {
        public Listed {
            checkedAt = status == null ? null : status.toldAt() == null ? checkedAt : status.toldAt();
        }

        public HealthState state() {
            return status == null ? HealthState.UNKNOWN : status.state();
        }
    }

    /**
     * What changes a service, or waits for its turn.
     *
     * @param operation null where it waits
     * @param rollout null where it is none
     * @param gate what the rollout's gate was asked; null before it was
     */
    public record UnderWay(
            @Nullable Operation operation,
            @Nullable Rollout rollout,
            @Nullable GateRecord gate) {}

    /** @param next null at the end */
    public record Listing(List<Listed> items, @Nullable String next) {}

    /**
     * The services of all environments, by environment and name; AWS is not asked.
     *
     * @param state null for all
     * @param most how many
     * @param next what the page before has given; null for the first
     * @throws IllegalArgumentException when {@code next} is none of ours
     */
    public Listing list(@Nullable HealthState state, int most, @Nullable String next) {
        List<String> names = environments.names().stream().sorted().toList();
        int dot = next == null ? 0 : next.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("next names no environment: " + next);
        }
        String first = next == null ? "" : next.substring(0, dot);
        @Nullable String inner = next == null || next.length() == dot + 1 ? null : next.substring(dot + 1);
        List<Listed> found = new ArrayList<>();
        int seen = 0;
        for (String name : names) {
            if (name.compareTo(first) < 0) {
                continue;
            }
            @Nullable String from = name.equals(first) ? inner : null;
            Map<ServiceId, UnderWay> underWay = underWay(new EnvironmentId(name));
            @Nullable Instant checkedAt = checkedAt(new EnvironmentId(name));
            do {
                if (found.size() == most || seen >= SCANNED) {
                    return new Listing(found, name + "." + (from == null ? "" : from));
                }
                Page<ServiceRecord> page = services.list(new EnvironmentId(name), most - found.size(), from);
                seen += Math.max(LEAST, page.items().size());
                page.items().stream()
                        .map(service -> new Listed(
                                service.value(),
                                store.get(StatusRecord.key(service.value().id()))
                                        .map(Stored::value)
                                        .filter(status -> !status.since()
                                                .isBefore(service.value().createdAt()))
                                        .orElse(null),
                                checkedAt,
                                underWay.get(service.value().id())))
                        .filter(listed -> state == null || listed.state() == state)
                        .forEach(found::add);
                from = page.next();
            } while (from != null);
        }
        return new Listing(found, null);
    }

    /** When the services of an environment were looked at last. */
    private @Nullable Instant checkedAt(EnvironmentId id) {
        return store.get(StatusLook.key(id))
                .map(look -> look.value().checkedAt())
                .orElse(null);
    }

    /** By two reads, and three for each service at which something is under way. */
    private Map<ServiceId, UnderWay> underWay(EnvironmentId environment) {
        Map<ServiceId, UnderWay> found = new HashMap<>();
        operations.queuedServices(environment).forEach(queued -> {
            if (queued.target() instanceof ServiceId id) {
                found.put(id, underWay(id, null, queued.workItemId()));
            }
        });
        operations.runningServices(environment).forEach(operation -> {
            if (operation.target() instanceof ServiceId id && operation.type() != Operation.Type.PLAN) {
                found.put(id, underWay(id, operation, operation.rollout()));
            }
        });
        return found;
    }

    private UnderWay underWay(ServiceId service, @Nullable Operation operation, @Nullable String rollout) {
        return rollout == null
                ? new UnderWay(operation, null, null)
                : new UnderWay(
                        operation,
                        store.get(Rollout.key(service, rollout))
                                .map(Stored::value)
                                .orElse(null),
                        store.get(GateRecord.key(service, rollout))
                                .map(Stored::value)
                                .orElse(null));
    }
}
