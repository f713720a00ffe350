package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Says why a property would change; AWSCloudFormation/latest/APIReference/API_ResourceChangeDetail.html. */
final class ChangeSetCauses {
    /** {@code source} is a ChangeSource; {@code entity} the parameter, resource or attribute behind it, or empty. */
    record Cause(boolean dynamic, String source, String entity) {}

    private final TemplateEvaluator evaluator;
    private final StackRecord stack;
    private final StackInput desired;
    private final Set<String> replaced;

    ChangeSetCauses(TemplateEvaluator evaluator, StackRecord stack, StackInput desired, Set<String> replaced) {
        this.evaluator = evaluator;
        this.stack = stack;
        this.desired = desired;
        this.replaced = replaced;
    }

    Cause of(String id, String property) {
        JsonNode declared = declared(desired.template(), id, property);
        if (!declared.isMissingNode() && !declared.equals(declared(stack.live.template(), id, property))) {
            return new Cause(false, "DirectModification", "");
        }
        Set<String> mentioned = TemplateReferences.in(evaluator, declared);
        for (String name : mentioned) {
            String before = stack.live.parameters().get(name);
            if (before != null && !before.equals(desired.parameters().get(name))) {
                return new Cause(false, "ParameterReference", name);
            }
        }
        for (String name : mentioned) {
            if (replaced.contains(name) || isNew(name)) {
                String attribute = attributeOf(declared, name);
                return attribute.isEmpty()
                        ? new Cause(false, "ResourceReference", name)
                        : new Cause(true, "ResourceAttribute", name + "." + attribute);
            }
        }
        return new Cause(false, "DirectModification", "");
    }

    private boolean isNew(String name) {
        return desired.template().section("Resources").has(name) && !stack.resources.containsKey(name);
    }

    private static JsonNode declared(Template template, String id, String property) {
        return template.section("Resources").path(id).path("Properties").path(property);
    }

    /**
     * Unchanged properties that read an attribute of a resource that would change: CloudFormation cannot know yet
     * whether they will differ. Property to {@code resource.attribute}.
     */
    Map<String, String> uncertain(String id, ObjectNode before, ObjectNode after, Set<String> modified) {
        Map<String, String> uncertain = new LinkedHashMap<>();
        desired.template().resource(id).path("Properties").properties().forEach(entry -> {
            String name = entry.getKey();
            if (!before.path(name).equals(after.path(name))) {
                return;
            }
            for (String mentioned : TemplateReferences.in(evaluator, entry.getValue())) {
                String attribute = attributeOf(entry.getValue(), mentioned);
                if (modified.contains(mentioned) && !attribute.isEmpty()) {
                    uncertain.putIfAbsent(name, mentioned + "." + attribute);
                }
            }
        });
        return uncertain;
    }

    /** Which attribute of {@code resource} a value reads, or empty. */
    private static String attributeOf(JsonNode node, String resource) {
        if (node instanceof ObjectNode object && object.size() == 1 && object.has("Fn::GetAtt")) {
            JsonNode arguments = object.get("Fn::GetAtt");
            String whole = arguments.isTextual()
                    ? arguments.asText()
                    : arguments.get(0).asText() + "." + arguments.get(1).asText();
            return whole.startsWith(resource + ".") ? whole.substring(resource.length() + 1) : "";
        }
        if (node instanceof ObjectNode object && object.size() == 1 && object.has("Fn::Sub")) {
            JsonNode text =
                    object.get("Fn::Sub").isArray() ? object.get("Fn::Sub").get(0) : object.get("Fn::Sub");
            for (String variable : TemplateFunctions.variables(text.asText())) {
                if (variable.startsWith(resource + ".")) {
                    return variable.substring(resource.length() + 1);
                }
            }
        }
        for (JsonNode child : node) {
            String found = attributeOf(child, resource);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return "";
    }
}
