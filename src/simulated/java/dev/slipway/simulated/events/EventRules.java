package dev.slipway.simulated.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.operation.WorkQueue;
import dev.slipway.operation.Worker;
import dev.slipway.simulated.aws.VirtualClock;
import java.time.Duration;
import java.util.Set;

/** Which events the rules in template.yaml send to the work queue; a test holds this to those rules. */
public final class EventRules {
    private static final Duration RESYNC = Duration.ofMinutes(5);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENDED = Set.of("SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_DEPLOYMENT_FAILED");
    private static final Set<String> TROUBLE = Set.of("WARN", "ERROR");
    private static final Set<String> BY_ITSELF = Set.of("EssentialContainerExited", "TaskFailedToStart");

    private EventRules() {}

    /** Whether an EventBridge event, as JSON, reaches the queue. */
    public static boolean match(String event) {
        try {
            return match(JSON.readTree(event));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The same of one that is read already. */
    public static boolean match(JsonNode message) {
        JsonNode detail = message.path("detail");
        return switch (message.path("detail-type").asText()) {
            case "CloudFormation Stack Status Change" ->
                detail.path("stack-id").asText().contains(":stack/slipway-");
            case "ECS Deployment State Change" ->
                ours(message) && ENDED.contains(detail.path("eventName").asText());
            case "ECS Service Action" ->
                ours(message) && TROUBLE.contains(detail.path("eventType").asText());
            case "ECS Task State Change" ->
                detail.path("clusterArn").asText().contains(":cluster/slipway-")
                        && detail.path("lastStatus").asText().equals("STOPPED")
                        && BY_ITSELF.contains(detail.path("stopCode").asText());
            case "CodePipeline Action Execution State Change",
                    "CodePipeline Pipeline Execution State Change",
                    "CodePipeline Stage Execution State Change" ->
                detail.path("pipeline").asText().startsWith("slipway-pipeline-");
            case "ECR Image Action" ->
                detail.path("action-type").asText().equals("PUSH")
                        && detail.path("result").asText().equals("SUCCESS")
                        && detail.path("repository-name").asText().startsWith("slipway-");
            default -> false;
        };
    }

    private static boolean ours(JsonNode message) {
        return message.path("resources").path(0).asText().contains(":service/slipway-");
    }

    /** Sends the resync every five minutes of {@code clock}, as the schedule of template.yaml does. */
    public static void schedule(VirtualClock clock, WorkQueue queue) {
        clock.after(RESYNC, () -> {
            queue.send(Worker.RESYNC, Duration.ZERO);
            schedule(clock, queue);
        });
    }
}
