package dev.slipway.diagnosis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.diagnosis.Evidence.Origin;
import dev.slipway.diagnosis.Evidence.Statement;
import dev.slipway.logs.Redaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/**
 * What Slipway's hook function has logged of one deployment. The function is one for all environments, and who may see one of them must
 * not see another: only lines that name the deployment itself are read. What the check function of a service logs is not: it may serve
 * several environments, and its lines name none.
 */
final class HookLogReader {
    private static final int LINES = 5;
    private static final int PAGES = 2;
    /** The hook is asked again for 15 minutes before it gives up, and the rollback takes its time. */
    private static final Duration BEFORE = Duration.ofMinutes(45);

    private static final Duration AFTER = Duration.ofMinutes(2);

    /**
     * What was found.
     *
     * @param lines the last ones
     * @param unread why there may be later ones; empty when there are none
     */
    record Found(List<Statement> lines, List<String> unread) {
        static final Found NOTHING = new Found(List.of(), List.of());
    }

    private final CloudWatchLogsClient logs;
    private final String group;
    private final ObjectMapper json = new ObjectMapper();

    /** @param function ARN of the hook function's alias */
    HookLogReader(CloudWatchLogsClient logs, String function) {
        this.logs = logs;
        this.group = "/aws/lambda/" + function.split(":", -1)[6];
    }

    /**
     * The last lines before it ended, without those that repeat; none when the log is gone. At most two calls.
     *
     * @param deployment ARN
     * @param ended when ECS changed it last
     */
    Found read(String deployment, Instant since, Instant ended) {
        Instant from = ended.minus(BEFORE).isBefore(since) ? since : ended.minus(BEFORE);
        List<FilteredLogEvent> found = new ArrayList<>();
        @Nullable String next = null;
        try {
            for (int page = 0; page < PAGES; page++) {
                @Nullable String token = next;
                FilterLogEventsResponse answer = logs.filterLogEvents(request -> request.logGroupName(group)
                        .startTime(from.toEpochMilli())
                        .endTime(ended.plus(AFTER).toEpochMilli())
                        .filterPattern("{ $.mdc.deployment = \"%s\" }".formatted(deployment))
                        .nextToken(token));
                found.addAll(answer.events());
                next = answer.nextToken();
                if (next == null) {
                    break;
                }
            }
        } catch (ResourceNotFoundException e) {
            return Found.NOTHING; // it has written nothing yet, or somebody has deleted it
        }
        List<Statement> lines = new ArrayList<>();
        for (FilteredLogEvent event : found) {
            line(event, deployment)
                    .filter(line -> lines.isEmpty() || !lines.getLast().text().equals(line.text()))
                    .ifPresent(lines::add);
        }
        return new Found(
                List.copyOf(lines.subList(Math.max(0, lines.size() - LINES), lines.size())),
                next == null
                        ? List.of()
                        : List.of(
                                "the hook's log: it has more lines of that time than two calls show, and its last ones are missing"));
    }

    private Optional<Statement> line(FilteredLogEvent event, String deployment) {
        try {
            JsonNode line = json.readTree(event.message());
            if (!line.path("mdc").path("deployment").asText().equals(deployment)) {
                return Optional.empty();
            }
            String text = "%s %s"
                    .formatted(line.path("level").asText(), line.path("message").asText())
                    .replace("deployment=" + deployment + " ", "");
            JsonNode thrown = line.path("exception");
            String why = thrown.isObject()
                    ? " (%s: %s)"
                            .formatted(
                                    thrown.path("exceptionType").asText(),
                                    thrown.path("message").asText())
                    : "";
            return Optional.of(
                    new Statement(Origin.HOOK, Instant.ofEpochMilli(event.timestamp()), Redaction.mask(text + why)));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
