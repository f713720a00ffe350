package dev.slipway.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.alarm.AlarmStates;
import dev.slipway.alarm.RaisedAlarms;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.StoppedTasks;
import dev.slipway.environment.EnvironmentRecord;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.notification.Notifications.Notification;
import dev.slipway.operation.IdGenerator;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.operation.Outbox;
import dev.slipway.operation.Transaction;
import dev.slipway.operation.WorkQueue;
import dev.slipway.operation.Worker;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.service.Clients;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.status.HealthReason.Level;
import dev.slipway.status.ServiceStatus.StoppedTask;
import dev.slipway.status.ServiceStatus.TaskCounts;
import dev.slipway.status.StatusPolicy.Assessment;
import dev.slipway.status.StatusPolicy.Running;
import dev.slipway.store.Store;
import dev.slipway.store.Store.WriteConflictException;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ClusterNotFoundException;
import software.amazon.awssdk.services.ecs.model.DescribeServicesRequest;
import software.amazon.awssdk.services.ecs.model.Service;
import software.amazon.awssdk.services.ecs.model.Task;

/**
 * Looks every five minutes how all services stand: by one call for ten of them and one for the alarms of an environment. It writes down
 * what is another state than before, and tells those of it who are told of rollouts. It is coarse: it knows tasks that
 * stop by themselves, and targets are looked at when somebody asks for one service. What AWS does not tell clears nothing.
 */
public final class StatusSweep implements Worker.MessageHandler {
    private static final Logger LOG = Logger.getLogger(StatusSweep.class);
    /** As many as DescribeServices takes. */
    private static final int BATCH = 10;
    /** Of a hundred stopped tasks each. */
    private static final int PAGES = 3;

    private static final String MESSAGE = "status";
    private static final int LONGEST = 300;

    private final Store store;
    private final WorkQueue queue;
    private final Outbox outbox;
    private final Operations operations;
    private final Environments environments;
    private final Services services;
    private final EcsClient ecs;
    private final RaisedAlarms alarms;
    private final IdGenerator ids;
    private final InstantSource clock;

    public StatusSweep(
            Store store,
            WorkQueue queue,
            Outbox outbox,
            Operations operations,
            Environments environments,
            Services services,
            Clients clients,
            IdGenerator ids,
            InstantSource clock) {
        this.store = store;
        this.queue = queue;
        this.outbox = outbox;
        this.operations = operations;
        this.environments = environments;
        this.services = services;
        this.ecs = clients.ecs();
        this.alarms = new RaisedAlarms(clients.cloudWatch());
        this.ids = ids;
        this.clock = clock;
    }

    @Override
    public void resync() {
        queue.sendSpread(
                environments.names().stream()
                        .map(name -> WorkQueue.message(MESSAGE, name))
                        .toList(),
                WorkQueue.RESYNC_SPREAD);
    }

    @Override
    public void onReconciled(Target target) {
        if (target instanceof EnvironmentId id && environments.find(id).isEmpty()) {
            forget(id, List.of());
        }
    }

    @Override
    public boolean handle(JsonNode message) {
        if (!message.has(MESSAGE)) {
            return false;
        }
        EnvironmentId id = new EnvironmentId(message.path(MESSAGE).asText());
        Optional<EnvironmentRecord> environment = environments.find(id);
        try {
            if (environment.isEmpty()) {
                forget(id, List.of());
            } else if (!environment.get().outputs().isEmpty()) {
                sweep(id);
            }
        } catch (SdkException e) { // the next sweep is in five minutes
            LOG.warnf("environment=%s was not looked at: %s", id.key(), e.getMessage());
        }
        return true;
    }

