package dev.slipway.pipeline;

import dev.slipway.pipeline.PipelinePolicy.Progress;
import dev.slipway.pipeline.PipelinePolicy.Seen;
import dev.slipway.rollout.GateRecord;
import dev.slipway.rollout.Rollout;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.target.PipelineId;
import dev.slipway.target.ServiceId;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at what {@link PipelinePolicy} decides by. All of it is in the store. */
final class PipelineSight {
    private final Store store;
    private final Grants grants;

    PipelineSight(Store store, Grants grants) {
        this.store = store;
        this.grants = grants;
    }

    /** @param token the rollout by what CodePipeline brings back, should our own record of the run be gone */
    Seen see(PipelineRuns runs, String execution, @Nullable String token) {
        ServiceId service = runs.service();
        PipelineId pipeline = new PipelineId(service.service());
        Optional<PipelineRun> known = runs.of(execution);
        String rollout = known.map(PipelineRun::rollout).orElse(known.isEmpty() ? token : null);
        return new Seen(
                grants.find(service.environmentId(), pipeline).isPresent(),
                rollout == null ? Optional.empty() : progress(service, rollout),
                newer(runs, execution, view(pipeline)));
    }

    PipelineView view(PipelineId pipeline) {
        return store.get(PipelineView.key(pipeline)).map(Stored::value).orElse(PipelineView.empty(pipeline));
    }

    /** How a rollout stands; empty when there is no such. */
    Optional<Progress> progress(ServiceId service, String id) {
        return store.get(Rollout.key(service, id)).map(found -> progress(found.value()));
    }

    private Progress progress(Rollout rollout) {
        return switch (rollout.state()) {
            case SUCCEEDED -> new Progress.Succeeded();
            case ROLLED_BACK, FAILED, CANCELLED ->
                new Progress.Failed(Objects.requireNonNull(rollout.outcome()).detail());
            case QUEUED ->
                new Progress.Running(
                        "The rollout in " + rollout.service().environment() + " waits for what is under way there.");
            case RUNNING -> new Progress.Running(waitsFor(rollout).orElse(null));
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
    private Optional<PipelineRun> newer(PipelineRuns runs, String execution, PipelineView view) {
        Optional<Instant> own = began(runs, execution, view);
        return own.flatMap(mine -> runs.runs().stream()
                .filter(run -> !run.execution().equals(execution))
                .filter(run -> began(runs, run.execution(), view)
                        .filter(mine::isBefore)
                        .isPresent())
                .filter(this::isLiveOrOnItsWay)
                .max(Comparator.comparing(PipelineRun::startedAt)));
    }

    private static Optional<Instant> began(PipelineRuns runs, String execution, PipelineView view) {
        return view.executions().stream()
                .filter(found -> found.id().equals(execution))
                .map(PipelineView.Execution::firstSeen)
                .findFirst()
                .or(() -> runs.of(execution).map(PipelineRun::startedAt));
    }

    private boolean isLiveOrOnItsWay(PipelineRun run) {
        String rollout = run.rollout();
        return rollout != null
                && progress(run.service(), rollout)
                        .filter(progress -> !(progress instanceof Progress.Failed))
                        .isPresent();
    }
}
