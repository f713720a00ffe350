package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.ServiceId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a deploy action of a pipeline execution: one for each environment and execution.
 *
 * @param jobId the newest job, the only one that an answer can go to
 * @param jobReceivedAt when it came
 * @param state of the job
 * @param startedAt when the action's first job came; CodePipeline gives up 24 hours later
 * @param rollout that it has started; null until it is known
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
        @Nullable Instant stoppedAt,
        List<String> previousJobIds)
        implements DeployJobBuilder.With {
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
        return new DeployJob(service, execution, job, at, JobState.OPEN, at, null, null, List.of());
    }

    DeployJob withJob(String newJob, Instant at) {
        List<String> before = new ArrayList<>(previousJobIds);
        before.add(jobId);
        return with(next -> next.jobId(newJob)
                .jobReceivedAt(at)
                .state(JobState.OPEN)
                .previousJobIds(before.subList(Math.max(0, before.size() - MAX_PREVIOUS_JOBS), before.size())));
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