    private void sweep(EnvironmentId id) {
        Instant began = clock.instant();
        List<ServiceRecord> records = services.all(id);
        forget(id, records);
        if (records.isEmpty()) {
            return;
        }
        Optional<Map<String, String>> raised = raised(id);
        Map<String, Operation> running = new HashMap<>();
        operations
                .runningServices(id)
                .filter(operation -> operation.type() != Operation.Type.PLAN)
                .forEach(operation -> running.put(((ServiceId) operation.target()).service(), operation));
        Map<String, Service> found = new HashMap<>();
        for (int from = 0; from < records.size(); from += BATCH) {
            found.putAll(describe(id, records.subList(from, Math.min(records.size(), from + BATCH))));
        }
        Stops stops = stops(id, found.values(), began);
        for (ServiceRecord record : records) {
            String name = record.id().service();
            Optional<Stored<StatusRecord>> stored = store.get(StatusRecord.key(record.id()));
            Optional<StatusRecord> before = stored.map(Stored::value)
                    .filter(status -> !status.since()
                            .isBefore(record.createdAt())); // one of that name may have been there before
            Told told = new Told(
                    raised.map(all -> all.get(name))
                            .filter(alarms -> !alarms.equals(AlarmStates.NO_TASKS)
                                    || !Statuses.isFirstRelease(store, record, running.get(name), began))
                            .or(() -> before.map(StatusRecord::alarms).filter(held -> raised.isEmpty()))
                            .orElse(null),
                    stops.of().getOrDefault(name, List.of()),
                    before.map(StatusRecord::stops)
                            .filter(held -> stops.untold().contains(name))
                            .orElse(null),
                    Stream.of(
                                    raised.isEmpty() ? "CloudWatch did not tell of its alarms." : null,
                                    stops.untold().contains(name) ? "ECS did not tell of its stopped tasks." : null)
                            .flatMap(Stream::ofNullable)
                            .toList());
            record(record, stored, before, assess(record, before, found.get(name), running.get(name), told));
        }
        swept(new SweepRecord(id, began));
    }

    /**
     * What CloudWatch and ECS told of a service beside its tasks. What was not told clears nothing: it stands as it was told last.
     *
     * @param alarms in words; null: none is in ALARM
     * @param stops of tasks that stopped by themselves
     * @param stopsBefore what those of before led to, where nothing was told of them now; null: nothing
     * @param untold in sentences
     */
    private record Told(
            @Nullable String alarms,
            List<StoppedTask> stops,
            @Nullable String stopsBefore,
            List<String> untold) {}

    private void swept(SweepRecord sweep) {
        Optional<Stored<SweepRecord>> before = store.get(SweepRecord.key(sweep.environment()));
        try {
            outbox.commit(before.map(found -> new Transaction().updateIfChanged(found, sweep))
                    .orElseGet(() -> new Transaction().create(SweepRecord.key(sweep.environment()), sweep)));
        } catch (WriteConflictException e) {
            LOG.debugf(
                    "environment=%s was looked at twice at once",
                    sweep.environment().key());
        }
    }

    /** Empty where CloudWatch did not tell; tasks are looked at all the same. */
    private Optional<Map<String, String>> raised(EnvironmentId id) {
        try {
            return Optional.of(alarms.of(id));
        } catch (SdkException e) {
            LOG.warnf("environment=%s: CloudWatch did not tell of its alarms: %s", id.key(), e.getMessage());
            return Optional.empty();
        }
    }

    /** By service, and the services of which ECS was asked for them and did not tell. */
    private record Stops(Map<String, List<StoppedTask>> of, Set<String> untold) {}

