package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Evaluates one template with one set of parameter values. */
final class TemplateEvaluator {
    /** What the template's Ref and Fn::GetAtt find when they name a resource. */
    interface References {
        JsonNode ref(String logicalId);

        JsonNode attribute(String logicalId, String attribute);
    }

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** AWS::NoValue: the property or list item is left out. */
    private static final JsonNode NO_VALUE = MissingNode.getInstance();

    private final Template template;
    private final Map<String, String> parameters;
    private final Map<String, String> pseudo;
    private final References references;
    private final Map<String, Boolean> conditions = new HashMap<>();

    /** {@code pseudo} holds the pseudo parameters that are text, for example {@code AWS::Region}. */
    TemplateEvaluator(
            Template template, Map<String, String> parameters, Map<String, String> pseudo, References references) {
        this.template = template;
        this.parameters = parameters;
        this.pseudo = pseudo;
        this.references = references;
    }

    Template template() {
        return template;
    }

    boolean included(String logicalId) {
        JsonNode condition = template.resource(logicalId).path("Condition");
        return condition.isMissingNode() || condition(condition.asText());
    }

    /** The logical ids of the resources whose condition holds, in the order of the template. */
    Set<String> included() {
        Set<String> ids = new LinkedHashSet<>();
        template.resources().keySet().stream().filter(this::included).forEach(ids::add);
        return ids;
    }

    ObjectNode properties(String logicalId) {
        JsonNode declared = template.resource(logicalId).path("Properties");
        return declared.isMissingNode() ? NODES.objectNode() : (ObjectNode) evaluate(declared);
    }

    boolean condition(String name) {
        Boolean known = conditions.get(name);
        if (known != null) {
            return known;
        }
        JsonNode declared = template.section("Conditions").path(name);
        if (declared.isMissingNode()) {
            throw CloudFormationErrors.validation("Template format error: Unresolved condition dependency " + name);
        }
        boolean truth = truth(declared);
        conditions.put(name, truth);
        return truth;
    }

    /** A condition or rule function, for example {@code Fn::Equals}. */
    boolean truth(JsonNode node) {
        if (!(node instanceof ObjectNode object) || object.size() != 1) {
            throw CloudFormationErrors.validation("Template error: not a condition: " + node);
        }
        String name = object.fieldNames().next();
        JsonNode arguments = object.get(name);
        return switch (name) {
            case "Condition" -> condition(arguments.asText());
            case "Fn::Equals" -> evaluate(arguments.get(0)).equals(evaluate(arguments.get(1)));
            case "Fn::Not" -> !truth(arguments.get(0));
            case "Fn::And" -> all(arguments);
            case "Fn::Or" -> any(arguments);
            case "Fn::Contains" -> contains(evaluate(arguments.get(0)), evaluate(arguments.get(1)));
            case "Fn::EachMemberEquals" -> {
                JsonNode expected = evaluate(arguments.get(1));
                boolean equal = true;
                for (JsonNode member : evaluate(arguments.get(0))) {
                    equal &= member.equals(expected);
                }
                yield equal;
            }
            case "Fn::EachMemberIn" -> {
                JsonNode list = evaluate(arguments.get(1));
                boolean in = true;
                for (JsonNode member : evaluate(arguments.get(0))) {
                    in &= contains(list, member);
                }
                yield in;
            }
            default -> throw CloudFormationErrors.notModelled("the condition function " + name);
        };
    }

    private boolean all(JsonNode conditions) {
        boolean all = true;
        for (JsonNode condition : conditions) {
            all &= truth(condition);
        }
        return all;
    }

    private boolean any(JsonNode conditions) {
        boolean any = false;
        for (JsonNode condition : conditions) {
            any |= truth(condition);
        }
        return any;
    }

    private static boolean contains(JsonNode list, JsonNode value) {
        for (JsonNode item : list) {
            if (item.equals(value)) {
                return true;
            }
        }
        return false;
    }

    JsonNode evaluate(JsonNode node) {
        if (node instanceof ArrayNode array) {
            ArrayNode evaluated = NODES.arrayNode();
            array.forEach(item -> {
                JsonNode value = evaluate(item);
                if (value != NO_VALUE) {
                    evaluated.add(value);
                }
            });
            return evaluated;
        }
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        if (object.size() == 1) {
            String name = object.fieldNames().next();
            if (name.equals("Ref") || name.startsWith("Fn::")) {
                return function(name, object.get(name));
            }
        }
        ObjectNode evaluated = NODES.objectNode();
        object.properties().forEach(entry -> {
            JsonNode value = evaluate(entry.getValue());
            if (value != NO_VALUE) {
                evaluated.set(entry.getKey(), value);
            }
        });
        return evaluated;
    }

