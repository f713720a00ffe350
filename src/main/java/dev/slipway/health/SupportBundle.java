package dev.slipway.health;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.service.ServiceRecord;
import dev.slipway.service.Services;
import dev.slipway.store.Stored;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;

/**
 * What support needs, in one document without secrets: health, operations under way, the last that failed, dead letters, and the
 * last errors of the functions' logs. Every text in it is masked. At most 36 calls for logs, 57 for the queues and 150 reads of the
 * table; at most 4 MB, or the logs are left out.
 */
public final class SupportBundle {
    private static final int TARGETS = 50;
    private static final int OPERATIONS = 3;
    private static final int LINES = 50;
    /** How far back the times reach that are asked for in turn. */
    private static final List<Duration> LOGS_SINCE =
            List.of(Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofHours(6));

    private static final int PAGES = 3;
    private static final List<String> KEPT = List.of("level", "loggerName", "message", "mdc", "exception");
    private static final int LARGEST = 4_000_000;
    private static final Logger LOG = Logger.getLogger(SupportBundle.class);

    private final Parts parts;
    private final CloudWatchLogsClient logs;
    private final Deployment deployment;
    private final InstantSource clock;
    private final ObjectMapper json;

    /** What it is put together from. */
    public record Parts(
            HealthReader health,
            DeadLetters deadLetters,
            Operations operations,
            Environments environments,
            Services services) {}

    /**
     * What the deployment says.
     *
     * @param pipelineFunction from which the names of the other functions follow
     */
    public record Deployment(AwsLocation location, String apiUrl, String pipelineFunction, boolean kmsKey) {
        private String stack() {
            return pipelineFunction.replaceFirst("-pipeline$", "");
        }
    }

    public SupportBundle(
            Parts parts, CloudWatchLogsClient logs, Deployment deployment, InstantSource clock, ObjectMapper json) {
        this.parts = parts;
        this.logs = logs;
        this.deployment = deployment;
        this.clock = clock;
        this.json = json;
    }

    /** @param version of the code that answers */
    public JsonNode read(String version) {
        ObjectNode bundle = json.createObjectNode();
        bundle.put("at", clock.instant().toString());
        bundle.put("version", version);
        bundle.putObject("deployment")
                .put("account", deployment.location().account())
                .put("region", deployment.location().region())
                .put("stack", deployment.stack())
                .put("api", deployment.apiUrl())
                .put("kmsKey", deployment.kmsKey());
        bundle.set("health", json.valueToTree(parts.health().read(version)));
        part(bundle.putArray("running"), this::running);
        part(bundle.putArray("failed"), this::failed);
        part(bundle.putArray("deadLetters"), () -> parts.deadLetters().list().stream());
        ObjectNode lines = bundle.putObject("logs");
        for (String function : List.of("api", "worker", "hook", "pipeline")) {
            part(lines.putArray(function), () -> errors(function));
        }
        JsonNode masked = Masking.mask(bundle);
        if (masked.toString().getBytes(StandardCharsets.UTF_8).length > LARGEST) {
            ((ObjectNode) masked).put("logs", "left out, for the size");
        }
        return masked;
    }

    @FunctionalInterface
    private interface Reading {
        Stream<?> read();
    }

    /** A part that cannot be read says so; the others are needed all the more then. */
    private void part(ArrayNode into, Reading reading) {
        try {
            reading.read().map(item -> (JsonNode) json.valueToTree(item)).forEach(into::add);
        } catch (SdkException e) {
            LOG.warn("a part of the support bundle cannot be read", e);
            into.add("cannot be read: " + e.getMessage());
        }
    }

    private Stream<Operation> running() {
        return parts.operations().locked(clock.instant()).stream()
                .limit(TARGETS)
                .flatMap(locked -> parts.operations().find(locked.target(), locked.operation()).stream());
    }

    private Stream<Operation> failed() {
        return parts.environments().names().stream()
                .map(EnvironmentId::new)
                .flatMap(id -> Stream.concat(
                        Stream.<Target>of(id), parts.services().all(id).stream().map(ServiceRecord::id)))
                .limit(TARGETS)
                .flatMap(target -> parts.operations().list(target, OPERATIONS, null).items().stream())
                .map(Stored::value)
                .filter(operation -> operation.state() == Operation.State.FAILED);
    }

    /** The last ones. CloudWatch gives the oldest of a time first, so that times are asked for from now on backwards. */
    private Stream<JsonNode> errors(String function) {
        Instant to = clock.instant().plusMillis(1);
        Deque<FilteredLogEvent> found = new ArrayDeque<>();
        for (Duration since : LOGS_SINCE) {
            Instant from = clock.instant().minus(since);
            List<FilteredLogEvent> events = errors(function, from, to);
            events.reversed().forEach(found::addFirst);
            if (found.size() >= LINES) {
                break;
            }
            to = from;
        }
        return found.stream()
                .skip(Math.max(0, found.size() - LINES))
                .map(event -> line(Instant.ofEpochMilli(event.timestamp()), event.message()));
    }

    /** A page can be empty with more behind it. */
    private List<FilteredLogEvent> errors(String function, Instant from, Instant to) {
        List<FilteredLogEvent> found = new ArrayList<>();
        @Nullable String next = null;
        for (int page = 0; page < PAGES; page++) {
            @Nullable String token = next;
            FilterLogEventsResponse answer = logs.filterLogEvents(
                    request -> request.logGroupName("/aws/lambda/%s-%s".formatted(deployment.stack(), function))
                            .startTime(from.toEpochMilli())
                            .endTime(to.toEpochMilli() - 1) // which is one of them
                            .filterPattern("?ERROR ?WARN")
                            .nextToken(token));
            found.addAll(answer.events());
            next = answer.nextToken();
            if (next == null) {
                break;
            }
        }
        return found;
    }

    /** Of a line of ours what tells something, since texts are cut; Lambda's own are text. */
    private JsonNode line(Instant at, String text) {
        ObjectNode line = json.createObjectNode().put("at", at.toString());
        try {
            JsonNode written = json.readTree(text);
            if (written.isObject()) {
                return line.setAll((ObjectNode) ((ObjectNode) written).retain(KEPT));
            }
        } catch (JsonProcessingException e) {
            LOG.debug("a line that is no JSON", e);
        }
        return line.put("message", text);
    }
}
