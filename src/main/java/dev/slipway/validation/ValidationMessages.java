package dev.slipway.validation;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import dev.slipway.problem.Problem.FieldError;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Says what a schema's validator found in words for the document's author. The schema's titles say what is right. */
public final class ValidationMessages {
    /** What is shown of a value that is wrong. */
    public static final int MAX_VALUE_LENGTH = 200;

    private final JsonNode root;

    /** @param root the whole schema */
    ValidationMessages(JsonNode root) {
        this.root = root;
    }

    FieldError of(Error error) {
        String at = error.getInstanceLocation().toString();
        JsonNode value = error.getInstanceNode();
        // The keyword's own place in the schema; what surrounds it describes the value.
        String keywordAt = error.getSchemaLocation().getFragment().toString();
        JsonNode rule = root.at(JsonPointer.compile(keywordAt).head());
        String property = error.getProperty();
        return switch (error.getKeyword()) {
            case "required" -> {
                String title =
                        rule.path("properties").path(property).path("title").asText("a value");
                yield new FieldError(child(at, property), null, "is required: " + title);
            }
            case "additionalProperties" ->
                field(child(at, property), value.get(property), new Suggestions(root).unknown(rule, property));
            case "propertyNames" -> {
                String title = rule.path("propertyNames").path("title").asText();
                yield field(child(at, property), value.get(property), "must be named differently: " + title);
            }
            default -> field(at, value, message(error.getKeyword(), rule, value, hidden(at)));
        };
    }

    /** Errors of the checks that no schema can express are made here too, so that all look alike. */
    static FieldError field(String at, @Nullable JsonNode value, String message) {
        if (value == null || hidden(at)) {
            return new FieldError(at, null, message);
        }
        return new FieldError(at, shown(value), message);
    }

    /** Values of environment variables may be secrets, whatever they should be: they are never repeated. */
    private static boolean hidden(String at) {
        return at.startsWith("/container/environment/");
    }

    private static String message(String keyword, JsonNode rule, JsonNode value, boolean hidden) {
        String title = rule.path("title").asText("something else");
        String isNot = hidden ? "" : "; " + shown(value) + " is not";
        return switch (keyword) {
            case "type" -> type(rule, value, title);
            case "enum" -> "must be one of " + list(rule.get("enum")) + isNot;
            case "minimum", "maximum" ->
                "must be from " + rule.path("minimum").asText() + " to "
                        + rule.path("maximum").asText() + " (" + title + ")" + isNot;
            case "minItems" -> "must have at least " + count(rule.get(keyword), "item") + "; it has " + value.size();
            case "maxItems" -> "must have at most " + count(rule.get(keyword), "item") + "; it has " + value.size();
            case "maxProperties" ->
                "must have at most " + count(rule.get(keyword), "entry") + "; it has " + value.size();
            case "uniqueItems" -> "lists the same value twice";
            default -> "must be " + title + isNot;
        };
    }

    private static String type(JsonNode rule, JsonNode value, String title) {
        String wanted = rule.path("type").asText();
        if (value.isNull()) {
            return "is empty: leave the key out or give it " + title;
        }
        if (wanted.equals("string") && value.isValueNode()) {
            return "must be text: put it in quotes";
        }
        if (wanted.equals("integer") && value.isTextual() && value.asText().matches("-?\\d+")) {
            return "must be a whole number: take the quotes away";
        }
        return "must be " + kind(wanted) + " (" + title + ")";
    }

    private static String kind(String type) {
        return switch (type) {
            case "integer" -> "a whole number";
            case "boolean" -> "true or false";
            case "array" -> "a list";
            case "object" -> "keys with values";
            default -> "text";
        };
    }

    private static String count(JsonNode number, String noun) {
        int n = number.asInt();
        String plural = noun.equals("entry") ? "entries" : noun + "s";
        return n + " " + (n == 1 ? noun : plural);
    }

    private static String list(JsonNode values) {
        return StreamSupport.stream(values.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(", "));
    }

    /** The value as the author wrote it, cut where it is long. */
    public static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= MAX_VALUE_LENGTH ? text : text.substring(0, MAX_VALUE_LENGTH) + "…";
    }

    static String child(String pointer, String key) {
        return pointer + "/" + key.replace("~", "~0").replace("/", "~1");
    }

    /** The items of a list; none of what should be one and is not, which the schema refuses. */
    static List<JsonNode> items(JsonNode list) {
        return list.isArray() ? List.copyOf(list.valueStream().toList()) : List.of();
    }
}
