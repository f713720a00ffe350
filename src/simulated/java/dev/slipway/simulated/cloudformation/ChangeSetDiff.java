package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.services.cloudformation.model.ChangeAction;
import software.amazon.awssdk.services.cloudformation.model.Replacement;

/**
 * Compares what a stack declares with what it would declare: never with live resources.
 * AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-view.html
 */
final class ChangeSetDiff {
    /** One resource that would be touched. {@code before} and {@code after} are empty where there is no such side. */
    record ResourceDiff(
            ChangeAction action,
            String logicalId,
            String physicalId,
            String type,
            Replacement replacement,
            List<PropertyDiff> details,
            ObjectNode before,
            ObjectNode after,
            String removalPolicy) {}

    /**
     * One value that differs. {@code attribute} is Properties, Tags, DeletionPolicy or UpdateReplacePolicy;
     * {@code cause} a parameter or resource where {@code source} names one.
     */
    record PropertyDiff(
            String attribute,
            String name,
            String path,
            JsonNode before,
            JsonNode after,
            boolean dynamic,
            String source,
            String cause,
            String recreation) {}

    private final StackRecord stack;
    private final StackInput desired;
    private final TemplateEvaluator evaluator;
    private final Set<String> replaced = new LinkedHashSet<>();
    /** Changed in place beyond their tags: what Fn::GetAtt gives of them may change. */
    private final Set<String> modified = new LinkedHashSet<>();

    private ChangeSetDiff(StackEngine engine, StackRecord stack, StackInput desired) {
        this.stack = stack;
        this.desired = desired;
        this.evaluator = engine.evaluator(stack, desired, new Planned());
    }

    /** What Ref and Fn::GetAtt would give, as far as it is known beforehand. */
    private final class Planned implements TemplateEvaluator.References {
        @Override
        public JsonNode ref(String logicalId) {
            ResourceRecord resource = stack.resources.get(logicalId);
            return resource == null || replaced.contains(logicalId)
                    ? TemplateFunctions.UNKNOWN
                    : JsonNodeFactory.instance.textNode(resource.physicalId);
        }

        @Override
        public JsonNode attribute(String logicalId, String attribute) {
            ResourceRecord resource = stack.resources.get(logicalId);
            return resource == null || replaced.contains(logicalId)
                    ? TemplateFunctions.UNKNOWN
                    : resource.attribute(attribute);
        }
    }

    /** In the order of the template, what would be removed at the end. */
    static List<ResourceDiff> of(StackEngine engine, StackRecord stack, StackInput desired) {
        return new ChangeSetDiff(engine, stack, desired).resources();
    }

    /** Whether deploying {@code desired} would change anything: a resource or an output. */
    static boolean changes(StackEngine engine, StackRecord stack, StackInput desired) {
        ChangeSetDiff diff = new ChangeSetDiff(engine, stack, desired);
        boolean resources = !diff.resources().isEmpty();
        boolean outputs = diff.outputsDiffer();
        return resources || outputs;
    }

    private boolean outputsDiffer() {
        Map<String, String> known = new LinkedHashMap<>();
        stack.outputs.forEach(output -> known.put(output.outputKey(), output.outputValue()));
        Map<String, String> planned = new LinkedHashMap<>();
        desired.template().entries("Outputs").forEach((name, output) -> {
            if (!output.has("Condition")
                    || evaluator.condition(output.get("Condition").asText())) {
                planned.put(name, TemplateFunctions.text(evaluator.evaluate(output.path("Value")), "Outputs"));
            }
        });
        return !known.equals(planned);
    }

    private List<ResourceDiff> resources() {
        TemplateGraph graph = TemplateGraph.of(evaluator);
        Map<String, ResourceDiff> found = new LinkedHashMap<>();
        for (String id : graph.order()) {
            ResourceRecord resource = stack.resources.get(id);
            if (resource == null || resource.status.equals("DELETE_COMPLETE")) {
                found.put(id, added(id));
            } else {
                compare(id, resource, found);
            }
        }
        List<ResourceDiff> diffs = new ArrayList<>();
        graph.needs().keySet().stream().filter(found::containsKey).forEach(id -> diffs.add(found.get(id)));
        stack.resources.values().stream()
                .filter(resource -> !graph.needs().containsKey(resource.logicalId))
                .forEach(resource -> diffs.add(removed(resource)));
        return diffs;
    }

