package dev.slipway.simulated.ecs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.ServiceEvent;
import software.amazon.awssdk.services.ecs.model.Task;

/** What ECS tells: EventBridge events in the shapes of "Amazon ECS events", and the service's own event messages. */
final class EcsEvents {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedAws aws;
    private final EcsTags tags;

    EcsEvents(SimulatedAws aws, EcsTags tags) {
        this.aws = aws;
        this.tags = tags;
    }

    /** "(service NAME) MESSAGE" in the service's event stream. */
    void message(EcsServiceRecord service, String message) {
        service.remember(ServiceEvent.builder()
                .id(aws.uuid())
                .createdAt(aws.clock().instant())
                .message("(service %s) %s".formatted(service.name, message))
                .build());
    }

    void deploymentInProgress(EcsServiceRecord service, EcsDeployment entry) {
        deployment(service, entry, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS");
    }

    void deploymentCompleted(EcsServiceRecord service, EcsDeployment entry) {
        deployment(service, entry, "INFO", "SERVICE_DEPLOYMENT_COMPLETED");
    }

    void deploymentFailed(EcsServiceRecord service, EcsDeployment entry) {
        deployment(service, entry, "ERROR", "SERVICE_DEPLOYMENT_FAILED");
    }

    private void deployment(EcsServiceRecord service, EcsDeployment entry, String type, String name) {
        ObjectNode detail = JSON.createObjectNode();
        detail.put("eventType", type);
        detail.put("eventName", name);
        detail.put("deploymentId", entry.id);
        detail.put("updatedAt", aws.clock().instant().toString());
        detail.put("reason", entry.reason);
        aws.emit("aws.ecs", "ECS Deployment State Change", List.of(service.arn), detail);
    }

    /** "ECS Hook State Change" for a Lambda hook; assumed to name the service as its resource. */
    void hook(EcsServiceDeployment deployment, EcsStage stage, EcsHookRun run, String type, String name) {
        ObjectNode detail = JSON.createObjectNode();
        detail.put("eventType", type);
        detail.put("eventName", name);
        detail.put("hookId", run.id());
        detail.put("hookType", "AWS_LAMBDA");
        detail.put("lifecycleStage", stage.name());
        detail.put("clusterArn", deployment.service.clusterArn);
        detail.put("serviceArn", deployment.service.arn);
        detail.put("serviceDeploymentArn", deployment.arn);
        detail.put("updatedAt", aws.clock().instant().toString());
        aws.emit("aws.ecs", "ECS Hook State Change", List.of(deployment.service.arn), detail);
    }

    void action(EcsServiceRecord service, String type, String name) {
        ObjectNode detail = JSON.createObjectNode();
        detail.put("eventType", type);
        detail.put("eventName", name);
        detail.put("clusterArn", service.clusterArn);
        detail.put("createdAt", aws.clock().instant().toString());
        aws.emit("aws.ecs", "ECS Service Action", List.of(service.arn), detail);
    }

    void task(EcsTask task) {
        Task view = task.describe(tags, false);
        ObjectNode detail = JSON.createObjectNode();
        ArrayNode containers = detail.putArray("containers");
        view.containers().forEach(container -> containers.add(container(container)));
        detail.put("availabilityZone", task.zone);
        detail.put("clusterArn", task.clusterArn);
        detail.put("createdAt", task.createdAt.toString());
        detail.put("desiredStatus", view.desiredStatus());
        detail.put("group", task.group);
        detail.put("lastStatus", view.lastStatus());
        detail.put("launchType", "FARGATE");
        put(detail, "cpu", view.cpu());
        put(detail, "memory", view.memory());
        detail.put("startedBy", task.startedBy);
        put(detail, "startedAt", view.startedAt());
        put(detail, "stoppingAt", view.stoppingAt());
        put(detail, "stoppedAt", view.stoppedAt());
        put(detail, "stoppedReason", view.stoppedReason());
        put(detail, "stopCode", view.stopCodeAsString());
        detail.put("taskArn", task.arn);
        detail.put("taskDefinitionArn", task.definition.taskDefinitionArn());
        detail.put("updatedAt", aws.clock().instant().toString());
        detail.put("version", task.version);
        detail.put("platformVersion", task.platformVersion);
        aws.emit("aws.ecs", "ECS Task State Change", List.of(task.arn), detail);
    }

    private static ObjectNode container(Container container) {
        ObjectNode node = JSON.createObjectNode();
        node.put("containerArn", container.containerArn());
        node.put("lastStatus", container.lastStatus());
        node.put("name", container.name());
        node.put("image", container.image());
        put(node, "imageDigest", container.imageDigest());
        node.put("taskArn", container.taskArn());
        put(node, "reason", container.reason());
        if (container.exitCode() != null) {
            node.put("exitCode", container.exitCode());
        }
        return node;
    }

    private static void put(ObjectNode node, String name, @Nullable Object value) {
        if (value != null) {
            node.put(name, value.toString());
        }
    }
}
