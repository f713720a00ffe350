package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The intrinsic functions that need nothing but their arguments.
 * AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
public final class TemplateFunctions {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(!?)([^}]*)}");

    /** What a change set shows for a value that only the deployment will know. */
    static final JsonNode UNKNOWN = JsonNodeFactory.instance.textNode("{{changeSet:KNOWN_AFTER_APPLY}}");

    private TemplateFunctions() {}

    private static boolean unknown(JsonNode node) {
        return node.toString().contains(UNKNOWN.asText());
    }

    static JsonNode join(JsonNode arguments) {
        if (arguments.size() != 2 || !arguments.get(1).isArray()) {
            throw CloudFormationErrors.validation(
                    "Template error: every Fn::Join object requires two parameters, (1) a string"
                            + " delimiter and (2) a list of strings to be joined");
        }
        StringJoiner joined = new StringJoiner(arguments.get(0).asText());
        arguments.get(1).forEach(part -> joined.add(text(part, "Fn::Join")));
        return JsonNodeFactory.instance.textNode(joined.toString());
    }

    static JsonNode split(JsonNode arguments) {
        ArrayNode parts = JsonNodeFactory.instance.arrayNode();
        String delimiter = arguments.get(0).asText();
        for (String part : text(arguments.get(1), "Fn::Split").split(Pattern.quote(delimiter), -1)) {
            parts.add(part);
        }
        return parts;
    }

    static JsonNode select(JsonNode arguments) {
        if (unknown(arguments)) {
            return UNKNOWN;
        }
        int index = arguments.get(0).asInt(-1);
        JsonNode list = arguments.get(1);
        if (!list.isArray() || index < 0 || index >= list.size()) {
            throw CloudFormationErrors.validation("Template error: Fn::Select cannot select nonexistent value at index "
                    + arguments.get(0).asText());
        }
        return list.get(index);
    }

    /** {@code Fn::Cidr: [block, count, bits]}: the first {@code count} blocks with {@code bits} host bits each. */
    public static JsonNode cidr(JsonNode arguments) {
        if (unknown(arguments)) {
            return UNKNOWN;
        }
        String[] block = arguments.get(0).asText().split("/", 2);
        int count = arguments.get(1).asInt();
        int hostBits = arguments.size() > 2 ? arguments.get(2).asInt() : 8;
        int prefix = 32 - hostBits;
        int blockPrefix = Integer.parseInt(block[1]);
        if (prefix < blockPrefix || prefix > 32 || count < 1 || count > 256 || count > 1L << (prefix - blockPrefix)) {
            throw CloudFormationErrors.validation("Template error: Fn::Cidr object cannot make " + count
                    + " blocks of /" + prefix + " in " + arguments.get(0).asText());
        }
        long start = address(block[0]);
        ArrayNode blocks = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < count; i++) {
            blocks.add(dotted(start + ((long) i << hostBits)) + "/" + prefix);
        }
        return blocks;
    }

    private static long address(String dotted) {
        long address = 0;
        for (String part : dotted.split("\\.", -1)) {
            address = address * 256 + Integer.parseInt(part);
        }
        return address;
    }

    private static String dotted(long address) {
        return "%d.%d.%d.%d".formatted(address >> 24 & 255, address >> 16 & 255, address >> 8 & 255, address & 255);
    }

    /** Fills {@code ${name}}; {@code ${!name}} stays as {@code ${name}}. */
    static String substitute(String text, Function<String, JsonNode> values) {
        if (!text.contains("${")) {
            return text;
        }
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            String value = matcher.group(1).isEmpty()
                    ? text(values.apply(matcher.group(2).strip()), "Fn::Sub")
                    : "${" + matcher.group(2) + "}";
            matcher.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(filled).toString();
    }

    /** The names that a Fn::Sub text mentions. */
    static List<String> variables(String text) {
        if (!text.contains("${")) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        Matcher matcher = VARIABLE.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).isEmpty()) {
                names.add(matcher.group(2).strip());
            }
        }
        return names;
    }

    static String text(JsonNode value, String where) {
        if (!value.isValueNode()) {
            throw CloudFormationErrors.validation(
                    "Template error: every value of " + where + " must be a string, found " + value);
        }
        return value.asText();
    }
}
