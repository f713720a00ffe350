package dev.slipway.simulated.ecs;

import dev.slipway.simulated.ecr.EcrImage;
import dev.slipway.simulated.ecr.ImageFault;
import dev.slipway.simulated.elb.ElbProbe;
import dev.slipway.simulated.elb.ElbTargetGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.LoadBalancer;
import software.amazon.awssdk.services.ecs.model.LogDriver;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealth;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthReasonEnum;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/**
 * The life of a task from PROVISIONING to STOPPED ("Amazon ECS task lifecycle"): it pulls, starts, registers with its
 * target groups, may crash, drains and ends. Only these changes are planned on the timeline; between them nothing runs.
 */
final class TaskLifecycle implements ElbProbe {
    /** Who decides what follows. */
    interface Listener {
        /** The task did not get to RUNNING, or was stopped before it had ever been healthy. */
        void taskFailed(EcsTask task);

        void taskChanged(EcsTask task);
    }

    // Assumed, see docs/assumptions.md: 20–40 s from PROVISIONING to RUNNING on Fargate.
    private static final int FASTEST_START_MILLIS = 20_000;
    private static final int START_SPREAD_MILLIS = 20_000;
    private static final Duration ONE_OFF_RUNS = Duration.ofSeconds(30);
    private static final Duration SPOT_LASTS = Duration.ofMinutes(2);
    private static final Duration EXIT = Duration.ofSeconds(8);
    private static final int USUAL_MILLIS = 20;
    private static final Duration CLEAN_UP = Duration.ofSeconds(5);

    private final EcsState state;
    private final EcsEvents events;
    private final Listener listener;

    TaskLifecycle(EcsState state, EcsEvents events, Listener listener) {
        this.state = state;
        this.events = events;
        this.listener = listener;
    }

    void start(EcsTask task) {
        state.tasks.put(task.arn, task);
        state.tasksByIp.put(task.ip, task);
        if (task.service != null) {
            task.service.tasks.add(task);
        }
        events.task(task);
        long millis = FASTEST_START_MILLIS + state.aws.random().nextInt(START_SPREAD_MILLIS);
        after(Duration.ofMillis(millis / 3), () -> {
            if (!task.stopping) {
                task.become(EcsTask.Status.PENDING);
                events.task(task);
            }
        });
        after(Duration.ofMillis(millis), () -> {
            if (!task.stopping) {
                launch(task);
            }
        });
    }

    private void launch(EcsTask task) {
        for (ContainerDefinition container : task.definition.containerDefinitions()) {
            String group = logOption(container, "awslogs-group");
            boolean creates = "true".equals(logOption(container, "awslogs-create-group"));
            if (group != null && !creates && !state.logs.exists(group)) {
                refuse(
                        task,
                        "ResourceInitializationError: failed to validate logger args: The specified log group does not exist.");
                return;
            }
            Optional<EcrImage> image = state.ecr.pull(container.image());
            if (image.isEmpty()) {
                refuse(
                        task,
                        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: not found"
                                .formatted(container.image()));
                return;
            }
            task.digests.put(container.name(), image.get().digest());
            if (container.equals(task.main())) {
                task.behaviour = image.get().behaviour();
            }
        }
        ImageFault fault = task.behaviour.fault();
        if (fault.refusal() != null) {
            refuse(task, fault.refusal().formatted(task.main().image()));
            return;
        }
        log(task, "starting " + task.main().image());
        if (task.behaviour.crashesAtStart()) {
            log(task, "fatal: cannot start, exiting with code " + fault.exitCode());
            exit(task, fault.exitCode(), null);
            return;
        }
        run(task);
    }

    private void run(EcsTask task) {
        task.startedAt = now();
        task.become(EcsTask.Status.RUNNING);
        ImageFault fault = task.behaviour.fault();
        String line = fault.line() == null ? "ready to serve" : fault.line();
        if (fault.readyAfter().isZero()) {
            log(task, line);
        } else {
            after(fault.readyAfter(), () -> {
                if (!task.stopping) {
                    log(task, line);
                }
            });
        }
        if (fault.interrupted()) {
            after(SPOT_LASTS, () -> stop(task, TaskStopCode.SPOT_INTERRUPTION, "Your Spot Task was interrupted."));
        }
        events.task(task);
        if (!register(task)) {
            return;
        }
        if (task.service == null) {
            after(ONE_OFF_RUNS, () -> {
                if (!task.stopping) {
                    exit(task, 0, null);
                }
            });
        }
        Duration crashAfter = task.behaviour.crashAfter();
        if (crashAfter != null) {
            after(crashAfter, () -> {
                if (!task.stopping) {
                    boolean memory = task.behaviour.outOfMemory();
                    log(
                            task,
                            memory
                                    ? "memory is running out"
                                    : "fatal: unexpected error, exiting with code " + fault.exitCode());
                    exit(
                            task,
                            memory ? 137 : fault.exitCode(),
                            memory ? "OutOfMemoryError: Container killed due to memory usage" : null);
                }
            });
        }
        listener.taskChanged(task);
    }

