package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.slipway.store.Key;
import dev.slipway.store.Kind;
import dev.slipway.target.ServiceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The deploy actions of a service's pipeline in one environment. In one item, so that which of two executions is the newer
 * and which has a job to answer is known together.
 *
 * @param runs one for each execution, the last changed first, at most {@link #MOST}
 */
public record PipelineRuns(ServiceId service, List<PipelineRun> runs) {
    static final String PARTITION = "pipelines";
    static final Kind<PipelineRuns> KIND = new Kind<>("pipeline-runs", PipelineRuns.class, 1);
    /** A stage runs one execution at a time; the others are for retries, and to know what is older. */
    private static final int MOST = 20;

    public PipelineRuns {
        runs = List.copyOf(runs);
    }

    /** Sorted so that the environments of a pipeline lie together. */
    static Key<PipelineRuns> key(ServiceId service) {
        return new Key<>(PARTITION, prefix(service.service()) + service.environment(), KIND);
    }

    /** What the sort keys of a pipeline's items begin with. */
    static String prefix(String pipeline) {
        return pipeline + "/";
    }

    Optional<PipelineRun> of(String execution) {
        return runs.stream().filter(run -> run.execution().equals(execution)).findFirst();
    }

    PipelineRuns with(PipelineRun run) {
        List<PipelineRun> next = new ArrayList<>();
        next.add(run);
        runs.stream()
                .filter(found -> !found.execution().equals(run.execution()))
                .forEach(next::add);
        return new PipelineRuns(service, next.subList(0, Math.min(next.size(), MOST)));
    }

    /** Those of which somebody has yet to be told, or whose rollout has yet to be stopped. */
    @JsonIgnore
    List<PipelineRun> open() {
        return runs.stream()
                .filter(run -> run.state() == PipelineRun.JobState.OPEN || run.stopped() != null && !run.isOver())
                .toList();
    }
}
