package dev.slipway.simulated.ecs;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentStatus;
import software.amazon.awssdk.services.ecs.model.TaskDefinition;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;

/** The service scheduler: passes over a service whenever something about it changed, and counts what fails. */
final class EcsScheduler implements TaskLifecycle.Listener {
    private static final Duration PLACED_AGAIN = Duration.ofMinutes(1);
    private static final Duration REACTION = Duration.ofSeconds(2);
    // "Amazon ECS service throttle logic": the wait grows up to 27 minutes. Assumed: it doubles from 10 s
    // after 3 failures.
    private static final int FAILURES_BEFORE_THROTTLE = 3;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(27);

    private final EcsState state;
    private final EcsEvents events;
    private final TaskLifecycle lifecycle;
    private final EcsDeploymentControl control;
    private final EcsAlarms alarms;
    private final EcsDeploymentProcess rolling;
    private final EcsDeploymentProcess staged;
    private int addresses;

    EcsScheduler(EcsState state, EcsEvents events, EcsPast past) {
        this.state = state;
        this.events = events;
        this.lifecycle = new TaskLifecycle(state, events, this);
        this.alarms = new EcsAlarms(state);
        EcsHooks hooks = new EcsHooks(state, events, past);
        EcsTaskReconciler keeper = new EcsTaskReconciler(state, events, this);
        this.control = new EcsDeploymentControl(state, events, this, hooks, alarms);
        this.rolling = new EcsRollingProcess(this, keeper);
        this.staged = new EcsStagedProcess(state, this, control, keeper, hooks);
        state.elb.targetGroups().probe(lifecycle);
    }

    EcsDeploymentControl control() {
        return control;
    }

    TaskLifecycle lifecycle() {
        return lifecycle;
    }

    /** Plans a pass soon; several changes at once lead to one pass. */
    void wake(EcsServiceRecord service) {
        passAt(service, now().plus(REACTION));
    }

    void passAt(EcsServiceRecord service, Instant at) {
        if (service.nextPass != null && !service.nextPass.isAfter(at) && !service.nextPass.isBefore(now())) {
            return;
        }
        service.nextPass = at;
        state.aws.clock().after(Duration.between(now(), at), () -> {
            if (at.equals(service.nextPass)) {
                service.nextPass = null;
                pass(service);
            }
        });
    }

    private void pass(EcsServiceRecord service) {
        switch (service.status) {
            case ACTIVE -> {
                watchAlarms(service);
                processOf(service).pass(service);
            }
            case DRAINING -> drain(service);
            case INACTIVE -> {}
        }
    }