    /**
     * Tasks that stopped by themselves: of those that nobody deploys, and that ECS starts tasks of, since it starts another
     * one for each. All of an environment by one call or two, three times as many where hundreds have stopped within the hour.
     */
    private Stops stops(EnvironmentId id, Collection<Service> services, Instant now) {
        Map<String, String> definitions = services.stream()
                .filter(EcsDeployments::isSteady)
                .filter(service -> service.events().stream()
                        .anyMatch(event -> event.createdAt().isAfter(now.minus(StatusPolicy.RECENT))))
                .collect(Collectors.toMap(Service::serviceName, Service::taskDefinition));
        if (definitions.isEmpty()) {
            return new Stops(Map.of(), Set.of());
        }
        List<Task> stopped;
        try {
            stopped = new EcsDeployments(ecs).stoppedTasks(id, PAGES);
        } catch (SdkException e) {
            LOG.warnf("environment=%s: ECS did not tell of its stopped tasks: %s", id.key(), e.getMessage());
            return new Stops(Map.of(), definitions.keySet());
        }
        return new Stops(
                stopped.stream()
                        .filter(task -> StoppedTasks.isFailure(task)
                                && task.taskDefinitionArn().equals(definitions.get(service(task))))
                        .collect(Collectors.groupingBy(
                                StatusSweep::service,
                                Collectors.collectingAndThen(
                                        Collectors.toList(), tasks -> Statuses.stops(tasks.stream(), Map.of(), now)))),
                Set.of());
    }

    private static String service(Task task) {
        return ServiceId.nameInTaskGroup(task.group()).orElse("");
    }

    /** Of services that are gone, and when they were looked at where there is none any more. */
    private void forget(EnvironmentId id, List<ServiceRecord> records) {
        Set<String> names =
                records.stream().map(record -> record.id().service()).collect(Collectors.toSet());
        store.stream(StatusRecord.partition(id), StatusRecord.SORT, StatusRecord.ITEM_TYPE, false)
                .filter(status -> !names.contains(status.value().id().service()))
                .toList()
                .forEach(status -> outbox.commit(new Transaction().delete(status)));
        if (records.isEmpty()) {
            store.get(SweepRecord.key(id)).ifPresent(sweep -> outbox.commit(new Transaction().delete(sweep)));
        }
    }

    private Map<String, Service> describe(EnvironmentId id, List<ServiceRecord> batch) {
        Map<String, Service> found = new HashMap<>();
        List<String> names = batch.stream()
                .filter(record -> record.live() != null)
                .map(record -> record.id().service())
                .toList();
        if (names.isEmpty()) {
            return found;
        }
        try {
            ecs
                    .describeServices(DescribeServicesRequest.builder()
                            .cluster(id.cluster())
                            .services(names)
                            .build())
                    .services()
                    .stream()
                    .filter(service -> "ACTIVE".equals(service.status()))
                    .forEach(service -> found.put(service.serviceName(), service));
        } catch (ClusterNotFoundException e) {
            LOG.warnf("environment=%s has no cluster any more", id.key());
        }
        return found;
    }

    private StatusRecord.Found assess(
            ServiceRecord record,
            Optional<StatusRecord> before,
            @Nullable Service service,
            @Nullable Operation running,
            Told told) {
        Instant now = clock.instant();
        String path = record.id().path();
        List<StoppedTask> stops = running == null ? told.stops() : List.of();
        Assessment assessment = StatusPolicy.assess(StatusPolicySnapshotBuilder.builder()
                .path(path)
                .live(record.live() != null)
                .running(running == null ? null : Running.of(running))
                .counts(
                        service == null
                                ? null
                                : new TaskCounts(
                                        service.desiredCount(), service.runningCount(), service.pendingCount()))
                .gone(service == null)
                .steady(service != null && EcsDeployments.isSteady(service))
                .shares(service == null ? List.of() : shares(record.id(), service, running))
                .stops(stops)
                .startsFromNone(
                        before.filter(found -> found.startsFromNone(now)).isPresent())
                .unread(told.untold())
                .now(now)
                .build());
        List<HealthReason> more = new ArrayList<>();
        if (told.stopsBefore() != null && running == null) {
            more.add(new HealthReason(Level.TASKS, HealthState.DEGRADED, told.stopsBefore(), path + "/diagnosis"));
        }
        if (told.alarms() != null) {
            more.add(new HealthReason(Level.ALARMS, HealthState.DEGRADED, "In ALARM: " + told.alarms() + ".", null));
        }
        Assessment all = assessment.and(more);
        return new StatusRecord.Found(
                all.state(),
                record.live(),
                all.reasons().stream()
                        .findFirst()
                        .map(first -> cut(first.message()))
                        .orElse(null),
                told.alarms(),
                told.stopsBefore() != null
                        ? told.stopsBefore()
                        : StatusPolicy.stops(path, stops, now)
                                .filter(found -> found.state() == HealthState.DEGRADED)
                                .map(found -> cut(found.message()))
                                .orElse(null),
                told.untold().isEmpty()
                        ? null
                        : before.map(StatusRecord::toldAt)
                                .or(() -> store.get(SweepRecord.key(record.id().environmentId()))
                                        .map(sweep -> sweep.value().checkedAt()))
                                .orElse(null));
    }

