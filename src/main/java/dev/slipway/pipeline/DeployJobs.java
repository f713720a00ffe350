package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The deploy actions of a service's pipeline in one environment. In one item, so that which of two executions is the newer
 * and which has a job to answer is known together.
 *
 * @param runs one for each execution, the last changed first, at most {@link #MOST}
 */
public record DeployJobs(ServiceId service, List<DeployJob> runs) {
    static final String PARTITION = "pipelines";
    static final ItemType<DeployJobs> KIND = new ItemType<>("pipeline-runs", DeployJobs.class, 1);
    /** A stage runs one execution at a time; the others are for retries, and to know what is older. */
    private static final int MOST = 20;

    public DeployJobs {
        runs = List.copyOf(runs);
    }

    /** Sorted so that the environments of a pipeline lie together. */
    static Key<DeployJobs> key(ServiceId service) {
        return new Key<>(PARTITION, prefix(service.service()) + service.environment(), KIND);
    }

    /** What the sort keys of a pipeline's items begin with. */
    static String prefix(String pipeline) {
        return pipeline + "/";
    }

    Optional<DeployJob> of(String execution) {
        return runs.stream().filter(run -> run.execution().equals(execution)).findFirst();
    }

    DeployJobs with(DeployJob run) {
        List<DeployJob> next = new ArrayList<>();
        next.add(run);
        runs.stream()
                .filter(found -> !found.execution().equals(run.execution()))
                .forEach(next::add);
        return new DeployJobs(service, next.subList(0, Math.min(next.size(), MOST)));
    }

    /** Those of which somebody has yet to be told, or whose rollout has yet to be stopped. */
    @JsonIgnore
    List<DeployJob> open() {
        return runs.stream()
                .filter(run -> run.state() == DeployJob.JobState.OPEN || run.stopped() != null && !run.isOver())
                .toList();
    }
}
