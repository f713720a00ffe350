package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.model.Change;
import software.amazon.awssdk.services.cloudformation.model.ChangeAction;
import software.amazon.awssdk.services.cloudformation.model.ChangeType;
import software.amazon.awssdk.services.cloudformation.model.DescribeChangeSetResponse;
import software.amazon.awssdk.services.cloudformation.model.EvaluationType;
import software.amazon.awssdk.services.cloudformation.model.ResourceAttribute;
import software.amazon.awssdk.services.cloudformation.model.ResourceChange;
import software.amazon.awssdk.services.cloudformation.model.ResourceChangeDetail;
import software.amazon.awssdk.services.cloudformation.model.ResourceTargetDefinition;

/** How change sets are shown; AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html. */
final class ChangeSetReports {
    private ChangeSetReports() {}

    static DescribeChangeSetResponse describe(StackRecord stack, ChangeSetRecord changeSet, boolean values) {
        NoEchoMask mask = NoEchoMask.of(changeSet.input, stack.live);
        DescribeChangeSetResponse.Builder response = DescribeChangeSetResponse.builder()
                .changeSetName(changeSet.name)
                .changeSetId(changeSet.id)
                .stackId(stack.id)
                .stackName(stack.name)
                .parameters(StackReports.parameters(changeSet.input))
                .creationTime(changeSet.created)
                .executionStatus(changeSet.executionStatus)
                .status(changeSet.status)
                .statusReason(blankToNull(changeSet.statusReason))
                .description(blankToNull(changeSet.description))
                .capabilitiesWithStrings(changeSet.input.capabilities())
                .tags(StackReports.tags(changeSet.input))
                .includeNestedStacks(false);
        List<Change> changes = new ArrayList<>();
        changeSet.changes.forEach(diff -> changes.add(Change.builder()
                .type(ChangeType.RESOURCE)
                .resourceChange(resource(diff, values, mask))
                .build()));
        return response.changes(changes).build();
    }

    private static @Nullable String blankToNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static ResourceChange resource(ChangeSetDiff.ResourceDiff diff, boolean values, NoEchoMask mask) {
        ResourceChange.Builder change = ResourceChange.builder()
                .action(diff.action())
                .logicalResourceId(diff.logicalId())
                .physicalResourceId(blankToNull(diff.physicalId()))
                .resourceType(diff.type())
                .policyAction(blankToNull(diff.removalPolicy()))
                .scope(List.<ResourceAttribute>of().toArray(ResourceAttribute[]::new))
                .details(List.of());
        if (diff.action() == ChangeAction.MODIFY) {
            Set<String> scope = new LinkedHashSet<>();
            diff.details().forEach(detail -> scope.add(detail.attribute()));
            change.replacement(diff.replacement())
                    .scopeWithStrings(scope)
                    .details(values ? leaves(diff, mask) : properties(diff));
        }
        if (values) {
            change.beforeContext(diff.action() == ChangeAction.ADD ? null : context(diff.before(), mask));
            change.afterContext(diff.action() == ChangeAction.REMOVE ? null : context(diff.after(), mask));
        }
        return change.build();
    }

    private static String context(ObjectNode properties, NoEchoMask mask) {
        ObjectNode context = JsonNodeFactory.instance.objectNode();
        context.set("Properties", properties);
        return mask.hide(context.toString());
    }

    private static List<ResourceChangeDetail> leaves(ChangeSetDiff.ResourceDiff diff, NoEchoMask mask) {
        List<ResourceChangeDetail> details = new ArrayList<>();
        for (ChangeSetDiff.PropertyDiff property : diff.details()) {
            ResourceTargetDefinition.Builder target = target(property).path(property.path());
            target.attributeChangeType(
                    property.before().isMissingNode() ? "Add" : property.after().isMissingNode() ? "Remove" : "Modify");
            target.beforeValue(text(property.before(), mask)).afterValue(text(property.after(), mask));
            details.add(detail(property, target));
        }
        return details;
    }

    private static @Nullable String text(JsonNode value, NoEchoMask mask) {
        if (value.isMissingNode()) {
            return null;
        }
        return mask.hide(value.isValueNode() ? value.asText() : value.toString());
    }

    /** Without values there is one detail a property, not one a path. */
    private static List<ResourceChangeDetail> properties(ChangeSetDiff.ResourceDiff diff) {
        Set<ResourceChangeDetail> details = new LinkedHashSet<>();
        diff.details().forEach(property -> details.add(detail(property, target(property))));
        return List.copyOf(details);
    }

    private static ResourceTargetDefinition.Builder target(ChangeSetDiff.PropertyDiff property) {
        return ResourceTargetDefinition.builder()
                .attribute(property.attribute())
                .name(blankToNull(property.name()))
                .requiresRecreation(property.recreation());
    }

    private static ResourceChangeDetail detail(
            ChangeSetDiff.PropertyDiff property, ResourceTargetDefinition.Builder target) {
        return ResourceChangeDetail.builder()
                .target(target.build())
                .evaluation(property.dynamic() ? EvaluationType.DYNAMIC : EvaluationType.STATIC)
                .changeSource(property.source())
                .causingEntity(blankToNull(property.cause()))
                .build();
    }
}
