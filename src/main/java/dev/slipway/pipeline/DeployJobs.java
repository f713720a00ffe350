package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The deploy actions of a service's pipeline in one environment. In one item, so that which of two executions is the newer
 * and which has a job to answer is known together.
 *
 * @param jobs one for each execution, the last changed first, at most {@link #MAX_JOBS}
 */
@RegisterForReflection
public record DeployJobs(ServiceId service, List<DeployJob> jobs) {
    static final String PARTITION = "deploy-jobs";
    static final ItemType<DeployJobs> ITEM_TYPE = new ItemType<>("deploy-jobs", DeployJobs.class, 1);
    /** A stage runs one execution at a time; the others are for retries, and to know what is older. */
    private static final int MAX_JOBS = 20;

    public DeployJobs {
        jobs = List.copyOf(jobs);
    }

    /** Sorted so that the environments of a pipeline lie together. */
    static Key<DeployJobs> key(ServiceId service) {
        return new Key<>(PARTITION, prefix(service.service()) + service.environment(), ITEM_TYPE);
    }

    /** What the sort keys of a pipeline's items begin with. */
    static String prefix(String pipeline) {
        return pipeline + "/";
    }

    Optional<DeployJob> find(String execution) {
        return jobs.stream().filter(run -> run.execution().equals(execution)).findFirst();
    }

    DeployJobs withJob(DeployJob run) {
        List<DeployJob> next = new ArrayList<>();
        next.add(run);
        jobs.stream()
                .filter(found -> !found.execution().equals(run.execution()))
                .forEach(next::add);
        return new DeployJobs(service, next.subList(0, Math.min(next.size(), MAX_JOBS)));
    }

    /** Those of which somebody has yet to be told, or whose rollout has yet to be stopped. */
    @JsonIgnore
    List<DeployJob> openJobs() {
        return jobs.stream()
                .filter(run -> run.state() == DeployJob.JobState.OPEN || run.stoppedAt() != null && !run.isDone())
                .toList();
    }
}
