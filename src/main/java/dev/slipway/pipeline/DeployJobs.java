package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.ServiceId;
import dev.slipway.store.ItemType;
import dev.slipway.store.Key;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /**
     * What is kept of a deploy action of a pipeline execution: one for each environment and execution.
     *
     * @param jobId the newest job, the only one that an answer can go to
     * @param jobReceivedAt when it came
     * @param state of the job
     * @param startedAt when the action's first job came; CodePipeline gives up 24 hours later
     * @param rollout that it has started; null until it is known
     * @param refusal why no rollout could be started, to be told to the next job; null while nothing is wrong
     * @param stoppedAt when somebody stopped the execution
     * @param previousJobIds the jobs before the newest, which may still be delivered once more
     */
    @RegisterForReflection
    @RecordBuilder
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DeployJob(
            ServiceId service,
            String execution,
            String jobId,
            Instant jobReceivedAt,
            JobState state,
            Instant startedAt,
            @Nullable String rollout,
            @Nullable String refusal,
            @Nullable Instant stoppedAt,
            List<String> previousJobIds)
            implements DeployJobsDeployJobBuilder.With {
        /** Enough for an event that comes late: jobs follow each other every quarter of an hour. */
        private static final int MAX_PREVIOUS_JOBS = 5;

        public DeployJob {
            previousJobIds = previousJobIds == null ? List.of() : List.copyOf(previousJobIds);
        }

        /** Whether the newest job has had its answer. */
        public enum JobState {
            /** CodePipeline waits for our answer, 20 minutes at most. */
            OPEN,
            /** It was told to go on waiting and will come with a new job. */
            CONTINUED,
            /** It was told how it ended. */
            ANSWERED
        }

        /** The first job of an action, or that of a retry. */
        static DeployJob first(ServiceId service, String execution, String job, Instant at) {
            return new DeployJob(service, execution, job, at, JobState.OPEN, at, null, null, null, List.of());
        }

        DeployJob withJob(String newJob, Instant at) {
            List<String> before = new ArrayList<>(previousJobIds);
            before.add(jobId);
            return with(next -> next.jobId(newJob)
                    .jobReceivedAt(at)
                    .state(JobState.OPEN)
                    .previousJobIds(before.subList(Math.max(0, before.size() - MAX_PREVIOUS_JOBS), before.size())));
        }

        /** Whether it has started a rollout of which CodePipeline is not told the end yet. */
        @JsonIgnore
        boolean isUnderWay() {
            return rollout != null && !isDone();
        }

        /** Whether a job is one that has come before. */
        boolean knows(String job) {
            return jobId.equals(job) || previousJobIds.contains(job);
        }

        /** Its newest job has had its last answer. */
        DeployJob answered() {
            return withState(JobState.ANSWERED);
        }

        DeployJob withStop(Instant at) {
            return stoppedAt == null ? withStoppedAt(at) : this;
        }

        @JsonIgnore
        public boolean isDone() {
            return state == JobState.ANSWERED;
        }
    }
}
