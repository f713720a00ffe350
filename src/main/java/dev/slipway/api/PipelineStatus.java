package dev.slipway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.environment.Home;
import dev.slipway.pipeline.PipelineEvent;
import dev.slipway.pipeline.PipelineId;
import dev.slipway.pipeline.PipelineRun;
import dev.slipway.pipeline.PipelineRuns;
import dev.slipway.pipeline.PipelineView;
import dev.slipway.pipeline.Pipelines;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline as the API shows it, by what its events and jobs have told.
 *
 * @param executions the newest first, at most ten
 * @param deployments what each deploy action did last, one for each environment
 * @param console its page of the AWS console
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PipelineStatus(
        String name, String self, List<Execution> executions, List<Deployment> deployments, String console) {
    /**
     * One run of it.
     *
     * @param state as CodePipeline spells it; absent until an event has told
     * @param current the stage or action that is under way
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Execution(
            String id,
            PipelineEvent.@Nullable State state,
            @Nullable String commit,
            @Nullable String message,
            Instant startedAt,
            @Nullable String current,
            List<Stage> stages) {
        static Execution of(PipelineView.Execution execution, Instant now) {
            return new Execution(
                    execution.id(),
                    execution.state(),
                    execution.commit(),
                    execution.message(),
                    execution.firstSeen(),
                    execution.current().map(PipelineView.Step::name).orElse(null),
                    execution.stages().stream().map(step -> Stage.of(step, now)).toList());
        }
    }

    /**
     * A stage, or an action in it, such as {@code Build/Copy}.
     *
     * @param seconds how long it took, or takes already
     * @param summary what the action has said of itself
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Stage(
            String name,
            PipelineEvent.State state,
            Instant startedAt,
            long seconds,
            @Nullable String summary,
            @Nullable String url) {
        static Stage of(PipelineView.Step step, Instant now) {
            PipelineEvent.Result result = step.result();
            return new Stage(
                    step.name(),
                    step.state(),
                    step.began(),
                    step.took(now).toSeconds(),
                    result == null ? null : result.summary(),
                    result == null ? null : result.url());
        }
    }

    /**
     * A deploy action.
     *
     * @param rollout its path; absent when none was started
     * @param told whether CodePipeline has been told how it ended
     * @param waitsFor what the rollout waits for
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Deployment(
            String environment,
            String execution,
            @Nullable String rollout,
            boolean told,
            Instant startedAt,
            @Nullable String waitsFor) {
        static Deployment of(PipelineRun run, Pipelines pipelines) {
            return new Deployment(
                    run.service().environment(),
                    run.execution(),
                    run.rollout() == null ? null : run.service().path() + "/rollouts/" + run.rollout(),
                    run.isOver(),
                    run.startedAt(),
                    pipelines.waitsFor(run).orElse(null));
        }
    }

    static PipelineStatus of(PipelineId id, Pipelines pipelines, Home home, Instant now) {
        return new PipelineStatus(
                id.service(),
                "/v1/pipelines/" + id.service(),
                pipelines.view(id).executions().stream()
                        .map(execution -> Execution.of(execution, now))
                        .toList(),
                pipelines.runs(id).stream()
                        .map(PipelineRuns::runs)
                        .filter(runs -> !runs.isEmpty())
                        .map(runs -> Deployment.of(runs.getFirst(), pipelines))
                        .toList(),
                Console.pipeline(home.region(), id.stackName()));
    }
}
