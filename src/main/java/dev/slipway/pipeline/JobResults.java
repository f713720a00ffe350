package dev.slipway.pipeline;

import dev.slipway.pipeline.PipelinePolicy.FailureType;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.codepipeline.CodePipelineClient;
import software.amazon.awssdk.services.codepipeline.model.ExecutionDetails;
import software.amazon.awssdk.services.codepipeline.model.FailureDetails;
import software.amazon.awssdk.services.codepipeline.model.InvalidJobStateException;
import software.amazon.awssdk.services.codepipeline.model.JobNotFoundException;
import software.amazon.awssdk.services.codepipeline.model.PutJobFailureResultRequest;
import software.amazon.awssdk.services.codepipeline.model.PutJobSuccessResultRequest;

/**
 * Answers jobs of CodePipeline. A job that takes no result any more, because it has had one, its time was up or its execution
 * was stopped, is no error: whoever wrote first has told it. Nor is one that never was. Each answer says whether CodePipeline has
 * taken it; if not, there is no such job, or none that still waits for an answer.
 */
record JobResults(CodePipelineClient codePipeline) {
    /** Source: CodePipeline API reference, FailureDetails, {@code message}. */
    static final int LONGEST_MESSAGE = 5_000;
    /** Source: CodePipeline API reference, ExecutionDetails, {@code summary}. */
    private static final int MAX_SUMMARY_LENGTH = 2048;

    private static final Logger LOG = Logger.getLogger(JobResults.class);

    /** Goes on waiting: CodePipeline comes back with a new job and this token. */
    boolean continueWith(String job, String token, String summary) {
        return succeed(PutJobSuccessResultRequest.builder()
                .jobId(job)
                .continuationToken(token)
                .executionDetails(details(summary, token)));
    }

    boolean succeed(String job, String summary, @Nullable String rollout) {
        return succeed(PutJobSuccessResultRequest.builder().jobId(job).executionDetails(details(summary, rollout)));
    }

    /** Succeeds with variables that later actions read. */
    void succeed(String job, Map<String, String> variables) {
        succeed(PutJobSuccessResultRequest.builder().jobId(job).outputVariables(variables));
    }

    boolean fail(String job, FailureType kind, String message, @Nullable String rollout) {
        try {
            codePipeline.putJobFailureResult(PutJobFailureResultRequest.builder()
                    .jobId(job)
                    .failureDetails(FailureDetails.builder()
                            .type(kind.type())
                            .message(message)
                            .externalExecutionId(rollout)
                            .build())
                    .build());
            return true;
        } catch (InvalidJobStateException | JobNotFoundException e) {
            logUnneeded(job, e);
            return false;
        }
    }

    private boolean succeed(PutJobSuccessResultRequest.Builder request) {
        PutJobSuccessResultRequest result = request.build();
        try {
            codePipeline.putJobSuccessResult(result);
            return true;
        } catch (InvalidJobStateException | JobNotFoundException e) {
            logUnneeded(result.jobId(), e);
            return false;
        }
    }

    private static ExecutionDetails details(String summary, @Nullable String rollout) {
        return ExecutionDetails.builder()
                .summary(cut(summary, MAX_SUMMARY_LENGTH))
                .externalExecutionId(rollout)
                .build();
    }

    /**
     * A failure's message as CodePipeline shows it: the cause in one sentence, then where to read on.
     *
     * @param cause cut where it is too long: line breaks become spaces, since the console shows one line
     * @param link absolute; never cut
     */
    static String message(String cause, String link) {
        return cut(cause.strip().replaceAll("\\s+", " "), LONGEST_MESSAGE - link.length() - 1) + " " + link;
    }

    /** A text, at most so many characters of it. */
    static String cut(String text, int room) {
        return text.length() <= room ? text : text.substring(0, room - 1) + "…";
    }

    private static void logUnneeded(String job, RuntimeException e) {
        LOG.infof("job=%s takes no result any more: %s", job, e.getMessage());
    }
}
