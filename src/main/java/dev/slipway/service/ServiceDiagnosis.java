package dev.slipway.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.aws.AnswerCache;
import dev.slipway.diagnosis.Diagnosis;
import dev.slipway.diagnosis.DiagnosisReader;
import dev.slipway.diagnosis.DiagnosisReader.Question;
import dev.slipway.diagnosis.Evidence.HealthCheck;
import dev.slipway.diagnosis.Evidence.Origin;
import dev.slipway.diagnosis.Evidence.Statement;
import dev.slipway.diagnosis.Evidence.Subject;
import dev.slipway.diagnosis.Symptoms;
import dev.slipway.environment.Certificates;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.problem.Problem;
import dev.slipway.release.ContainerSettings;
import dev.slipway.release.Release;
import dev.slipway.rollout.Rollout;
import dev.slipway.stack.StackReconciler;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is wrong with a service, and what was when a rollout of it failed last. */
public final class ServiceDiagnosis {
    /** ECS forgets stopped tasks after an hour, so that nothing older could be held against events. */
    private static final Duration LOOKED_AT = Duration.ofHours(1);

    /** Who looks again within it sees the same, and AWS is not asked: as long as a status is. */
    private static final Duration CACHED = Duration.ofSeconds(5);

    private static final int MOST_CACHED = 100;

    private final Services services;
    private final Store store;
    private final Operations operations;
    private final StackReconciler stacks;
    private final DiagnosisReader reader;
    private final Function<ServiceId, Symptoms> symptoms;
    private final InstantSource clock;
    private final AnswerCache<Asked, Report> cached = new AnswerCache<>(CACHED, MOST_CACHED);

    /** @param symptoms why a service's status is not a good one */
    public ServiceDiagnosis(
            Services services,
            Store store,
            Operations operations,
            StackReconciler stacks,
            DiagnosisReader reader,
            Function<ServiceId, Symptoms> symptoms,
            InstantSource clock) {
        this.services = services;
        this.store = store;
        this.operations = operations;
        this.stacks = stacks;
        this.reader = reader;
        this.symptoms = symptoms;
        this.clock = clock;
    }

    /**
     * A service's diagnosis.
     *
     * @param release that is asked about: that of the rollout under way, else the live one; absent before the first
     * @param lastFailure absent where the last rollout did not fail; a rollback that changed nothing does not count
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Report(
            String service,
            @Nullable Integer release,
            Diagnosis diagnosis,
            @Nullable LastFailure lastFailure) {}

    /**
     * How the last rollout failed.
     *
     * @param rollout its path
     * @param diagnosis as it was kept; absent where nothing had been started
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @RegisterForReflection
    public record LastFailure(
            String rollout,
            Rollout.State state,
            Instant endedAt,
            String detail,
            @Nullable Diagnosis diagnosis) {}

    /** The load balancer's check as a diagnosis needs it. */
    static HealthCheck healthCheck(ServiceSpec spec) {
        ServiceSpec.HealthCheck check = spec.routing().healthCheck();
        return new HealthCheck(
                check.path(),
                check.codes(),
                check.timeoutSeconds(),
                check.intervalSeconds(),
                check.unhealthyThreshold(),
                spec.gracePeriodSeconds());
    }

    /**
     * As AWS says now or said a few seconds ago.
     *
     * @param pipeline what failed in the service's pipeline, as far as it concerns this environment
     */
    public Report report(ServiceId id, List<Statement> pipeline) {
        ServiceRecord record = services.get(id);
        Instant now = clock.instant();
        Asked asked = new Asked(id, List.copyOf(pipeline));
        return cached.find(asked, now).orElseGet(() -> {
            Report report = report(record, pipeline, now);
            cached.put(asked, report, now);
            return report;
        });
    }

    private record Asked(ServiceId id, List<Statement> pipeline) {}

