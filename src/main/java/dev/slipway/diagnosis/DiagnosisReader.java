package dev.slipway.diagnosis;

import static dev.slipway.diagnosis.StoppedTaskReader.orEmpty;

import dev.slipway.aws.AwsErrors;
import dev.slipway.deployment.EcsDeployments;
import dev.slipway.deployment.TargetHealthReader;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ServiceDeployment;
import software.amazon.awssdk.services.ecs.model.ServiceDeploymentRollbackMonitorsStatus;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;

/**
 * Reads what a diagnosis rests on: at most nine calls, and two more where a hook has ended the deployment, beside those for the status of a service. Each may be refused or throttled: then
 * the diagnosis rests on the others, and says what could not be read.
 */
public final class DiagnosisReader {
    private static final int LINES = 20;
    private static final Pattern HOOK = Pattern.compile("(?i)\\bhook");
    private static final String STEADY = "has reached a steady state";

    private final EcsDeployments deployments;
    private final TargetHealthReader targetHealth;
    private final LogReader logs;
    private final TaskDefinitions taskDefinitions;
    private final StoppedTaskReader stoppedTasks;
    private final HookLogReader hookLog;
    private final Executor calls;

    private DiagnosisReader(
            EcsClient ecs,
            ElasticLoadBalancingV2Client elb,
            CloudWatchLogsClient logs,
            String hookFunction,
            Executor calls) {
        this.calls = calls;
        this.deployments = new EcsDeployments(ecs);
        this.targetHealth = new TargetHealthReader(elb);
        this.logs = new LogReader(logs);
        this.taskDefinitions = new TaskDefinitions(ecs);
        this.stoppedTasks = new StoppedTaskReader(ecs);
        this.hookLog = new HookLogReader(logs, hookFunction);
    }

    /**
     * One call after the other: the worker's passes, of which several run at once, have time.
     *
     * @param hookFunction ARN of the hook function's alias
     */
    public static DiagnosisReader inTurn(
            EcsClient ecs, ElasticLoadBalancingV2Client elb, CloudWatchLogsClient logs, String hookFunction) {
        return new DiagnosisReader(ecs, elb, logs, hookFunction, Runnable::run);
    }

    /** Side by side where one does not need another: somebody waits for the answer. */
    public static DiagnosisReader sideBySide(
            EcsClient ecs, ElasticLoadBalancingV2Client elb, CloudWatchLogsClient logs, String hookFunction) {
        return new DiagnosisReader(
                ecs, elb, logs, hookFunction, call -> Thread.ofVirtual().start(call));
    }

    /**
     * What is asked.
     *
     * @param since nothing before it is looked at
     * @param ended whether it is about what has ended: else events before a steady state count no more
     * @param deployment ARN of the one that is asked about; null when there is none
     * @param targetGroups ARNs of the service's
     * @param openPorts which ports the service's stack opens: one call, or none
     * @param symptoms why the service's status is not a good one: some calls, or none
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
            Supplier<Symptoms> symptoms,
            List<Statement> statements) {
        public Question {
            targetGroups = List.copyOf(targetGroups);
            statements = List.copyOf(statements);
        }
    }

    /** Asks AWS what it has seen and tells what is wrong; what AWS refuses or fails to answer is named as unread, and throws nothing. */
    public Diagnosis diagnose(Question question, Instant now) {
        return DiagnosisPolicy.diagnose(read(question), now);
    }

