package dev.slipway.pipeline;

import dev.slipway.aws.AwsErrors;
import dev.slipway.id.PipelineId;
import java.util.List;
import org.jboss.logging.Logger;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/** What builds have said last. Read when somebody asks; it is not copied into the table. */
final class BuildLogs {
    private static final Logger LOG = Logger.getLogger(BuildLogs.class);
    private static final int LINES = 20;
    private static final int MAX_LINE_LENGTH = 500;

    private final CloudWatchLogsClient logs;

    BuildLogs(CloudWatchLogsClient logs) {
        this.logs = logs;
    }

    /**
     * The last lines of a build's log; none when it has none, or no longer. Why it cannot be read stands in its place: whoever
     * looks at a pipeline or a service wants the rest all the same.
     */
    List<String> tail(PipelineId pipeline, String stream) {
        try {
            return logs
                    .getLogEvents(GetLogEventsRequest.builder()
                            .logGroupName(pipeline.logGroup())
                            .logStreamName(stream)
                            .startFromHead(false)
                            .limit(LINES)
                            .build())
                    .events()
                    .stream()
                    .map(OutputLogEvent::message)
                    .map(String::stripTrailing)
                    .map(line -> JobResults.cut(line, MAX_LINE_LENGTH))
                    .toList();
        } catch (ResourceNotFoundException e) {
            return List.of();
        } catch (SdkException e) {
            LOG.warnf("pipeline=%s log stream=%s cannot be read: %s", pipeline.service(), stream, e.getMessage());
            return List.of(
                    "Slipway could not read this log, %s in %s: %s".formatted(stream, pipeline.logGroup(), why(e)));
        }
    }

    private static String why(SdkException error) {
        String code = error instanceof AwsServiceException service ? AwsErrors.code(service) : "";
        return code.isEmpty() ? "AWS gave no answer." : code + ".";
    }
}
