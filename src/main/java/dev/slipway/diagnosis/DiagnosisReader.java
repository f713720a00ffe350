package dev.slipway.diagnosis;

import static dev.slipway.diagnosis.StoppedTaskReader.orEmpty;

import dev.slipway.aws.AwsErrors;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.diagnosis.Evidence.Deployment;
import dev.slipway.diagnosis.Evidence.Event;
import dev.slipway.diagnosis.Evidence.LogLine;
import dev.slipway.diagnosis.Evidence.Statement;
import dev.slipway.diagnosis.Evidence.StoppedTask;
import dev.slipway.diagnosis.Evidence.Subject;
import dev.slipway.diagnosis.Evidence.TargetHealth;
import dev.slipway.id.ServiceId;
import dev.slipway.logs.LogReader;
import dev.slipway.logs.LogStreamName;
import dev.slipway.logs.Redaction;
import dev.slipway.release.TaskDefinitions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentRollbackMonitorsStatus;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetHealthRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupNotFoundException;

/**
 * Reads what a diagnosis rests on: at most nine calls, one after the other. Each may be refused or throttled: then the diagnosis
 * rests on the others, and says what could not be read.
 */
public final class DiagnosisReader {
    private static final int LINES = 20;
    private static final String STEADY = "has reached a steady state";

    private final EcsDeployments deployments;
    private final ElasticLoadBalancingV2Client elb;
    private final LogReader logs;
    private final TaskDefinitions taskDefinitions;
    private final StoppedTaskReader stoppedTasks;

    public DiagnosisReader(EcsClient ecs, ElasticLoadBalancingV2Client elb, CloudWatchLogsClient logs) {
        this.deployments = new EcsDeployments(ecs);
        this.elb = elb;
        this.logs = new LogReader(logs);
        this.taskDefinitions = new TaskDefinitions(ecs);
        this.stoppedTasks = new StoppedTaskReader(ecs);
    }

    /**
     * What is asked.
     *
     * @param since nothing before it is looked at
     * @param ended whether it is about what has ended: else events before a steady state count no more
     * @param deployment ARN of the one that is asked about; null when there is none
     * @param targetGroups ARNs of the service's
     * @param openPorts which ports the service's stack opens: one call, or none
     * @param statements what is known already
     */
    public record Question(
            ServiceId service,
            Subject subject,
            Instant since,
            boolean ended,
            @Nullable String deployment,
            List<String> targetGroups,
            Supplier<Set<Integer>> openPorts,
            List<Statement> statements) {
        public Question {
            targetGroups = List.copyOf(targetGroups);
            statements = List.copyOf(statements);
        }
    }

    public Diagnosis diagnose(Question question, Instant now) {
        return DiagnosisPolicy.diagnose(read(question), now);
    }

    Evidence read(Question question) {
        List<String> unread = new ArrayList<>();
        List<Event> events = attempt("the service's events", unread, List.of(), () -> events(question));
        List<StoppedTask> stopped = attempt("stopped tasks", unread, List.of(), () -> stopped(question));
        List<TargetHealth> targets = new ArrayList<>();
        for (String group : question.targetGroups()) {
            targets.addAll(attempt("health of targets", unread, List.of(), () -> targets(group)));
        }
        Deployment deployment = attempt(
                        "the deployment", unread, Optional.<Deployment>empty(), () -> deployment(question))
                .orElse(null);
        Optional<StoppedTask> logged = stopped.stream()
                .filter(task -> question.subject().taskDefinition() == null
                        || task.taskDefinition().equals(question.subject().taskDefinition()))
                .filter(task -> !EventPolicy.isPlanned(task.reason()))
                .filter(task -> task.startedAt() != null
                        || task.containers().stream().anyMatch(container -> container.exitCode() != null))
                .findFirst();
        List<LogLine> log = logged.map(task ->
                        attempt("the container's log", unread, List.<LogLine>of(), () -> log(question.service(), task)))
                .orElse(List.of());
        return new Evidence(
                question.subject(),
                attempt("the service's stack", unread, Set.of(), question.openPorts()),
                stopped,
                events,
                targets,
                deployment,
                log,
                logged.map(StoppedTask::id).orElse(null),
                question.statements(),
                unread);
    }

    private static <T> T attempt(String what, List<String> unread, T otherwise, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            String why = AwsErrors.denied(e).isPresent()
                    ? "AWS refuses it: " + Redaction.shorten(String.valueOf(e.getMessage()))
                    : AwsErrors.isTransient(e)
                            ? "AWS is throttling or not answering"
                            : "AWS answered with "
                                    + (e instanceof AwsServiceException told ? AwsErrors.code(told) : "an error");
            unread.add(what + ": " + why);
            return otherwise;
        }
    }

    private List<Event> events(Question question) {
        List<Event> all = deployments.find(question.service()).stream()
                .flatMap(service -> service.events().stream())
                .filter(event -> !event.createdAt().isBefore(question.since()))
                .map(event -> new Event(event.createdAt(), event.message()))
                .toList();
        Instant steady = all.stream()
                .filter(event -> !question.ended() && event.message().contains(STEADY))
                .map(Event::at)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
        return all.stream().filter(event -> !event.at().isBefore(steady)).toList();
    }

    /** Of a service that goes on, what another release than the live one went through is the past. */
    private List<StoppedTask> stopped(Question question) {
        return stoppedTasks.read(question.service()).stream()
                .filter(task -> task.stoppedAt() == null || !task.stoppedAt().isBefore(question.since()))
                .filter(task -> question.ended()
                        || question.subject().taskDefinition() == null
                        || task.taskDefinition().equals(question.subject().taskDefinition()))
                .toList();
    }

    private List<TargetHealth> targets(String group) {
        try {
            return elb
                    .describeTargetHealth(DescribeTargetHealthRequest.builder()
                            .targetGroupArn(group)
                            .build())
                    .targetHealthDescriptions()
                    .stream()
                    .map(found -> new TargetHealth(
                            found.target().id() + ":" + found.target().port(),
                            orEmpty(found.target().availabilityZone()),
                            orEmpty(found.targetHealth().stateAsString()),
                            orEmpty(found.targetHealth().reasonAsString()),
                            orEmpty(found.targetHealth().description())))
                    .toList();
        } catch (TargetGroupNotFoundException e) {
            return List.of();
        }
    }

    private Optional<Deployment> deployment(Question question) {
        return question.deployment() == null
                ? Optional.empty()
                : deployments.describe(question.deployment()).map(DiagnosisReader::deployment);
    }

    private static Deployment deployment(ServiceDeployment found) {
        String rollback =
                found.rollback() == null ? "" : orEmpty(found.rollback().reason());
        return new Deployment(
                orEmpty(found.statusAsString()),
                rollback.isEmpty() ? orEmpty(found.statusReason()) : rollback,
                found.deploymentCircuitBreaker() != null
                        && found.deploymentCircuitBreaker().status()
                                == ServiceDeploymentRollbackMonitorsStatus.TRIGGERED,
                found.alarms() == null ? List.of() : found.alarms().triggeredAlarmNames(),
                found.updatedAt());
    }

    /** Where its task definition says that its container writes. */
    private List<LogLine> log(ServiceId service, StoppedTask task) {
        return taskDefinitions.logPrefix(task.taskDefinition()).stream()
                .map(prefix -> new LogStreamName(prefix, service.service(), task.id()))
                .flatMap(stream -> logs.newest(service.logGroup(), stream, LINES).stream())
                .map(line -> new LogLine(line.at(), line.message()))
                .toList();
    }
}
