package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.target.ServiceId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a deploy action of a pipeline execution: one for each environment and execution.
 *
 * @param job the newest job, the only one that an answer can go to
 * @param jobAt when it came
 * @param state of the job
 * @param startedAt when the action's first job came; CodePipeline gives up 24 hours later
 * @param rollout that it has started; null until it is known
 * @param stopped when somebody stopped the execution
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PipelineRun(
        ServiceId service,
        String execution,
        String job,
        Instant jobAt,
        JobState state,
        Instant startedAt,
        @Nullable String rollout,
        @Nullable Instant stopped) {
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
    static PipelineRun first(ServiceId service, String execution, String job, Instant at) {
        return new PipelineRun(service, execution, job, at, JobState.OPEN, at, null, null);
    }

    public PipelineRun of(String newRollout) {
        return new PipelineRun(service, execution, job, jobAt, state, startedAt, newRollout, stopped);
    }

    public PipelineRun with(String newJob, Instant at) {
        return new PipelineRun(service, execution, newJob, at, JobState.OPEN, startedAt, rollout, stopped);
    }

    public PipelineRun now(JobState newState) {
        return new PipelineRun(service, execution, job, jobAt, newState, startedAt, rollout, stopped);
    }

    public PipelineRun stoppedAt(Instant at) {
        return new PipelineRun(
                service, execution, job, jobAt, state, startedAt, rollout, stopped == null ? at : stopped);
    }

    @JsonIgnore
    public boolean isOver() {
        return state == JobState.ANSWERED;
    }
}
