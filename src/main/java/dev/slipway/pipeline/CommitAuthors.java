package dev.slipway.pipeline;

import dev.slipway.id.PipelineId;
import java.util.Optional;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.codepipeline.model.ActionExecutionFilter;
import software.amazon.awssdk.services.codepipeline.model.ListActionExecutionsRequest;
import software.amazon.awssdk.services.codepipeline.model.PipelineNotFoundException;

/** What CodePipeline knows of the commit that an execution runs with, and no event tells. */
final class CommitAuthors {
    /** Of an execution: stages and actions of {@code stacks/pipeline.yaml}, and retries. */
    private static final int MAX_ACTIONS = 100;

    /** Source: CodePipeline user guide, "Variables": output variables of CodeStarSourceConnection. */
    private static final String AUTHOR = "AuthorDisplayName";

    private final CodePipelineClient codePipeline;

    CommitAuthors(CodePipelineClient codePipeline) {
        this.codePipeline = codePipeline;
    }

    /** Who wrote the commit, by their name at the repository's provider; empty when that is not told. One call. */
    Optional<String> author(PipelineId pipeline, String execution) {
        try {
            return codePipeline
                    .listActionExecutions(ListActionExecutionsRequest.builder()
                            .pipelineName(pipeline.stackName())
                            .filter(ActionExecutionFilter.builder()
                                    .pipelineExecutionId(execution)
                                    .build())
                            .maxResults(MAX_ACTIONS)
                            .build())
                    .actionExecutionDetails()
                    .stream()
                    .filter(action -> action.output() != null)
                    .map(action -> action.output().outputVariables().get(AUTHOR))
                    .filter(author -> author != null && !author.isBlank())
                    .findFirst();
        } catch (PipelineNotFoundException e) {
            return Optional.empty();
        }
    }
}
