package dev.slipway.diagnosis;

import dev.slipway.diagnosis.Evidence.ContainerEnd;
import dev.slipway.diagnosis.Evidence.Deployment;
import dev.slipway.diagnosis.Evidence.Event;
import dev.slipway.diagnosis.Evidence.HealthCheck;
import dev.slipway.diagnosis.Evidence.LogLine;
import dev.slipway.diagnosis.Evidence.Origin;
import dev.slipway.diagnosis.Evidence.Statement;
import dev.slipway.diagnosis.Evidence.StoppedTask;
import dev.slipway.diagnosis.Evidence.Subject;
import dev.slipway.diagnosis.Evidence.TargetHealth;
import dev.slipway.logs.Redaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Evidence as AWS words it, put together piece by piece; each piece is a minute after the one before. */
final class Seen {
    static final String IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/slipway-prod-web@sha256:1f2e";
    static final String RELEASE = "arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-prod-web:7";
    static final String BEFORE = "arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-prod-web:6";
    static final String GROUP =
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/slipway-prod-web-a/0123456789abcdef";

    private final List<StoppedTask> stopped = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<TargetHealth> targets = new ArrayList<>();
    private final List<LogLine> log = new ArrayList<>();
    private final List<Statement> statements = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private @Nullable Deployment deployment;
    private Set<Integer> openPorts = Set.of(8080);
    private String release = RELEASE;
    private int grace;
    private boolean rollback = true;
    private @Nullable Instant started;

    private Instant tick() {
        now = now.plusSeconds(60);
        return now;
    }

    /** What follows is of the release before. */
    Seen before() {
        release = BEFORE;
        return this;
    }

    /** What follows is of the release that is asked about. */
    Seen after() {
        release = RELEASE;
        return this;
    }

    private String id() {
        return "%032x".formatted(0xfeedL + stopped.size());
    }

    /** A task that did not come to run. */
    Seen failsToStart(String reason) {
        stopped.add(new StoppedTask(
                id(),
                release,
                null,
                tick(),
                "TaskFailedToStart",
                reason,
                "FARGATE",
                List.of(new ContainerEnd("web", null, "", "UNKNOWN"))));
        return this;
    }

    Seen exits(int code, String reason) {
        return ends("EssentialContainerExited", "Essential container in task exited", code, reason);
    }

    Seen exits(int code) {
        return exits(code, "");
    }

    Seen ends(String stopCode, String reason, int code, String containerReason) {
        started = now;
        stopped.add(new StoppedTask(
                id(),
                release,
                now,
                tick(),
                stopCode,
                reason,
                stopCode.startsWith("Spot") ? "FARGATE_SPOT" : "FARGATE",
                List.of(new ContainerEnd("web", code, containerReason, "UNKNOWN"))));
        return this;
    }

    /** A task whose own container ended by itself, and the agent that GuardDuty had put beside it was told to end then. */
    Seen exitsBesideAgent(int code, int agent) {
        exits(code);
        StoppedTask task = stopped.removeLast();
        stopped.add(new StoppedTask(
                task.id(),
                task.taskDefinition(),
                task.startedAt(),
                task.stoppedAt(),
                task.code(),
                task.reason(),
                task.capacityProvider(),
                List.of(
                        new ContainerEnd("aws-guardduty-agent-9QcM6w5", agent, "", "UNKNOWN"),
                        task.containers().getFirst())));
        return this;
    }

    Seen unhealthy(String reason) {
        event("(service web) (task %s) (port 8080) is unhealthy in (target-group %s) due to (reason %s)"
                .formatted(id(), GROUP, reason));
        return ends(
                "ServiceSchedulerInitiated",
                "Task failed ELB health checks in (target-group %s)".formatted(GROUP),
                0,
                "");
    }

    Seen event(String message) {
        events.add(new Event(tick(), message));
        return this;
    }

    Seen target(String reason, String description) {
        targets.add(new TargetHealth("172.17.0.9:8080", "eu-central-1a", "unhealthy", reason, description));
        return this;
    }

    Seen targetInState(String state, String reason, String description) {
        targets.add(new TargetHealth("172.17.0.9:8080", "eu-central-1a", state, reason, description));
        return this;
    }

    /** Of the task that was told of last; seconds after its start. */
    Seen log(int seconds, String line) {
        Instant since = started == null ? now : started;
        log.add(new LogLine(since.plusSeconds(seconds), Redaction.mask(line)));
        return this;
    }

    Seen says(Origin origin, String text) {
        statements.add(new Statement(origin, tick(), text));
        return this;
    }

    Seen deployment(String status, String reason, boolean broken, String... alarms) {
        deployment = new Deployment(status, reason, broken, List.of(alarms), tick());
        return this;
    }

    Seen openPorts(int port) {
        openPorts = Set.of(port);
        return this;
    }

    /** The release has been rolled back already, or was the first. */
    Seen withoutRollback() {
        rollback = false;
        return this;
    }

    Seen grace(int seconds) {
        grace = seconds;
        return this;
    }

    Evidence evidence() {
        return new Evidence(
                new Subject(
                        "prod/web",
                        "/v1/environments/prod/services/web",
                        7,
                        RELEASE,
                        IMAGE,
                        8080,
                        512,
                        "x86_64",
                        new HealthCheck("/healthz", "200-399", 5, 10, 3, grace),
                        rollback),
                openPorts,
                stopped,
                events,
                targets,
                deployment,
                log,
                stopped.isEmpty() ? null : stopped.getLast().id(),
                statements,
                List.of());
    }

    Diagnosis diagnosis() {
        return DiagnosisPolicy.diagnose(evidence(), now);
    }
}
