package dev.slipway.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.id.ServiceId;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
 * @param earlier the jobs before the newest, which may still be delivered once more
 */
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeployJob(
        ServiceId service,
        String execution,
        String job,
        Instant jobAt,
        JobState state,
        Instant startedAt,
        @Nullable String rollout,
        @Nullable Instant stopped,
        List<String> earlier)
        implements PipelineRunBuilder.With {
    /** Enough for an event that comes late: jobs follow each other every quarter of an hour. */
    private static final int MOST_EARLIER = 5;

    public DeployJob {
        earlier = earlier == null ? List.of() : List.copyOf(earlier);
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

    DeployJob with(String newJob, Instant at) {
        List<String> before = new ArrayList<>(earlier);
        before.add(job);
        return with(next -> next.job(newJob)
                .jobAt(at)
                .state(JobState.OPEN)
                .earlier(before.subList(Math.max(0, before.size() - MOST_EARLIER), before.size())));
    }

    /** Its newest job has had its last answer. */
    DeployJob answered() {
        return withState(JobState.ANSWERED);
    }

    DeployJob stoppedAt(Instant at) {
        return stopped == null ? withStopped(at) : this;
    }

    @JsonIgnore
    public boolean isOver() {
        return state == JobState.ANSWERED;
    }
}
