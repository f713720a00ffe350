package dev.slipway.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.logs.Redaction;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Takes out of a document what nobody outside should read: credentials, and which secrets there are. */
final class Masking {
    private static final String MASK = "***";
    private static final Pattern SECRETS = Pattern.compile("arn:aws[a-z-]*:(?:secretsmanager|ssm):[^\\s\"',\\\\]+");
    private static final Set<String> VARIABLES = Set.of("env", "environment", "variables");

    private Masking() {}

    static String mask(String text) {
        return Redaction.mask(SECRETS.matcher(text).replaceAll(MASK));
    }

    /** Every text in it; whole values where the key says that they are credentials, and variables of containers. */
    static JsonNode mask(JsonNode node) {
        if (node.isTextual()) {
            return JsonNodeFactory.instance.textNode(mask(node.asText()));
        }
        if (node.isArray()) {
            var masked = JsonNodeFactory.instance.arrayNode();
            node.forEach(item -> masked.add(mask(item)));
            return masked;
        }
        if (node.isObject()) {
            ObjectNode masked = JsonNodeFactory.instance.objectNode();
            node.properties()
                    .forEach(field -> masked.set(
                            mask(field.getKey()),
                            Redaction.isCredential(field.getKey()) || isVariables(field)
                                    ? JsonNodeFactory.instance.textNode(MASK)
                                    : mask(field.getValue())));
            return masked;
        }
        return node;
    }

    /** The environment of a container; that of a service is a name. */
    private static boolean isVariables(Map.Entry<String, JsonNode> field) {
        return VARIABLES.contains(field.getKey()) && field.getValue().isContainerNode();
    }
}