    /** False when a target group is gone; the scheduler then stops the task and tries again. */
    private boolean register(EcsTask task) {
        if (task.entry == null) {
            return true;
        }
        for (LoadBalancer balancer : task.entry.revision.placed()) {
            String group = balancer.targetGroupArn();
            if (state.elb.targetGroups().find(group) == null) {
                events.message(service(task), "failed to register targets in (target-group %s)".formatted(group));
                stop(task, TaskStopCode.SERVICE_SCHEDULER_INITIATED, "Task failed to register with its target group");
                listener.taskFailed(task);
                return false;
            }
            state.elb.targetGroups().register(group, target(task, balancer));
            events.message(service(task), "registered 1 targets in (target-group %s)".formatted(group));
        }
        task.everHealthy = task.entry.revision.targetGroups().isEmpty();
        return true;
    }

    /** The container ends by itself; the task with it, since the container is essential. */
    void exit(EcsTask task, int code, @Nullable String reason) {
        task.exitCode = code;
        task.containerReason = reason;
        leave(task, TaskStopCode.ESSENTIAL_CONTAINER_EXITED, "Essential container in task exited");
        deregister(task);
        task.become(EcsTask.Status.DEPROVISIONING);
        events.task(task);
        after(CLEAN_UP, () -> end(task));
        ended(task);
    }

    private void refuse(EcsTask task, String reason) {
        leave(task, TaskStopCode.TASK_FAILED_TO_START, reason);
        task.become(EcsTask.Status.DEPROVISIONING);
        events.task(task);
        after(CLEAN_UP, () -> end(task));
        ended(task);
    }

    private void ended(EcsTask task) {
        if (!task.everHealthy) {
            listener.taskFailed(task);
        }
        listener.taskChanged(task);
    }

    /**
     * Stops a task. One that is registered with target groups drains first: DEACTIVATING lasts for the longest
     * deregistration delay, for which a target shows as draining even without requests (load-balancer-target-groups.html),
     * then the container gets its SIGTERM.
     */
    void stop(EcsTask task, TaskStopCode code, String reason) {
        if (task.stopping) {
            return;
        }
        boolean ran = task.status == EcsTask.Status.RUNNING;
        leave(task, code, reason);
        Duration drain = deregister(task);
        task.become(ran && drain.isPositive() ? EcsTask.Status.DEACTIVATING : EcsTask.Status.DEPROVISIONING);
        events.task(task);
        after(ran ? drain.plus(EXIT) : CLEAN_UP, () -> {
            if (ran) {
                task.exitCode = 0;
            }
            end(task);
        });
        listener.taskChanged(task);
    }

    private void leave(EcsTask task, TaskStopCode code, String reason) {
        task.stopping = true;
        task.stopCode = code;
        task.stoppedReason = reason;
        task.stoppingAt = now();
    }

    private Duration deregister(EcsTask task) {
        task.healthyIn.clear();
        Duration longest = Duration.ZERO;
        if (task.entry == null || task.startedAt == null) {
            return longest;
        }
        for (LoadBalancer balancer : task.entry.revision.placed()) {
            ElbTargetGroup group = state.elb.targetGroups().find(balancer.targetGroupArn());
            if (group == null) {
                continue;
            }
            state.elb.targetGroups().deregister(group.arn(), target(task, balancer));
            events.message(service(task), "deregistered 1 targets in (target-group %s)".formatted(group.arn()));
            if (group.deregistrationDelay().compareTo(longest) > 0) {
                longest = group.deregistrationDelay();
            }
        }
        return longest;
    }

    private void end(EcsTask task) {
        task.stoppedAt = now();
        task.become(EcsTask.Status.STOPPED);
        state.tasksByIp.remove(task.ip, task);
        if (task.service != null) {
            task.service.tasks.remove(task);
        }
        // Moved to the end, so that the oldest stopped tasks come first and forgetting them is cheap.
        state.tasks.remove(task.arn);
        state.tasks.put(task.arn, task);
        events.task(task);
        listener.taskChanged(task);
        state.forgetOldTasks();
    }

    @Override
    public boolean answers(String ip) {
        EcsTask task = state.tasksByIp.get(ip);
        return task != null
                && task.status == EcsTask.Status.RUNNING
                && !task.behaviour.neverHealthy()
                && !readyIn(task).isPositive()
                && failsIn(ip).filter(left -> !left.isPositive()).isEmpty();
    }

    @Override
    public Optional<Duration> failsIn(String ip) {
        EcsTask task = state.tasksByIp.get(ip);
        return task == null
                        || task.startedAt == null
                        || task.behaviour.fault().hangsAfter().isZero()
                ? Optional.empty()
                : Optional.of(Duration.between(
                        now(), task.startedAt.plus(task.behaviour.fault().hangsAfter())));
    }

