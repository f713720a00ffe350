package dev.slipway.diagnosis;

import dev.slipway.diagnosis.Observation.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a service at one moment: plain values, as they were read.
 *
 * @param openPorts ports that the load balancer may reach tasks at; empty when unknown
 * @param stopped tasks that have stopped within the last hour
 * @param events of the service
 * @param deployment that is asked about; null when there is none or it was not read
 * @param log last lines of one task of the release that has stopped, oldest first
 * @param logOf id of that task; null when no log was read
 * @param statements what is known from elsewhere: stack, pipeline, rollout, status
 * @param unread what could not be read, and why
 */
public record Evidence(
        Subject subject,
        Set<Integer> openPorts,
        List<StoppedTask> stopped,
        List<Event> events,
        List<TargetHealth> targets,
        @Nullable Deployment deployment,
        List<LogLine> log,
        @Nullable String logOf,
        List<Statement> statements,
        List<String> unread) {
    private static final int MOST = 250;
    static final Pattern HEALTH = Pattern.compile(
            "unhealthy in \\(target-group|failed ELB health checks|Target\\.(?:FailedHealthChecks|Timeout|ResponseCodeMismatch)");
    private static final Set<String> SCHEDULED = Set.of("ServiceSchedulerInitiated", "UserInitiated");

    public Evidence {
        openPorts = Set.copyOf(openPorts);
        stopped = List.copyOf(stopped);
        events = List.copyOf(events);
        targets = List.copyOf(targets);
        log = List.copyOf(log);
        statements = List.copyOf(statements);
        unread = List.copyOf(unread);
    }

    /**
     * Which service and which release is asked about.
     *
     * @param path in the API
     * @param release its number; null when it is none of ours, or there is none
     * @param taskDefinition of the release; null when nothing is known of it
     * @param rollback whether a rollback helps: the release is live or on its way there, and what it replaced is an earlier one
     */
    public record Subject(
            String service,
            String path,
            @Nullable Integer release,
            @Nullable String taskDefinition,
            @Nullable String image,
            int port,
            int memory,
            String architecture,
            HealthCheck healthCheck,
            boolean rollback) {}

    /** The load balancer's health check, and how long after its start a task may fail it. */
    public record HealthCheck(
            String path,
            String codes,
            int timeoutSeconds,
            int intervalSeconds,
            int unhealthyThreshold,
            int graceSeconds) {
        static final HealthCheck UNKNOWN = new HealthCheck("/", "200", 5, 30, 2, 0);

        /** How long after its start a task may stay without an answer. */
        Duration patience() {
            return Duration.ofSeconds(Math.max(graceSeconds, (long) intervalSeconds * unhealthyThreshold));
        }
    }

    /**
     * A task that has stopped.
     *
     * @param code AWS's stop code; empty when it gives none
     * @param reason AWS's stopped reason; likewise
     */
    public record StoppedTask(
            String id,
            String taskDefinition,
            @Nullable Instant startedAt,
            @Nullable Instant stoppedAt,
            String code,
            String reason,
            String capacityProvider,
            List<ContainerEnd> containers) {
        public StoppedTask {
            containers = List.copyOf(containers);
        }
    }

    /**
     * How a container ended.
     *
     * @param exitCode null when it has not run
     * @param reason AWS's; empty when it gives none
     * @param health as its own health check has it
     */
    public record ContainerEnd(String name, @Nullable Integer exitCode, String reason, String health) {}

    /** An event of the service. */
    public record Event(Instant at, String message) {}

    /**
     * What is known of a change that failed, where nothing but AWS's words are.
     *
     * @param target the key of what was changed, such as {@code prod/web}
     * @param code of the failure, as {@link dev.slipway.stack} has it
     */
    public static Evidence ofFailure(String target, String path, String code, String detail, Instant at) {
        return new Evidence(
                new Subject(target, path, null, null, null, 0, 0, "", HealthCheck.UNKNOWN, false),
                Set.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                null,
                List.of(new Statement(Origin.STACK, at, code + ": " + detail)),
                List.of());
    }

    /** What the load balancer thinks of a task. */
    public record TargetHealth(String target, String zone, String state, String reason, String description) {}

    /**
     * A deployment.
     *
     * @param broken whether the circuit breaker was triggered
     * @param alarms that were triggered
     */
    public record Deployment(
            String status,
            String reason,
            boolean broken,
            List<String> alarms,
            @Nullable Instant at) {
        public Deployment {
            alarms = List.copyOf(alarms);
        }
    }

    /** A line of a log. */
    public record LogLine(Instant at, String text) {}

    /** What is known from elsewhere. */
    public record Statement(Origin origin, @Nullable Instant at, String text) {}

    /** Where a statement is from. */
    public enum Origin {
        STACK,
        PIPELINE,
        ROLLOUT,
        STATUS,
        HOOK
    }

    /** What the status says first, of a service that is not well. */
    Optional<String> standing() {
        return statements.stream()
                .filter(said -> said.origin() == Origin.STATUS)
                .map(Statement::text)
                .findFirst();
    }

    boolean isOfRelease(StoppedTask task) {
        return subject.taskDefinition() == null || task.taskDefinition().equals(subject.taskDefinition());
    }

    /** Whether a task of the release fails the load balancer's health check. */
    boolean failsHealth() {
        return observations().stream()
                .anyMatch(seen -> seen.ofRelease()
                        && seen.source() != Source.LOG
                        && HEALTH.matcher(seen.text()).find());
    }

    /** Whether the load balancer may not reach the port that tasks are registered with. */
    boolean isPortClosed() {
        return !openPorts.isEmpty() && !openPorts.contains(subject.port());
    }

    /** Whether a container of the release gave up by itself. */
    boolean exits() {
        return stopped.stream()
                .filter(this::isOfRelease)
                .filter(task -> task.code().equals("EssentialContainerExited"))
                .flatMap(task -> ended(task).stream())
                .anyMatch(container ->
                        container.exitCode() != null && container.exitCode() > 0 && container.exitCode() < 126);
    }

    /** The task whose log was read. */
    Optional<StoppedTask> logged() {
        return stopped.stream().filter(task -> task.id().equals(logOf)).findFirst();
    }

    /** Everything that speaks of trouble, newest first. What belongs to every day, as scaling does, is left out. */
    List<Observation> observations() {
        List<Observation> all = new ArrayList<>();
        stopped.forEach(task -> all.addAll(of(task)));
        events.stream()
                .filter(event -> !EventPolicy.isRoutine(event.message()))
                .map(event -> new Observation(Source.EVENT, event.at(), event.message(), isOfRelease(event)))
                .forEach(all::add);
        targets.stream()
                .filter(target ->
                        target.state().equals("unhealthy") || target.state().equals("unused"))
                .map(target -> new Observation(
                        Source.TARGET,
                        null,
                        "target %s in %s is %s: %s %s"
                                .formatted(
                                        target.target(),
                                        target.zone(),
                                        target.state(),
                                        target.reason(),
                                        target.description()),
                        true))
                .forEach(all::add);
        if (deployment != null) {
            all.addAll(of(deployment));
        }
        log.forEach(line -> all.add(new Observation(Source.LOG, line.at(), line.text(), true)));
        statements.forEach(
                said -> all.add(new Observation(Source.valueOf(said.origin().name()), said.at(), said.text(), true)));
        Pattern names = names();
        return all.stream()
                .sorted(Comparator.comparing(Observation::time).reversed())
                .limit(MOST)
                .map(seen -> seen.without(names))
                .toList();
    }

    /** Of the environment and the service, where AWS and we write them. */
    private Pattern names() {
        String[] names = subject.service().split("/", 2);
        String environment = Pattern.quote(names[0]);
        String service = Pattern.quote(names[names.length - 1]);
        return Pattern.compile("(?<=slipway[-/])%1$s\\b|(?<=\\(service |[-/]%1$s[-/]|container )%2$s\\b"
                .formatted(environment, service));
    }

    private boolean isOfRelease(Event event) {
        return stopped.stream()
                .filter(task -> event.message().contains(task.id()))
                .allMatch(this::isOfRelease);
    }

    private List<Observation> of(StoppedTask task) {
        boolean ours = isOfRelease(task);
        List<Observation> all = new ArrayList<>();
        if (!EventPolicy.isRoutineStop(task.code(), task.reason())) {
            all.add(new Observation(
                    Source.TASK,
                    task.stoppedAt(),
                    "task %s stopped: %s%s %s"
                            .formatted(
                                    shortId(task.id()),
                                    task.code(),
                                    task.capacityProvider().isEmpty() ? "" : " on " + task.capacityProvider(),
                                    task.reason()),
                    ours));
        }
        for (ContainerEnd container : task.containers()) {
            // A container that was told to end says nothing by how it did, unless the kernel says why.
            boolean own = !SCHEDULED.contains(task.code())
                    && !task.code().startsWith("Spot")
                    && ended(task).contains(container);
            boolean ended = container.exitCode() != null && (container.exitCode() != 0 || isAllZero(task));
            if (own && ended
                    || !container.reason().isEmpty()
                    || container.health().equals("UNHEALTHY")) {
                all.add(new Observation(
                        Source.CONTAINER,
                        task.stoppedAt(),
                        Stream.of(
                                        "container " + container.name() + " of task " + shortId(task.id()),
                                        container.exitCode() == null || !own ? "" : "exit code " + container.exitCode(),
                                        container.health().equals("UNHEALTHY") ? "its health check failed" : "",
                                        container.reason())
                                .filter(part -> !part.isEmpty())
                                .reduce((a, b) -> a + ", " + b)
                                .orElseThrow(),
                        ours));
            }
        }
        return all;
    }

    private boolean isAllZero(StoppedTask task) {
        return ended(task).stream().allMatch(container -> container.exitCode() != null && container.exitCode() == 0);
    }

    /**
     * The containers with whose end the task ended. That of the service is the only one that is essential; what is put beside it, as GuardDuty
     * does, ECS tells to end with it (exit code 143, or 137 where it takes too long). A task without it is somebody else's, of which all count.
     */
    private List<ContainerEnd> ended(StoppedTask task) {
        String service = subject.service().substring(subject.service().lastIndexOf('/') + 1);
        List<ContainerEnd> essential = task.containers().stream()
                .filter(container -> container.name().equals(service))
                .toList();
        return essential.isEmpty() ? task.containers() : essential;
    }

    private static List<Observation> of(Deployment deployment) {
        List<Observation> all = new ArrayList<>();
        if (deployment.broken()) {
            all.add(new Observation(
                    Source.DEPLOYMENT, deployment.at(), "circuit breaker triggered: " + deployment.reason(), true));
        }
        if (!deployment.alarms().isEmpty()) {
            all.add(new Observation(
                    Source.DEPLOYMENT,
                    deployment.at(),
                    "alarm triggered: " + String.join(", ", deployment.alarms()),
                    true));
        }
        if (all.isEmpty()
                && !deployment.reason().isEmpty()
                && !deployment.status().equals("SUCCESSFUL")) {
            all.add(new Observation(
                    Source.DEPLOYMENT, deployment.at(), deployment.status() + ": " + deployment.reason(), true));
        }
        return all;
    }

    static String shortId(String task) {
        return task.length() > 8 ? task.substring(0, 8) : task;
    }
}
