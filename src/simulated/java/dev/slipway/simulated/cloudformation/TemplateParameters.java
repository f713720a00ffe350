package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.cloudformation.model.Parameter;

/**
 * Settles what every parameter of a template is: given, previous or default, and checked against its constraints.
 * AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
final class TemplateParameters {
    private final Template template;

    private TemplateParameters(Template template) {
        this.template = template;
    }

    /** The value of every declared parameter, in the order of the template; lists stay comma-separated. */
    static Map<String, String> resolve(Template template, List<Parameter> given, Map<String, String> previous) {
        return new TemplateParameters(template).resolve(given, previous);
    }

    private Map<String, String> resolve(List<Parameter> given, Map<String, String> previous) {
        Map<String, ObjectNode> declared = template.entries("Parameters");
        Map<String, String> chosen = chosen(given, previous, declared.keySet());
        Map<String, String> values = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        declared.forEach((name, declaration) -> {
            String value = chosen.get(name);
            if (value == null && declaration.has("Default")) {
                value = declaration.get("Default").asText();
            }
            if (value == null) {
                missing.add(name);
            } else {
                check(name, declaration, value);
                values.put(name, value);
            }
        });
        if (!missing.isEmpty()) {
            throw CloudFormationErrors.validation("Parameters: [" + String.join(", ", missing) + "] must have values");
        }
        return values;
    }

    private static Map<String, String> chosen(
            List<Parameter> given, Map<String, String> previous, Set<String> declared) {
        Map<String, String> chosen = new LinkedHashMap<>();
        List<String> unknown = new ArrayList<>();
        for (Parameter parameter : given) {
            String name = parameter.parameterKey();
            if (!declared.contains(name)) {
                unknown.add(name);
            } else if (Boolean.TRUE.equals(parameter.usePreviousValue())) {
                String value = previous.get(name);
                if (value == null) {
                    throw CloudFormationErrors.validation(
                            "Invalid input for parameter key " + name
                                    + ". Cannot specify usePreviousValue as true for a parameter key not in the previous template");
                }
                chosen.put(name, value);
            } else {
                chosen.put(name, parameter.parameterValue() == null ? "" : parameter.parameterValue());
            }
        }
        if (!unknown.isEmpty()) {
            throw CloudFormationErrors.validation(
                    "Parameters: [" + String.join(", ", unknown) + "] do not exist in the template");
        }
        return chosen;
    }

    static boolean list(String type) {
        return type.equals("CommaDelimitedList") || type.startsWith("List<");
    }

    private void check(String name, ObjectNode declaration, String value) {
        String type = declaration.path("Type").asText();
        if (type.startsWith("AWS::SSM::")) {
            throw CloudFormationErrors.notModelled("the parameter type " + type);
        }
        List<String> items = list(type) ? items(value) : List.of(value);
        for (String item : items) {
            checkItem(name, type, declaration, item);
        }
    }

    static List<String> items(String value) {
        List<String> items = new ArrayList<>();
        for (String item : value.split(",", -1)) {
            items.add(item.strip());
        }
        return items;
    }

    private static void checkItem(String name, String type, ObjectNode declaration, String value) {
        if (type.equals("Number") || type.equals("List<Number>")) {
            checkNumber(name, declaration, value);
        } else {
            checkLength(name, declaration, value);
        }
        JsonNode allowed = declaration.path("AllowedValues");
        boolean listed = allowed.isMissingNode();
        for (JsonNode candidate : allowed) {
            listed |= candidate.asText().equals(value);
        }
        if (!listed) {
            throw violated(name, declaration, "must be one of AllowedValues");
        }
        String pattern = declaration.path("AllowedPattern").asText("");
        if (!pattern.isEmpty() && !Pattern.matches(pattern, value)) {
            throw violated(name, declaration, "must match pattern " + pattern);
        }
    }

    private static void checkNumber(String name, ObjectNode declaration, String value) {
        double number;
        try {
            number = Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw violated(name, declaration, "must be a number");
        }
        if (declaration.has("MinValue") && number < declaration.get("MinValue").asDouble()) {
            throw violated(
                    name,
                    declaration,
                    "must be a number not less than "
                            + declaration.get("MinValue").asText());
        }
        if (declaration.has("MaxValue") && number > declaration.get("MaxValue").asDouble()) {
            throw violated(
                    name,
                    declaration,
                    "must be a number not greater than "
                            + declaration.get("MaxValue").asText());
        }
    }

    private static void checkLength(String name, ObjectNode declaration, String value) {
        if (value.length() < declaration.path("MinLength").asInt(0)) {
            throw violated(
                    name,
                    declaration,
                    "must contain at least " + declaration.get("MinLength").asText() + " characters");
        }
        if (value.length() > declaration.path("MaxLength").asInt(Integer.MAX_VALUE)) {
            throw violated(
                    name,
                    declaration,
                    "must contain at most " + declaration.get("MaxLength").asText() + " characters");
        }
    }

    private static RuntimeException violated(String name, ObjectNode declaration, String rule) {
        String description = declaration.path("ConstraintDescription").asText("");
        return CloudFormationErrors.validation(
                description.isEmpty()
                        ? "Parameter '" + name + "' " + rule
                        : "Parameter " + name + " failed to satisfy constraint: " + description);
    }
}