    private Duration readyIn(EcsTask task) {
        Duration needs = task.behaviour.fault().readyAfter();
        return needs.isZero() || task.startedAt == null
                ? Duration.ZERO
                : Duration.between(now(), task.startedAt.plus(needs));
    }

    @Override
    public TargetHealth failure(String ip) {
        EcsTask task = state.tasksByIp.get(ip);
        TargetHealth usual = ElbProbe.super.failure(ip);
        ImageFault fault = task == null ? null : task.behaviour.fault();
        if (fault != null && !fault.hangsAfter().isZero()) {
            return usual.toBuilder()
                    .reason(TargetHealthReasonEnum.TARGET_TIMEOUT)
                    .description(fault.description())
                    .build();
        }
        return fault == null || fault.unhealthy() == null
                ? usual
                : usual.toBuilder()
                        .reason(fault.unhealthy())
                        .description(fault.description())
                        .build();
    }

    @Override
    public Optional<Duration> answersIn(String ip) {
        EcsTask task = state.tasksByIp.get(ip);
        return task == null || task.behaviour.neverHealthy()
                ? Optional.empty()
                : Optional.of(readyIn(task)).filter(Duration::isPositive);
    }

    @Override
    public void healthChanged(String targetGroup, String ip, TargetHealthStateEnum health) {
        EcsTask task = state.tasksByIp.get(ip);
        if (task == null || task.stopping || task.entry == null) {
            return;
        }
        if (health == TargetHealthStateEnum.HEALTHY) {
            task.healthyIn.add(targetGroup);
            boolean first = !task.everHealthy && task.healthy();
            task.everHealthy |= first;
            if (first) {
                served(task);
            }
            listener.taskChanged(task);
        } else {
            task.healthyIn.remove(targetGroup);
            judge(task, targetGroup);
        }
    }

    /** An unhealthy task is stopped, but not before its grace period is over (CreateService, healthCheckGracePeriodSeconds). */
    private void judge(EcsTask task, String targetGroup) {
        if (task.stopping || task.healthyIn.contains(targetGroup) || task.startedAt == null) {
            return;
        }
        Instant judged = task.startedAt.plusSeconds(service(task).graceSeconds);
        if (now().isBefore(judged)) {
            after(Duration.between(now(), judged), () -> judge(task, targetGroup));
            return;
        }
        events.message(
                service(task),
                "(task %s) (port %d) is unhealthy in (target-group %s) due to (reason %s)."
                        .formatted(
                                task.id,
                                port(task, targetGroup),
                                targetGroup,
                                task.behaviour.fault().description()));
        boolean failed = !task.everHealthy;
        stop(
                task,
                TaskStopCode.SERVICE_SCHEDULER_INITIATED,
                "Task failed ELB health checks in (target-group %s)".formatted(targetGroup));
        if (failed) {
            listener.taskFailed(task);
        }
    }

    private int port(EcsTask task, String targetGroup) {
        return task.entry == null
                ? 0
                : task.entry.revision.placed().stream()
                        .filter(balancer -> targetGroup.equals(balancer.targetGroupArn()))
                        .mapToInt(LoadBalancer::containerPort)
                        .findFirst()
                        .orElse(0);
    }

    private static EcsServiceRecord service(EcsTask task) {
        if (task.service == null) {
            throw new IllegalStateException("a task without a service has no target group");
        }
        return task.service;
    }

    private static TargetDescription target(EcsTask task, LoadBalancer balancer) {
        return TargetDescription.builder()
                .id(task.ip)
                .port(balancer.containerPort())
                .availabilityZone(task.zone)
                .build();
    }

    /** The first requests that a task answers, as its release does: the simulated traffic is too much to write it all down. */
    private void served(EcsTask task) {
        long millis = Math.round(USUAL_MILLIS * task.behaviour.slowFactor());
        log(task, "{\"level\":\"info\",\"path\":\"/\",\"status\":200,\"duration\":%d}".formatted(millis));
        if (task.behaviour.errors(true, false) > 0) {
            log(
                    task,
                    "{\"level\":\"error\",\"path\":\"/pay\",\"status\":502,\"duration\":%d,\"message\":\"no answer from the payment service\"}"
                            .formatted(millis * 10));
        }
    }

    private void log(EcsTask task, String message) {
        ContainerDefinition container = task.main();
        String group = logOption(container, "awslogs-group");
        if (group != null) {
            String prefix = logOption(container, "awslogs-stream-prefix");
            state.logs.write(group, "%s/%s/%s".formatted(prefix, container.name(), task.id), message);
        }
    }

    private static @Nullable String logOption(ContainerDefinition container, String option) {
        if (container.logConfiguration() == null || container.logConfiguration().logDriver() != LogDriver.AWSLOGS) {
            return null;
        }
        Map<String, String> options = container.logConfiguration().options();
        return options.get(option);
    }

    private Instant now() {
        return state.aws.clock().instant();
    }

    private void after(Duration delay, Runnable action) {
        state.aws.clock().after(delay, action);
    }
}