    Evidence read(Question question) {
        CompletableFuture<Answer<List<Event>>> events = ask("the service's events", List.of(), () -> events(question));
        CompletableFuture<Answer<List<StoppedTask>>> stopping =
                ask("stopped tasks", List.of(), () -> stopped(question));
        List<CompletableFuture<Answer<List<TargetHealth>>>> health = question.targetGroups().stream()
                .map(group -> ask("health of targets", List.<TargetHealth>of(), () -> targets(group)))
                .toList();
        CompletableFuture<Answer<Optional<Deployment>>> deployment =
                ask("the deployment", Optional.empty(), () -> deployment(question));
        CompletableFuture<Answer<Set<Integer>>> openPorts = ask("the service's stack", Set.of(), question.openPorts());
        CompletableFuture<Answer<Symptoms>> standing = ask("the service's status", Symptoms.NONE, question.symptoms());
        List<StoppedTask> stopped = answer(stopping).value();
        Optional<StoppedTask> logged = stopped.stream()
                .filter(task -> question.subject().taskDefinition() == null
                        || task.taskDefinition().equals(question.subject().taskDefinition()))
                .filter(task -> !EventPolicy.isPlanned(task.reason()))
                .filter(task -> task.startedAt() != null
                        || task.containers().stream().anyMatch(container -> container.exitCode() != null))
                .findFirst();
        CompletableFuture<Answer<List<LogLine>>> log = logged.map(
                        task -> ask("the container's log", List.<LogLine>of(), () -> log(question.service(), task)))
                .orElseGet(() -> CompletableFuture.completedFuture(new Answer<>(List.of(), List.of())));
        CompletableFuture<Answer<HookLogReader.Found>> hook = answer(deployment)
                .value()
                .filter(found -> HOOK.matcher(found.reason()).find())
                .map(found -> ask("the hook's log", HookLogReader.Found.NOTHING, () -> hook(question, found)))
                .orElseGet(
                        () -> CompletableFuture.completedFuture(new Answer<>(HookLogReader.Found.NOTHING, List.of())));
        Symptoms symptoms = answer(standing).value();
        HookLogReader.Found hookLines = answer(hook).value();
        List<String> unread = Stream.of(
                        Stream.of(
                                        Stream.of(events, stopping),
                                        health.stream(),
                                        Stream.of(deployment, log, hook, openPorts, standing))
                                .flatMap(calls -> calls)
                                .flatMap(call -> answer(call).unread().stream()),
                        hookLines.unread().stream(),
                        symptoms.unread().stream())
                .flatMap(texts -> texts)
                .toList();
        return new Evidence(
                question.subject(),
                answer(openPorts).value(),
                stopped,
                answer(events).value(),
                health.stream()
                        .flatMap(targets -> answer(targets).value().stream())
                        .toList(),
                answer(deployment).value().orElse(null),
                answer(log).value(),
                logged.map(StoppedTask::id).orElse(null),
                Stream.of(symptoms.statements(), question.statements(), hookLines.lines())
                        .flatMap(List::stream)
                        .toList(),
                unread);
    }

    /** @param unread why it could not be read; empty when it was */
    private record Answer<T>(T value, List<String> unread) {}

    private <T> CompletableFuture<Answer<T>> ask(String what, T otherwise, Supplier<T> call) {
        return CompletableFuture.supplyAsync(() -> attempt(what, otherwise, call), calls);
    }

    /** What is a fault of ours is thrown as it was. */
    private static <T> T answer(CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException fault ? fault : e;
        }
    }

    private static <T> Answer<T> attempt(String what, T otherwise, Supplier<T> call) {
        try {
            return new Answer<>(call.get(), List.of());
        } catch (SdkException e) {
            String why = AwsErrors.denied(e).isPresent()
                    ? "AWS refuses it: " + Redaction.shorten(String.valueOf(e.getMessage()))
                    : AwsErrors.isTransient(e)
                            ? "AWS is throttling or not answering"
                            : "AWS answered with "
                                    + (e instanceof AwsServiceException told ? AwsErrors.code(told) : "an error");
            return new Answer<>(otherwise, List.of(what + ": " + why));
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
        return targetHealth.of(group).stream()
                .map(found -> new TargetHealth(
                        found.target().id() + ":" + found.target().port(),
                        orEmpty(found.target().availabilityZone()),
                        orEmpty(found.targetHealth().stateAsString()),
                        orEmpty(found.targetHealth().reasonAsString()),
                        orEmpty(found.targetHealth().description())))
                .toList();
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

    private HookLogReader.Found hook(Question question, Deployment ended) {
        return question.deployment() == null || ended.at() == null
                ? HookLogReader.Found.NOTHING
                : hookLog.read(question.deployment(), question.since(), ended.at());
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