    private JsonNode function(String name, JsonNode arguments) {
        return switch (name) {
            case "Ref" -> ref(arguments.asText());
            case "Fn::GetAtt" -> attribute(arguments);
            case "Fn::If" -> evaluate(arguments.get(condition(arguments.get(0).asText()) ? 1 : 2));
            case "Fn::Sub" -> substitute(arguments);
            case "Fn::Join" -> TemplateFunctions.join(evaluate(arguments));
            case "Fn::Split" -> TemplateFunctions.split(evaluate(arguments));
            case "Fn::Select" -> TemplateFunctions.select(evaluate(arguments));
            case "Fn::Cidr" -> TemplateFunctions.cidr(evaluate(arguments));
            case "Fn::GetAZs" -> zones(evaluate(arguments).asText());
            case "Fn::Base64" ->
                NODES.textNode(Base64.getEncoder()
                        .encodeToString(evaluate(arguments).asText().getBytes(StandardCharsets.UTF_8)));
            case "Fn::FindInMap" -> findInMap(evaluate(arguments));
            default -> throw CloudFormationErrors.notModelled("the function " + name);
        };
    }

    private JsonNode ref(String name) {
        String value = parameters.get(name);
        if (value != null) {
            return parameter(name, value);
        }
        if (name.equals("AWS::NoValue")) {
            return NO_VALUE;
        }
        if (name.equals("AWS::NotificationARNs")) {
            return NODES.arrayNode();
        }
        if (name.startsWith("AWS::")) {
            String known = pseudo.get(name);
            if (known == null) {
                throw CloudFormationErrors.notModelled("the pseudo parameter " + name);
            }
            return NODES.textNode(known);
        }
        checkResource(name);
        return references.ref(name);
    }

    private JsonNode parameter(String name, String value) {
        if (!TemplateParameters.list(
                template.section("Parameters").path(name).path("Type").asText())) {
            return NODES.textNode(value);
        }
        ArrayNode items = NODES.arrayNode();
        TemplateParameters.items(value).forEach(items::add);
        return items;
    }

    private JsonNode attribute(JsonNode arguments) {
        if (arguments.isTextual()) {
            String[] parts = arguments.asText().split("\\.", 2);
            return attribute(parts[0], parts[1]);
        }
        return attribute(arguments.get(0).asText(), evaluate(arguments.get(1)).asText());
    }

    private JsonNode attribute(String logicalId, String attribute) {
        checkResource(logicalId);
        if (!ResourceType.of(template.type(logicalId)).attributes().contains(attribute)) {
            throw CloudFormationErrors.validation("Template error: resource " + logicalId
                    + " does not support attribute type " + attribute + " in Fn::GetAtt");
        }
        return references.attribute(logicalId, attribute);
    }

    private void checkResource(String logicalId) {
        if (!template.section("Resources").has(logicalId) || !included(logicalId)) {
            throw CloudFormationErrors.validation("Template format error: Unresolved resource dependencies ["
                    + logicalId + "] in the Resources block of the template");
        }
    }

    private JsonNode substitute(JsonNode arguments) {
        JsonNode text = arguments.isArray() ? arguments.get(0) : arguments;
        JsonNode local = arguments.isArray() ? evaluate(arguments.get(1)) : NODES.objectNode();
        return NODES.textNode(TemplateFunctions.substitute(text.asText(), name -> {
            if (local.has(name)) {
                return local.get(name);
            }
            String[] parts = name.split("\\.", 2);
            return parts.length == 2 ? attribute(parts[0], parts[1]) : ref(name);
        }));
    }

    private JsonNode zones(String region) {
        String name = region.isEmpty() ? pseudo.getOrDefault("AWS::Region", "") : region;
        return NODES.arrayNode().add(name + "a").add(name + "b").add(name + "c");
    }

    private JsonNode findInMap(JsonNode arguments) {
        JsonNode found = template.section("Mappings")
                .path(arguments.get(0).asText())
                .path(arguments.get(1).asText())
                .path(arguments.get(2).asText());
        if (!found.isMissingNode()) {
            return found;
        }
        JsonNode fallback = arguments.path(3).path("DefaultValue");
        if (fallback.isMissingNode()) {
            throw CloudFormationErrors.validation("Template error: Unable to get mapping for %s::%s::%s"
                    .formatted(
                            arguments.get(0).asText(),
                            arguments.get(1).asText(),
                            arguments.get(2).asText()));
        }
        return fallback;
    }

    /** Checks the template's Rules; AWSCloudFormation/latest/UserGuide/rules-section-structure.html. */
    void checkRules() {
        Map<String, ObjectNode> rules = new LinkedHashMap<>(template.entries("Rules"));
        rules.forEach((name, rule) -> {
            if (rule.has("RuleCondition") && !truth(rule.get("RuleCondition"))) {
                return;
            }
            rule.path("Assertions").forEach(assertion -> {
                if (!truth(assertion.get("Assert"))) {
                    throw CloudFormationErrors.validation("Template validation error: rule " + name + ": "
                            + assertion.path("AssertDescription").asText("assertion failed"));
                }
            });
        });
    }
}
