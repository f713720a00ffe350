package dev.slipway.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.id.EnvironmentId;
import dev.slipway.id.PipelineId;
import dev.slipway.id.ServiceId;
import dev.slipway.id.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which targets a message is about: one of our own ({@code {"target": "prod/web"}}) or an EventBridge event of
 * CloudFormation or ECS. Nothing else is taken from an event: it is a hint to look.
 */
final class EventTargets {
    private static final Pattern STACK = Pattern.compile(
            ":stack/slipway-(?<environment>%s)(-(?<service>[a-z0-9-]+))?(/|$)".formatted(EnvironmentId.PATTERN));
    private static final Pattern SERVICE =
            Pattern.compile(":service(-deployment)?/slipway-(?<environment>%s)/(?<service>[a-z0-9-]+)"
                    .formatted(EnvironmentId.PATTERN));
    private static final Pattern CLUSTER =
            Pattern.compile(":cluster/slipway-(?<environment>%s)$".formatted(EnvironmentId.PATTERN));

    private final ObjectMapper json;

    EventTargets(ObjectMapper json) {
        this.json = json;
    }

    /** Throws IllegalArgumentException when the text is no JSON object. */
    JsonNode parse(String body) {
        try {
            JsonNode message = json.readTree(body);
            if (!message.isObject()) {
                throw new IllegalArgumentException("not a JSON object: " + body);
            }
            return message;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + body, e);
        }
    }

    /** The targets, none when the message is about something that is not ours. */
    List<Target> targets(JsonNode message) {
        if (message.has("target")) {
            return List.of(Target.of(message.path("target").asText()));
        }
        JsonNode detail = message.path("detail");
        List<String> candidates = new ArrayList<>();
        message.path("resources").forEach(arn -> candidates.add(arn.asText()));
        candidates.add(detail.path("stack-id").asText());
        candidates.add(detail.path("serviceArn").asText());
        List<Target> targets = new ArrayList<>();
        candidates.forEach(arn -> target(arn).ifPresent(targets::add));
        task(detail).ifPresent(targets::add);
        return targets.stream().distinct().toList();
    }

    /** Whether a message is ECS's word on a service's deployment. */
    static boolean isDeploymentStateChange(JsonNode message) {
        return message.path("detail-type").asText().equals("ECS Deployment State Change");
    }

    private static Optional<Target> target(String arn) {
        Matcher stack = STACK.matcher(arn);
        if (stack.find()) {
            String environment = stack.group("environment");
            String service = stack.group("service");
            if (environment.equals(EnvironmentId.RESERVED)) {
                return PipelineId.fromStackName("slipway-%s-%s".formatted(environment, service))
                        .map(Target.class::cast);
            }
            return service == null ? Optional.of(new EnvironmentId(environment)) : service(environment, service);
        }
        Matcher service = SERVICE.matcher(arn);
        return service.find() ? service(service.group("environment"), service.group("service")) : Optional.empty();
    }

    /** A task's event names its service in {@code group}: {@code service:web}. */
    private static Optional<Target> task(JsonNode detail) {
        Matcher cluster = CLUSTER.matcher(detail.path("clusterArn").asText());
        String group = detail.path("group").asText();
        return cluster.find() && group.startsWith("service:")
                ? service(cluster.group("environment"), group.substring("service:".length()))
                : Optional.empty();
    }

    private static Optional<Target> service(String environment, String name) {
        return name.matches(ServiceId.PATTERN) ? Optional.of(new ServiceId(environment, name)) : Optional.empty();
    }
}
