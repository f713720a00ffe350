package dev.slipway.pipeline;

import dev.slipway.target.PipelineId;
import java.util.List;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/** What builds have said last. Read when somebody asks; it is not copied into the table. */
final class BuildLogs {
    private static final int LINES = 20;
    private static final int LONGEST_LINE = 500;

    private final CloudWatchLogsClient logs;

    BuildLogs(CloudWatchLogsClient logs) {
        this.logs = logs;
    }

    /** The last lines of a build's log; none when it has none, or no longer. */
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
                    .map(line -> line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE - 1) + "…")
                    .toList();
        } catch (ResourceNotFoundException e) {
            return List.of();
        }
    }
}