    private void watchAlarms(EcsServiceRecord service) {
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing == null || ongoing.status != ServiceDeploymentStatus.IN_PROGRESS) {
            return;
        }
        if (alarms.triggered(ongoing)) {
            control.fail(ongoing, EcsFailure.ALARM, EcsAlarms.rollsBack(ongoing));
        } else if (EcsAlarms.watched(ongoing)) {
            passAt(service, now().plus(EcsAlarms.INTERVAL));
        }
    }

    /** Between deployments tasks are only replaced, unless the last one in stages stopped half way. */
    private EcsDeploymentProcess processOf(EcsServiceRecord service) {
        EcsServiceDeployment newest = service.deployments.getFirst();
        return newest.abandoned() || (newest.running() && newest.staged()) ? staged : rolling;
    }

    /** DeleteService: DRAINING until the last task is gone, then INACTIVE. */
    private void drain(EcsServiceRecord service) {
        for (EcsTask task : List.copyOf(service.tasks)) {
            stop(task, TaskStopCode.SERVICE_SCHEDULER_INITIATED, "Service %s is being deleted".formatted(service.name));
        }
        if (service.tasks.isEmpty()) {
            service.status = EcsServiceRecord.Status.INACTIVE;
        }
    }

    /** All wanted tasks are healthy and no other is left. */
    void arrived(EcsServiceRecord service) {
        EcsServiceDeployment ongoing = service.ongoing();
        if (ongoing != null && ongoing.status == ServiceDeploymentStatus.PENDING) {
            return; // looked at again when it is IN_PROGRESS
        }
        if (service.primary().state == DeploymentRolloutState.IN_PROGRESS) {
            control.complete(service);
        }
        if (!service.steady) {
            service.steady = true;
            events.message(service, "has reached a steady state.");
            events.action(service, "INFO", "SERVICE_STEADY_STATE");
        }
    }

    void startTasks(EcsServiceRecord service, EcsDeployment entry, int count) {
        List<String> started = new ArrayList<>();
        TaskDefinition definition = state.definitions.require(entry.revision.taskDefinition());
        String placement = Optional.ofNullable(state.aws.faults().placement())
                .or(() -> state.ecr
                        .pull(definition.containerDefinitions().getFirst().image())
                        .map(image -> image.behaviour().fault().placement()))
                .orElse(null);
        if (placement != null) {
            // Assumed: a task that cannot be placed is tried again after a minute, and counts for no failed task.
            entry.noTaskBefore = now().plus(PLACED_AGAIN);
            events.message(service, "was unable to place a task. Reason: %s.".formatted(placement));
            passAt(service, entry.noTaskBefore);
            return;
        }
        String provider = entry.revision.capacity().isEmpty()
                ? "FARGATE"
                : entry.revision.capacity().getFirst().capacityProvider();
        for (int i = 0; i < count; i++) {
            EcsTask task =
                    task(service.clusterArn, definition, provider, "service:" + service.name, entry.id, service, entry);
            started.add("(task %s)".formatted(task.id));
            lifecycle.start(task);
        }
        events.message(service, "has started %d tasks: %s.".formatted(count, String.join(" ", started)));
    }

    EcsTask task(
            String cluster,
            TaskDefinition definition,
            String provider,
            String group,
            String startedBy,
            @Nullable EcsServiceRecord service,
            @Nullable EcsDeployment entry) {
        int address = addresses++;
        EcsTask task = new EcsTask(
                state.aws.hex(32),
                cluster,
                "172.17.%d.%d".formatted(address / 250 % 250, 4 + address % 250),
                state.aws.region() + (char) ('a' + address % 2),
                group,
                startedBy,
                provider,
                "1.4.0",
                definition,
                now(),
                service,
                entry);
        if (service != null) {
            state.tags.put(
                    task.arn,
                    switch (service.propagateTags) {
                        case SERVICE -> state.tags.of(service.arn);
                        case TASK_DEFINITION -> state.tags.of(definition.taskDefinitionArn());
                        default -> List.of();
                    });
        }
        return task;
    }

    void stop(EcsTask task, TaskStopCode code, String reason) {
        lifecycle.stop(task, code, reason);
    }

    @Override
    public void taskFailed(EcsTask task) {
        EcsServiceRecord service = task.service;
        EcsDeployment entry = task.entry;
        if (service == null || entry == null) {
            return;
        }
        entry.failedTasks++;
        entry.updatedAt = now();
        if (task.startedAt == null) {
            entry.startFailures++;
            throttle(service, entry);
        }
        control.countFailure(service, entry);
    }

    private void throttle(EcsServiceRecord service, EcsDeployment entry) {
        int over = entry.startFailures - Math.max(FAILURES_BEFORE_THROTTLE, service.desiredCount);
        if (over < 0) {
            return;
        }
        Duration wait = Duration.ofSeconds(10L << Math.min(over, 10));
        entry.noTaskBefore = now().plus(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait);
        if (over == 0) {
            events.message(
                    service,
                    "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.");
            events.action(service, "WARN", "SERVICE_TASK_START_IMPAIRED");
        }
    }

    @Override
    public void taskChanged(EcsTask task) {
        if (task.service == null || task.entry == null) {
            return;
        }
        if (task.healthy()) {
            task.entry.startFailures = 0;
            control.sawHealthy(task.service, task.entry);
        }
        wake(task.service);
    }

    private Instant now() {
        return state.aws.clock().instant();
    }
}
