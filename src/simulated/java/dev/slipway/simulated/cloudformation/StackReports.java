package dev.slipway.simulated.cloudformation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.services.cloudformation.model.StackResource;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDrift;
import software.amazon.awssdk.services.cloudformation.model.StackResourceDriftStatus;
import software.amazon.awssdk.services.cloudformation.model.StackSummary;
import software.amazon.awssdk.services.cloudformation.model.Tag;

/** How stacks and their resources are shown. */
final class StackReports {
    private StackReports() {}

    static Stack stack(StackRecord stack) {
        Stack.Builder shown = Stack.builder()
                .stackId(stack.id)
                .stackName(stack.name)
                .changeSetId(stack.changeSetId)
                .creationTime(stack.created)
                .lastUpdatedTime(stack.updated)
                .deletionTime(stack.deleted)
                .stackStatus(stack.status)
                .stackStatusReason(blankToNull(stack.reason))
                .description(blankToNull(stack.live.template().description()))
                .parameters(parameters(stack.live))
                .tags(tags(stack.live))
                .capabilitiesWithStrings(stack.live.capabilities())
                .outputs(stack.outputs)
                .enableTerminationProtection(stack.protectedFromDeletion)
                .driftInformation(StackDrift.information(stack))
                .disableRollback(false);
        return shown.build();
    }

    static List<Parameter> parameters(StackInput input) {
        List<Parameter> parameters = new ArrayList<>();
        input.parameters()
                .forEach((name, value) -> parameters.add(Parameter.builder()
                        .parameterKey(name)
                        .parameterValue(input.template().secret(name) ? NoEchoMask.HIDDEN : value)
                        .build()));
        return parameters;
    }

    static List<Tag> tags(StackInput input) {
        List<Tag> tags = new ArrayList<>();
        input.tags()
                .forEach((key, value) ->
                        tags.add(Tag.builder().key(key).value(value).build()));
        return tags;
    }

    static StackSummary summary(StackRecord stack) {
        return StackSummary.builder()
                .stackId(stack.id)
                .stackName(stack.name)
                .creationTime(stack.created)
                .lastUpdatedTime(stack.updated)
                .deletionTime(stack.deleted)
                .stackStatus(stack.status)
                .stackStatusReason(blankToNull(stack.reason))
                .templateDescription(blankToNull(stack.live.template().description()))
                .build();
    }

    static StackResource resource(StackRecord stack, ResourceRecord resource) {
        @Nullable StackResourceDrift drift = stack.drifts.get(resource.logicalId);
        return StackResource.builder()
                .stackId(stack.id)
                .stackName(stack.name)
                .logicalResourceId(resource.logicalId)
                .physicalResourceId(blankToNull(resource.physicalId))
                .resourceType(resource.type)
                .resourceStatus(resource.status)
                .resourceStatusReason(blankToNull(resource.reason))
                .timestamp(resource.at)
                .driftInformation(information -> information.stackResourceDriftStatus(
                        drift == null ? StackResourceDriftStatus.NOT_CHECKED : drift.stackResourceDriftStatus()))
                .build();
    }

    private static @Nullable String blankToNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
