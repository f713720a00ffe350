package dev.slipway.pipeline;

import dev.slipway.aws.AwsErrors;
import dev.slipway.id.PipelineId;
import dev.slipway.operation.Principal;
import java.util.Optional;
import org.jboss.logging.Logger;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.codepipeline.model.ExecutionTrigger;
import software.amazon.awssdk.services.codepipeline.model.PipelineExecution;

/**
 * Who has started executions of pipelines. Source: API reference, ExecutionTrigger: the detail of one that is started by hand is
 * the ARN of who did. Who retries a stage is told nowhere.
 */
record ExecutionStarters(CodePipelineClient codePipeline) {
    private static final Logger LOG = Logger.getLogger(ExecutionStarters.class);

    /**
     * The ARN of who started an execution, {@link Principal#UNKNOWN} when it cannot be known, empty when nobody did. One call,
     * which throws what passes by itself.
     */
    Optional<String> starter(PipelineId pipeline, String execution) {
        PipelineExecution found;
        try {
            found = codePipeline
                    .getPipelineExecution(request ->
                            request.pipelineName(pipeline.stackName()).pipelineExecutionId(execution))
                    .pipelineExecution();
        } catch (SdkException e) {
            if (AwsErrors.isTransient(e)) {
                throw e;
            }
            LOG.warnf(
                    "pipeline=%s execution=%s who started it is not known: %s",
                    pipeline.service(), execution, e.getMessage());
            return Optional.of(Principal.UNKNOWN);
        }
        ExecutionTrigger trigger = found == null ? null : found.trigger();
        if (trigger == null) {
            return Optional.of(Principal.UNKNOWN);
        }
        String detail = trigger.triggerDetail();
        if (detail != null && Principal.isArn(detail)) {
            return Optional.of(detail);
        }
        return switch (trigger.triggerType()) {
            // Without a person: that the pipeline was made, its source, and a failed stage.
            case CREATE_PIPELINE, POLL_FOR_SOURCE_CHANGES, WEBHOOK, WEBHOOK_V2, CLOUD_WATCH_EVENT, AUTOMATED_ROLLBACK ->
                Optional.empty();
            case null, default -> Optional.of(Principal.UNKNOWN);
        };
    }
}
