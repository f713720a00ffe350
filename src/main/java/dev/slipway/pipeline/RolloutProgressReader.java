package dev.slipway.pipeline;

import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.pipeline.DeployJobs.DeployJob;
import dev.slipway.pipeline.PipelinePolicy.RolloutProgress;
import dev.slipway.pipeline.PipelinePolicy.Snapshot;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at what {@link PipelinePolicy} decides by. All of it is in the store. */
record RolloutProgressReader(Store store, Grants grants) {
    /** @param started the rollout by what CodePipeline brings back, should our own record of the run be gone */
    Snapshot snapshot(DeployJobs jobs, String execution, @Nullable String started) {
        ServiceId service = jobs.service();
        PipelineId pipeline = new PipelineId(service.service());
        Optional<DeployJob> known = jobs.find(execution);
        String rollout = known.map(DeployJob::rollout).orElse(null);
        return new Snapshot(
                grants.allow(service.environmentId(), pipeline),
                rollout != null
                        ? progress(service, rollout)
                        : known.isEmpty() && started != null ? ownProgress(service, started) : Optional.empty(),
                newerDeployment(jobs, execution, executions(pipeline)));
    }

    /** Of a rollout that the service's pipeline has started, and nobody else. */
    private Optional<RolloutProgress> ownProgress(ServiceId service, String id) {
        return store.get(Rollout.key(service, id))
                .map(Stored::value)
                .filter(found -> found.request().actor().equals(PipelineJobs.actor(service)))
                .map(this::progress);
    }

    /** When somebody stopped an execution after {@code since}, by its events; empty when nobody did. */
    Optional<Instant> stopped(PipelineId pipeline, String execution, Instant since) {
        return executions(pipeline).executions().stream()
                .filter(found -> found.id().equals(execution))
                .filter(found ->
                        found.state() == PipelineEvent.State.STOPPING || found.state() == PipelineEvent.State.STOPPED)
                .map(PipelineExecutions.Execution::changedAt)
                .filter(at -> at != null && !at.isBefore(since))
                .findFirst();
    }

    PipelineExecutions executions(PipelineId pipeline) {
        return store.get(PipelineExecutions.key(pipeline))
                .map(Stored::value)
                .orElse(PipelineExecutions.empty(pipeline));
    }

    /** How a rollout stands; empty when there is no such. */
    Optional<RolloutProgress> progress(ServiceId service, String id) {
        return store.get(Rollout.key(service, id)).map(found -> progress(found.value()));
    }

    private RolloutProgress progress(Rollout rollout) {
        return switch (rollout.state()) {
            case SUCCEEDED -> new RolloutProgress.Succeeded();
            case ROLLED_BACK, FAILED, CANCELLED ->
                new RolloutProgress.Failed(rollout.requireOutcome().detail());
            case QUEUED ->
                new RolloutProgress.Running("The rollout in "
                        + rollout.service().environment() + " waits for the operation in progress there.");
            case RUNNING -> new RolloutProgress.Running(waitsFor(rollout).orElse(null));
        };
    }

    /** What holds a rollout, in a sentence; empty while nothing does. */
    Optional<String> waitsFor(Rollout rollout) {
        return store.get(GateRecord.key(rollout.service(), rollout.id()))
                .map(Stored::value)
                .flatMap(gate -> gate.awaitingApproval()
                        .map(_ -> "The rollout in " + rollout.service().environment() + " waits for an approval: "
                                + rollout.service().path() + "/rollouts/" + rollout.id()));
    }

    /**
     * A newer execution that is live here or on its way. By the order in which executions were first seen; by that of
     * their first jobs where their events were lost.
     */
    private Optional<DeployJob> newerDeployment(DeployJobs jobs, String execution, PipelineExecutions view) {
        Optional<Instant> own = startedAt(jobs, execution, view);
        return own.flatMap(mine -> jobs.jobs().stream()
                .filter(run -> !run.execution().equals(execution))
                .filter(run -> startedAt(jobs, run.execution(), view)
                        .filter(mine::isBefore)
                        .isPresent())
                .filter(this::isLiveOrInProgress)
                .max(Comparator.comparing(DeployJob::startedAt)));
    }

    private static Optional<Instant> startedAt(DeployJobs jobs, String execution, PipelineExecutions view) {
        return view.executions().stream()
                .filter(found -> found.id().equals(execution))
                .map(PipelineExecutions.Execution::firstSeen)
                .findFirst()
                .or(() -> jobs.find(execution).map(DeployJob::startedAt));
    }

    private boolean isLiveOrInProgress(DeployJob run) {
        String rollout = run.rollout();
        return rollout != null
                && progress(run.service(), rollout)
                        .filter(progress -> !(progress instanceof RolloutProgress.Failed))
                        .isPresent();
    }
}