    /**
     * While a rollout divides the requests, what becomes of either release's. It is looked at more closely where ECS asks for tasks of a
     * release that has none: by two reads.
     */
    private List<StatusPolicy.Share> shares(ServiceId id, Service service, @Nullable Operation running) {
        String rollout = running == null ? null : running.rollout();
        if (rollout == null || EcsDeployments.isRolling(service) || !TrafficSplit.lacksTasks(service)) {
            return List.of();
        }
        Optional<Rollout> underWay = store.get(Rollout.key(id, rollout)).map(Stored::value);
        return underWay.map(Rollout::release)
                .flatMap(number -> store.get(Release.key(id, number)).map(Stored::value))
                .flatMap(release -> TrafficSplit.of(underWay.get(), service, release::isTaskDefinition)
                        .map(split -> split.byTasks(service, release::isTaskDefinition)))
                .orElse(List.of());
    }

    /** What changes all the time is not written down: only another state, another release, and the words for it. */
    private void record(
            ServiceRecord record,
            Optional<Stored<StatusRecord>> stored,
            Optional<StatusRecord> before,
            StatusRecord.Found seen) {
        ServiceId id = record.id();
        Instant now = clock.instant();
        StatusRecord next =
                before.map(earlier -> earlier.seen(seen, now)).orElseGet(() -> StatusRecord.first(id, seen, now));
        Transaction written = stored.map(found -> new Transaction().updateIfChanged(found, next))
                .orElseGet(() -> new Transaction().create(StatusRecord.key(id), next));
        HealthState earlier = stored.map(found -> found.value().state()).orElse(null);
        if (earlier != null && isNews(earlier, seen.state())) {
            written = written.and(told(record, earlier, seen.state(), seen.reason(), now));
        }
        try {
            if (!written.isEmpty()) {
                outbox.commit(written);
            }
        } catch (WriteConflictException e) {
            LOG.debugf("service=%s was looked at twice at once", id.key());
        }
    }

    /** People are told when nobody is served any more, and when somebody is again. */
    private static boolean isNews(HealthState before, HealthState now) {
        return (before == HealthState.DOWN) != (now == HealthState.DOWN);
    }

    private Transaction told(
            ServiceRecord record, HealthState before, HealthState now, @Nullable String reason, Instant at) {
        String topic = record.declared().rollout().notifyTopic();
        if (topic == null) {
            return new Transaction();
        }
        String key = record.id().key();
        String sentence =
                "%s is %s, and was %s.%s".formatted(key, name(now), name(before), reason == null ? "" : " " + reason);
        return new Transaction()
                .notification(new Notification(
                        ids.next(),
                        record.id(),
                        topic,
                        "%s: state changed - %s".formatted(key, sentence),
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("type", "STATE_CHANGED")
                                .put("service", key)
                                .put("state", name(now))
                                .put("before", name(before))
                                .put("at", at.toString())
                                .put("message", sentence)
                                .toString(),
                        at));
    }

    private static String name(HealthState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static String cut(String message) {
        return message.length() <= LONGEST ? message : message.substring(0, LONGEST - 1) + "…";
    }
}