    private ResourceDiff added(String id) {
        return new ResourceDiff(
                ChangeAction.ADD,
                id,
                "",
                desired.template().type(id),
                Replacement.UNKNOWN_TO_SDK_VERSION,
                List.of(),
                JsonNodeFactory.instance.objectNode(),
                StackEngine.properties(evaluator, desired, id),
                "");
    }

    private static ResourceDiff removed(ResourceRecord resource) {
        return new ResourceDiff(
                ChangeAction.REMOVE,
                resource.logicalId,
                resource.physicalId,
                resource.type,
                Replacement.UNKNOWN_TO_SDK_VERSION,
                List.of(),
                resource.properties,
                JsonNodeFactory.instance.objectNode(),
                resource.deletionPolicy.startsWith("Retain") ? "Retain" : "Delete");
    }

    private void compare(String id, ResourceRecord resource, Map<String, ResourceDiff> found) {
        ObjectNode before = resource.properties;
        ObjectNode after = StackEngine.properties(evaluator, desired, id);
        List<PropertyDiff> details = new ArrayList<>();
        ChangeSetCauses causes = new ChangeSetCauses(evaluator, stack, desired, replaced);
        for (String name : ResourceChanges.changed(before, after)) {
            ChangeSetCauses.Cause cause = causes.of(id, name);
            ChangeSetPaths.leaves("/Properties/" + name, before.path(name), after.path(name), (path, old, fresh) -> {
                details.add(new PropertyDiff(
                        name.equals("Tags") ? "Tags" : "Properties",
                        name.equals("Tags") ? "" : name,
                        path,
                        old,
                        fresh,
                        cause.dynamic(),
                        cause.source(),
                        cause.entity(),
                        recreation(resource.type, name, before, after)));
            });
        }
        causes.uncertain(id, before, after, modified)
                .forEach((name, entity) -> details.add(new PropertyDiff(
                        "Properties",
                        name,
                        "/Properties/" + name,
                        before.path(name),
                        after.path(name),
                        true,
                        "ResourceAttribute",
                        entity,
                        ResourceType.of(resource.type).createOnly().contains(name) ? "Always" : "Never")));
        policies(id, resource, details);
        if (details.isEmpty()) {
            return;
        }
        Replacement replacement = replacement(details);
        if (replacement == Replacement.TRUE) {
            replaced.add(id);
        } else if (details.stream().anyMatch(detail -> detail.attribute().equals("Properties"))) {
            modified.add(id);
        }
        String removal = replacement == Replacement.FALSE
                ? ""
                : resource.updateReplacePolicy.startsWith("Retain") ? "ReplaceAndRetain" : "ReplaceAndDelete";
        found.put(
                id,
                new ResourceDiff(
                        ChangeAction.MODIFY,
                        id,
                        resource.physicalId,
                        resource.type,
                        replacement,
                        details,
                        before,
                        after,
                        removal));
    }

    private static String recreation(String type, String name, ObjectNode before, ObjectNode after) {
        ObjectNode only = JsonNodeFactory.instance.objectNode();
        ObjectNode other = before.deepCopy();
        other.remove(name);
        if (after.has(name)) {
            other.set(name, after.get(name));
        }
        only.setAll(before);
        return ResourceChanges.replaces(type, only, other) ? "Always" : "Never";
    }

    private static Replacement replacement(List<PropertyDiff> details) {
        Replacement replacement = Replacement.FALSE;
        for (PropertyDiff detail : details) {
            if (detail.recreation().equals("Always")) {
                if (!detail.dynamic()) {
                    return Replacement.TRUE;
                }
                replacement = Replacement.CONDITIONAL;
            }
        }
        return replacement;
    }

    private void policies(String id, ResourceRecord resource, List<PropertyDiff> details) {
        JsonNode declared = desired.template().resource(id);
        policy("DeletionPolicy", resource.deletionPolicy, declared, details);
        policy("UpdateReplacePolicy", resource.updateReplacePolicy, declared, details);
    }

    private static void policy(String name, String before, JsonNode declared, List<PropertyDiff> details) {
        String after = declared.path(name).asText("Delete");
        if (!before.equals(after)) {
            JsonNodeFactory nodes = JsonNodeFactory.instance;
            details.add(new PropertyDiff(
                    name,
                    "",
                    "/" + name,
                    nodes.textNode(before),
                    nodes.textNode(after),
                    false,
                    "DirectModification",
                    "",
                    "Never"));
        }
    }
}
