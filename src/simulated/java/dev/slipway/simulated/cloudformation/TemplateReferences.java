package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds the names that a part of a template refers to, by Ref, Fn::GetAtt or Fn::Sub, in the branches that are taken,
 * and the parameters that decided over the branches.
 */
final class TemplateReferences {
    private final TemplateEvaluator evaluator;

    private TemplateReferences(TemplateEvaluator evaluator) {
        this.evaluator = evaluator;
    }

    static Set<String> in(TemplateEvaluator evaluator, JsonNode node) {
        Set<String> names = new LinkedHashSet<>();
        new TemplateReferences(evaluator).collect(node, names::add);
        return names;
    }

    private void collect(JsonNode node, Consumer<String> names) {
        if (node instanceof ObjectNode object && object.size() == 1) {
            String name = object.fieldNames().next();
            JsonNode arguments = object.get(name);
            switch (name) {
                case "Ref" -> names.accept(arguments.asText());
                case "Fn::GetAtt" ->
                    names.accept(
                            arguments.isTextual()
                                    ? arguments.asText().split("\\.", 2)[0]
                                    : arguments.get(0).asText());
                case "Fn::If" -> {
                    conditionParameters(arguments.get(0).asText(), names);
                    collect(arguments.get(evaluator.condition(arguments.get(0).asText()) ? 1 : 2), names);
                }
                case "Fn::Sub" -> {
                    JsonNode text = arguments.isArray() ? arguments.get(0) : arguments;
                    JsonNode local = arguments.isArray() ? arguments.get(1) : JsonNodeFactory.instance.objectNode();
                    TemplateFunctions.variables(text.asText()).stream()
                            .filter(variable -> !local.has(variable))
                            .map(variable -> variable.split("\\.", 2)[0])
                            .forEach(names);
                    collect(local, names);
                }
                default -> collect(arguments, names);
            }
            return;
        }
        node.forEach(child -> collect(child, names));
    }

    private void conditionParameters(String condition, Consumer<String> names) {
        collectCondition(evaluator.template().section("Conditions").path(condition), names);
    }

    private void collectCondition(JsonNode node, Consumer<String> names) {
        if (node instanceof ObjectNode object && object.size() == 1 && object.has("Condition")) {
            conditionParameters(object.get("Condition").asText(), names);
        } else if (node instanceof ObjectNode object && object.size() == 1 && object.has("Ref")) {
            names.accept(object.get("Ref").asText());
        } else {
            node.forEach(child -> collectCondition(child, names));
        }
    }
}
