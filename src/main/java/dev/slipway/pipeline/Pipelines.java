package dev.slipway.pipeline;

import dev.slipway.deployment.RolloutSettings;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.operation.Acceptance.Request;
import dev.slipway.operation.Transaction;
import dev.slipway.plan.Declarations;
import dev.slipway.problem.Problem;
import dev.slipway.problem.ProblemException;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.store.Key;
import dev.slipway.store.Page;
import dev.slipway.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Accepts what callers want of pipelines. What the executions of one that is deleted have started goes on. */
public final class Pipelines extends Declarations<PipelineId, PipelineSpec, PipelineRecord> {
    private final Environments environments;
    private final Services services;
    private final Grants grants;
    private final AwsLocation home;

    Pipelines(Base base, Environments environments, Services services, Grants grants, AwsLocation home) {
        super(base, "pipeline", PipelineSpec.class);
        this.environments = environments;
        this.services = services;
        this.grants = grants;
        this.home = home;
    }

    /** Pipelines by name. */
    public Page<PipelineRecord> list(int limit, @Nullable String next) {
        return base.store().list(PipelineRecord.PARTITION, "", PipelineRecord.ITEM_TYPE, false, limit, next);
    }

    @Override
    protected Key<PipelineRecord> key(PipelineId id) {
        return PipelineRecord.key(id);
    }

    @Override
    protected PipelineRecord created(PipelineId id, PipelineSpec spec, Instant now) {
        return PipelineRecord.created(id, spec, now);
    }

    @Override
    protected String describe(PipelineId id) {
        return "pipeline " + id.service();
    }

    @Override
    protected Admission admit(PipelineId id, PipelineSpec spec, Optional<PipelineRecord> found) {
        List<String> declared = environments.names();
        Map<String, PipelineRules.StageSnapshot> facts = new HashMap<>();
        for (String name : spec.environments()) {
            if (declared.contains(name)) {
                services.find(id.serviceIn(name)).ifPresent(service -> facts.put(name, facts(id, name, service)));
            }
        }
        List<Problem.FieldError> errors =
                PipelineRules.check(id, spec, facts, Set.copyOf(declared), home.account(), home.region());
        if (!errors.isEmpty()) {
            throw new ProblemException(
                    422, Problem.invalid("invalid-spec", "The pipeline's spec does not fit its environments.", errors));
        }
        return new Admission(new Transaction(), List.of());
    }

    @Override
    protected Transaction deleting(Stored<PipelineRecord> found, Request request, Instant now) {
        return new Transaction().update(found, found.value().withDeleting(true));
    }

    private PipelineRules.StageSnapshot facts(PipelineId id, String environment, ServiceRecord service) {
        return new PipelineRules.StageSnapshot(
                waits(service.declared().rollout()),
                service.declared().container().architecture(),
                grants.find(new EnvironmentId(environment), id).isPresent(),
                PipelineStack.hasRegistry(service));
    }

    /** How long a rollout by these settings may wait at most. */
    static PipelineRules.RolloutDurations waits(RolloutSettings settings) {
        Duration before = settings.before() == null
                ? Duration.ZERO
                : Duration.ofSeconds(settings.before().timeoutSeconds());
        return new PipelineRules.RolloutDurations(
                settings.maxDuration()
                        .minus(settings.totalBakeTime())
                        .minus(settings.totalApprovalTimeout())
                        .plus(before),
                settings.totalApprovalTimeout(),
                settings.totalBakeTime());
    }
}
