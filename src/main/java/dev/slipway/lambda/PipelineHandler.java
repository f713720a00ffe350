package dev.slipway.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.pipeline.PipelineJob;
import dev.slipway.pipeline.PipelineJobs;
import jakarta.inject.Named;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The pipeline function: CodePipeline calls it with a job and does not read its answer, which goes through CodePipeline's
 * API. What it throws makes Lambda deliver the same job again, twice at most. The event carries credentials for the job's
 * artifacts: it is never logged.
 */
@Named("pipeline")
public final class PipelineHandler implements RequestHandler<Map<String, Object>, String> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger LOG = Logger.getLogger(PipelineHandler.class);

    private final PipelineJobs jobs;

    public PipelineHandler(PipelineJobs jobs) {
        this.jobs = jobs;
    }

    @Override
    public String handleRequest(Map<String, Object> event, @Nullable Context context) {
        try (LogFields fields = LogFields.of(context)) {
            return handle(event, fields);
        }
    }

    private String handle(Map<String, Object> event, LogFields fields) {
        PipelineJob job;
        try {
            job = PipelineJob.parse(JSON.<JsonNode>valueToTree(event));
        } catch (IllegalArgumentException e) {
            LOG.warnf("an event without a job: %s", e.getMessage());
            return "ignored";
        }
        fields.and("job", job.jobId());
        jobs.receive(job);
        return "taken";
    }
}
