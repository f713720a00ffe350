package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.simulated.aws.SimulatedAws;
import java.util.List;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;
import software.amazon.awssdk.services.cloudformation.model.StackStatus;

/**
 * Sets statuses, and tells of them in the stack's events and on the event bus.
 * AWSCloudFormation/latest/UserGuide/events-detail-reference.html
 */
final class StackEvents {
    private final SimulatedAws account;

    StackEvents(SimulatedAws account) {
        this.account = account;
    }

    void stack(StackRecord stack, StackStatus status, String reason) {
        stack.status = status;
        stack.reason = reason;
        StackEvent.Builder event = event(stack, status.toString(), reason)
                .eventId(account.uuid())
                .logicalResourceId(stack.name)
                .physicalResourceId(stack.id)
                .resourceType("AWS::CloudFormation::Stack");
        stack.events.add(event.build());
        account.emit(
                "aws.cloudformation",
                "CloudFormation Stack Status Change",
                List.of(stack.id),
                detail(stack, status.toString(), reason));
    }

    void resource(StackRecord stack, ResourceRecord resource, String status, String reason) {
        resource.status = status;
        resource.reason = reason;
        resource.at = account.clock().instant();
        StackEvent.Builder event = event(stack, status, reason)
                .eventId("%s-%s-%s".formatted(resource.logicalId, status, resource.at))
                .logicalResourceId(resource.logicalId)
                .physicalResourceId(resource.physicalId)
                .resourceType(resource.type);
        if (!resource.properties.isEmpty()) {
            event.resourceProperties(stack.mask.hide(resource.properties.toString()));
        }
        stack.events.add(event.build());
        ObjectNode detail = detail(stack, status, reason)
                .put("logical-resource-id", resource.logicalId)
                .put("physical-resource-id", resource.physicalId)
                .put("resource-type", resource.type);
        account.emit("aws.cloudformation", "CloudFormation Resource Status Change", List.of(stack.id), detail);
    }

    private StackEvent.Builder event(StackRecord stack, String status, String reason) {
        StackEvent.Builder event = StackEvent.builder()
                .stackId(stack.id)
                .stackName(stack.name)
                .timestamp(account.clock().instant())
                .resourceStatus(status);
        if (!reason.isEmpty()) {
            event.resourceStatusReason(reason);
        }
        if (!stack.token.isEmpty()) {
            event.clientRequestToken(stack.token);
        }
        return event;
    }

    private static ObjectNode detail(StackRecord stack, String status, String reason) {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("stack-id", stack.id);
        detail.putObject("status-details").put("status", status).put("status-reason", reason);
        detail.put("client-request-token", stack.token);
        return detail;
    }
}
