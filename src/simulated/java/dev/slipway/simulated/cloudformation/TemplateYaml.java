package dev.slipway.simulated.cloudformation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.util.Locale;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads a template body, YAML or JSON, into one shape: long-form functions, every scalar as text. CloudFormation hands
 * property values on as text too, which is why {@code 80} and {@code "80"} are no difference in a change set.
 */
final class TemplateYaml {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private TemplateYaml() {}

    static ObjectNode parse(String body) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(2_000_000);
        Yaml yaml = new Yaml(options);
        JsonNode root;
        try {
            for (Object event : yaml.parse(new StringReader(body))) {
                if (event instanceof AliasEvent) {
                    throw CloudFormationErrors.validation(
                            "Template error: YAML aliases are not allowed in CloudFormation templates");
                }
            }
            root = convert(yaml.compose(new StringReader(body)), "");
        } catch (YAMLException e) {
            throw CloudFormationErrors.validation("Template format error: YAML not well-formed. " + e.getMessage());
        }
        if (!(root instanceof ObjectNode object)) {
            throw CloudFormationErrors.validation("Template format error: unsupported structure.");
        }
        return object;
    }

    private static JsonNode convert(Node node, String path) {
        String tag = node.getTag().getValue();
        if (tag.startsWith("!")) {
            return function(tag.substring(1), node, path);
        }
        return plain(node, path);
    }

    private static JsonNode plain(Node node, String path) {
        return switch (node) {
            case MappingNode mapping -> object(mapping, path);
            case SequenceNode sequence -> {
                ArrayNode array = NODES.arrayNode();
                int index = 0;
                for (Node item : sequence.getValue()) {
                    array.add(convert(item, path + "/" + index++));
                }
                yield array;
            }
            case ScalarNode scalar -> scalar(scalar, path);
            default -> throw CloudFormationErrors.validation("Template format error: unsupported structure at " + path);
        };
    }

    private static ObjectNode object(MappingNode mapping, String path) {
        ObjectNode object = NODES.objectNode();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = ((ScalarNode) tuple.getKeyNode()).getValue();
            if (object.has(key)) {
                throw CloudFormationErrors.validation("Template format error: duplicate key '" + key + "' at " + path);
            }
            object.set(key, convert(tuple.getValueNode(), path + "/" + key));
        }
        return object;
    }

    private static JsonNode scalar(ScalarNode scalar, String path) {
        if (scalar.getTag().equals(Tag.NULL)) {
            throw CloudFormationErrors.validation("[" + path + "] 'null' values are not allowed in templates");
        }
        if (scalar.getTag().equals(Tag.BOOL)) {
            boolean truth = switch (scalar.getValue().toLowerCase(Locale.ROOT)) {
                case "yes", "true", "on" -> true;
                default -> false;
            };
            return NODES.textNode(Boolean.toString(truth));
        }
        return NODES.textNode(scalar.getValue());
    }

    /** {@code !GetAtt A.B} and friends in their long form. */
    private static ObjectNode function(String name, Node node, String path) {
        JsonNode argument = node instanceof ScalarNode scalar ? NODES.textNode(scalar.getValue()) : plain(node, path);
        String key = name.equals("Ref") || name.equals("Condition") ? name : "Fn::" + name;
        if (name.equals("GetAtt") && argument.isTextual()) {
            String[] parts = argument.asText().split("\\.", 2);
            argument = NODES.arrayNode().add(parts[0]).add(parts.length > 1 ? parts[1] : "");
        }
        return NODES.objectNode().set(key, argument);
    }
}