    private Report report(ServiceRecord record, List<Statement> pipeline, Instant now) {
        ServiceId id = record.id();
        List<Rollout> latest = OutOfBandDeployments.latest(store, id);
        Optional<Rollout> last = latest.stream().findFirst();
        Optional<Rollout> running = last.filter(Rollout::isRunning);
        Integer number = running.map(Rollout::release).orElse(record.live());
        Optional<Release> release = number == null
                ? Optional.empty()
                : store.get(Release.key(id, number)).map(Stored::value);
        ContainerSettings container =
                release.map(Release::container).orElse(record.declared().container());
        Integer back = running.isPresent() ? record.live() : record.previous();
        Question question = new Question(
                id,
                new Subject(
                        id.key(),
                        id.path(),
                        number,
                        release.map(Release::taskDefinition).orElse(null),
                        release.map(Release::image).orElse(null),
                        container.port(),
                        container.memory(),
                        String.valueOf(container.architecture()).toLowerCase(Locale.ROOT),
                        healthCheck(record.declared()),
                        number != null
                                && back != null
                                && back < number
                                && running.filter(rollout -> rollout.stop() != null)
                                        .isEmpty()),
                running.map(rollout -> rollout.progress().startedAt()).orElse(now.minus(LOOKED_AT)),
                running.isPresent(),
                running.map(rollout -> rollout.progress().deployment()).orElse(null),
                Stream.of("TargetGroupA", "TargetGroupB")
                        .flatMap(output -> Stream.ofNullable(record.outputs().get(output)))
                        .toList(),
                () -> openPorts(id),
                () -> symptoms.apply(id),
                statements(id, pipeline, Rollout.needless(latest), now));
        return new Report(
                id.path(),
                number,
                reader.diagnose(question, now),
                latest.stream()
                        .filter(rollout -> !rollout.isNeedlessRollback())
                        .findFirst()
                        .filter(rollout -> rollout.outcome() != null
                                && (rollout.state() == Rollout.State.FAILED
                                        || rollout.state() == Rollout.State.ROLLED_BACK))
                        .map(ServiceDiagnosis::lastFailure)
                        .orElse(null));
    }

    private static LastFailure lastFailure(Rollout rollout) {
        Rollout.Outcome outcome = rollout.requireOutcome();
        return new LastFailure(
                rollout.service().path() + "/rollouts/" + rollout.id(),
                rollout.state(),
                outcome.endedAt(),
                outcome.detail(),
                outcome.diagnosis());
    }

    private Set<Integer> openPorts(ServiceId id) {
        return stacks.observe(id.stackName()).stream()
                .flatMap(stack -> Stream.of("ContainerPort", "LiveContainerPort")
                        .map(stack.parameters()::get)
                        .filter(Objects::nonNull))
                .map(Integer::valueOf)
                .collect(Collectors.toSet());
    }

    private List<Statement> statements(ServiceId id, List<Statement> pipeline, Set<String> needless, Instant now) {
        List<Statement> all = new ArrayList<>(pipeline);
        Stream.of(id, id.environmentId()).forEach(target -> {
            failure(target, needless).ifPresent(all::add);
            operations
                    .lastWithLeftovers(target)
                    .ifPresent(operation -> operation
                            .leftovers()
                            .forEach(left -> all.add(new Statement(
                                    Origin.STACK, operation.endedAt(), "left-behind: " + left.sentence()))));
            operations
                    .findRunning(target)
                    .flatMap(operation -> certificate(operation, now))
                    .ifPresent(all::add);
        });
        return all;
    }

    /** Why the last apply of it failed. What a rollout did is told by its record. */
    private Optional<Statement> failure(Target target, Set<String> needless) {
        return operations
                .lastEnded(target, needless)
                .filter(operation -> operation.rollout() == null)
                .flatMap(operation -> Optional.ofNullable(operation.failure())
                        .map(failure -> new Statement(Origin.STACK, operation.endedAt(), told(failure))));
    }

    private static String told(Problem failure) {
        return failure.code() + ": " + failure.detail();
    }

    private static Optional<Statement> certificate(Operation operation, Instant now) {
        return Certificates.waiting(operation, now)
                .map(event -> new Statement(Origin.STACK, event.at(), Certificates.sentence(event)));
    }
}
