package dev.slipway.health;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.environment.AwsLocation;
import dev.slipway.environment.Environments;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.Target;
import dev.slipway.operation.Operation;
import dev.slipway.operation.Operations;
import dev.slipway.status.Statuses;
import dev.slipway.store.Stored;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;

/**
 * What support needs, in one document without secrets: health, the targets that matter most with their last operations and the states
 * of their stacks, dead letters, and the last errors of the functions' logs. Every text in it is masked. At most 36 calls for logs,
 * 57 for the queues, 20 for stacks and 500 reads of the table; at most 4 MB, or the logs are left out. What has not answered after
 * 20 seconds is left out and named: API Gateway gives up after 30.
 */
public final class SupportBundle {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int ENVIRONMENTS = 200;
    private static final int TARGETS = 50;
    private static final int STACKS = 20;
    private static final int OPERATIONS = 3;
    private static final int LINES = 50;
    /** How far back the times reach that are asked for in turn. */
    private static final List<Duration> LOGS_SINCE =
            List.of(Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofHours(6));

    private static final int PAGES = 3;
    private static final List<String> FUNCTIONS = List.of("api", "worker", "hook", "pipeline");
    private static final List<String> KEPT = List.of("level", "loggerName", "message", "mdc", "exception");
    private static final int LARGEST = 4_000_000;
    private static final Logger LOG = Logger.getLogger(SupportBundle.class);

    private final Parts parts;
    private final CloudFormationClient cloudFormation;
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
            Statuses statuses) {}

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
            Parts parts,
            CloudFormationClient cloudFormation,
            CloudWatchLogsClient logs,
            Deployment deployment,
            InstantSource clock,
            ObjectMapper json) {
        this.parts = parts;
        this.cloudFormation = cloudFormation;
        this.logs = logs;
        this.deployment = deployment;
        this.clock = clock;
        this.json = json;
    }

    /** @param version of the code that answers */
    public JsonNode read(String version) {
        Map<String, Callable<JsonNode>> reads = new LinkedHashMap<>();
        reads.put("health", () -> json.valueToTree(parts.health().read(version)));
        reads.put("targets", this::targets);
        reads.put("deadLetters", () -> json.valueToTree(parts.deadLetters().list()));
        FUNCTIONS.forEach(function -> reads.put("log of " + function, () -> json.valueToTree(errors(function))));
        Map<String, JsonNode> read = read(reads);

        ObjectNode bundle = json.createObjectNode();
        bundle.put("at", clock.instant().toString());
        bundle.put("version", version);
        bundle.putObject("deployment")
                .put("account", deployment.location().account())
                .put("region", deployment.location().region())
                .put("stack", deployment.stack())
                .put("api", deployment.apiUrl())
                .put("kmsKey", deployment.kmsKey());
        for (String part : List.of("health", "targets", "deadLetters")) {
            bundle.set(part, read.get(part));
        }
        ObjectNode lines = bundle.putObject("logs");
        FUNCTIONS.forEach(function -> lines.set(function, read.get("log of " + function)));
        JsonNode masked = Masking.mask(bundle);
        if (masked.toString().getBytes(StandardCharsets.UTF_8).length > LARGEST) {
            ((ObjectNode) masked).put("logs", "left out, for the size");
        }
        return masked;
    }

    /** All at once. A part that cannot be read says so; the others are needed all the more then. */
    private Map<String, JsonNode> read(Map<String, Callable<JsonNode>> reads) {
        Map<String, JsonNode> read = new HashMap<>();
        ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Future<JsonNode>> answers =
                    calls.invokeAll(reads.values(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            int i = 0;
            for (String part : reads.keySet()) {
                read.put(part, answer(part, answers.get(i++)));
            }
            return read;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("interrupted while the support bundle was read", e);
        } finally {
            calls.shutdownNow(); // not close(), which would wait for what does not answer
        }
    }

    private static JsonNode answer(String part, Future<JsonNode> call) {
        return switch (call.state()) {
            case SUCCESS -> call.resultNow();
            case FAILED -> {
                LOG.warnf(call.exceptionNow(), "%s: cannot be read for the support bundle", part);
                yield unread(String.valueOf(call.exceptionNow().getMessage()));
            }
            case CANCELLED, RUNNING -> unread("it has not answered within %s".formatted(PATIENCE));
        };
    }

    private static JsonNode unread(String why) {
        return JsonNodeFactory.instance.textNode("cannot be read: " + why);
    }

    /** The targets that matter most, and of how many they were chosen. */
    private JsonNode targets() {
        List<Operations.Locked> locked = parts.operations().locked(clock.instant());
        List<EnvironmentId> all =
                parts.environments().names().stream().map(EnvironmentId::new).toList();
        List<EnvironmentId> looked = all.stream().limit(ENVIRONMENTS).toList();
        Set<Target> chosen = new LinkedHashSet<>();
        locked.stream()
                .filter(Operations.Locked::stuck)
                .map(Operations.Locked::target)
                .forEach(chosen::add);
        locked.stream().map(Operations.Locked::target).forEach(chosen::add);
        looked.forEach(id -> chosen.addAll(parts.statuses().inTrouble(id)));
        chosen.addAll(looked);
        ObjectNode targets = json.createObjectNode();
        targets.put("environments", all.size());
        targets.put("environmentsLookedAt", looked.size());
        ArrayNode shown = targets.putArray("shown");
        int stacks = 0;
        for (Target target : chosen.stream().limit(TARGETS).toList()) {
            List<Operation> operations = parts.operations().list(target, OPERATIONS, null).items().stream()
                    .map(Stored::value)
                    .toList();
            ObjectNode one = shown.addObject().put("target", target.key());
            one.set("operations", json.valueToTree(operations));
            boolean unfinished = operations.isEmpty() || operations.getFirst().state() != Operation.State.SUCCEEDED;
            if (unfinished && stacks++ < STACKS) {
                one.set("stack", stack(target));
            }
        }
        return targets;
    }

    private JsonNode stack(Target target) {
        try {
            Stack stack = cloudFormation
                    .describeStacks(request -> request.stackName(target.stackName()))
                    .stacks()
                    .getFirst();
            return json.createObjectNode()
                    .put("name", stack.stackName())
                    .put("status", stack.stackStatusAsString())
                    .put("reason", stack.stackStatusReason());
        } catch (SdkException e) {
            return unread(String.valueOf(e.getMessage())); // or there is none
        }
    }

    /** The last ones. CloudWatch gives the oldest of a time first, so that times are asked for from now on backwards. */
    private List<JsonNode> errors(String function) {
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
                .map(event -> line(Instant.ofEpochMilli(event.timestamp()), event.message()))
                .toList();
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
