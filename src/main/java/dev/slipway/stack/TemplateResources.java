package dev.slipway.stack;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Which resources a new stack of one of our templates will have: those without a condition and those whose condition
 * holds. CloudFormation tells it by a change set only, which would cost a first creation several calls and seconds.
 */
public final class TemplateResources {
    /** A few templates, parsed once; nodes are only read. */
    private static final Map<String, Node> PARSED = new ConcurrentHashMap<>();

    /** Resources that have metrics looked at. */
    private static final Set<String> WATCHING =
            Set.of("AWS::CloudWatch::Alarm", "AWS::ApplicationAutoScaling::ScalingPolicy");

    private final Map<String, Node> conditions;
    private final Map<String, String> parameters;

    private TemplateResources(Map<String, Node> conditions, Map<String, String> parameters) {
        this.conditions = conditions;
        this.parameters = parameters;
    }

    /**
     * The types of the resources by their logical ids, in alphabetical order.
     *
     * @param body YAML that uses no other functions in its conditions than Ref, Equals, Not, And, Or, Join and Condition
     * @param given values of parameters; the others have their defaults
     */
    static Map<String, String> of(String body, Map<String, String> given) {
        Map<String, String> types = new TreeMap<>();
        resources(body, given).forEach((id, resource) -> types.put(id, resource.type()));
        return types;
    }

    /**
     * A resource as far as its cost goes.
     *
     * @param metrics how many metrics an alarm or a scaling policy looks at; 0 for anything else
     */
    public record Resource(String type, int metrics) {}

    /** The resources by their logical ids, likewise. */
    public static Map<String, Resource> resources(String body, Map<String, String> given) {
        Node root = PARSED.computeIfAbsent(body, text -> new Yaml(new LoaderOptions()).compose(new StringReader(text)));
        Map<String, Node> sections = fields(root);
        Map<String, String> parameters = new LinkedHashMap<>();
        section(sections, "Parameters").forEach((name, declared) -> {
            Node otherwise = fields(declared).get("Default");
            parameters.put(name, given.getOrDefault(name, otherwise == null ? "" : scalar(otherwise)));
        });
        TemplateResources template = new TemplateResources(section(sections, "Conditions"), parameters);
        Map<String, Resource> resources = new TreeMap<>();
        section(sections, "Resources").forEach((id, resource) -> {
            Map<String, Node> declared = fields(resource);
            Node condition = declared.get("Condition");
            if (condition == null || template.holds(scalar(condition))) {
                String type = scalar(present(declared, "Type"));
                resources.put(id, new Resource(type, WATCHING.contains(type) ? template.metrics(declared) : 0));
            }
        });
        return resources;
    }

    /** By metric math as many as it names, else one. */
    private int metrics(Map<String, Node> watching) {
        return Math.max(1, occurrences(present(watching, "Properties"), "MetricStat"));
    }

    /** How often a key stands in what is left when the conditions are decided. */
    private int occurrences(Node node, String key) {
        if (node.getTag().getValue().equals("!If")) {
            List<Node> choice = items(node);
            return occurrences(choice.get(holds(scalar(choice.get(0))) ? 1 : 2), key);
        }
        if (node instanceof SequenceNode) {
            return items(node).stream().mapToInt(item -> occurrences(item, key)).sum();
        }
        return node instanceof MappingNode
                ? fields(node).entrySet().stream()
                        .mapToInt(field -> (field.getKey().equals(key) ? 1 : 0) + occurrences(field.getValue(), key))
                        .sum()
                : 0;
    }

    private static Map<String, Node> section(Map<String, Node> sections, String name) {
        Node section = sections.get(name);
        return section == null ? Map.of() : fields(section);
    }

    private boolean holds(String condition) {
        return truth(present(conditions, condition));
    }

    private boolean truth(Node node) {
        String function = node.getTag().getValue();
        return switch (function) {
            case "!Condition" -> holds(scalar(node));
            case "!Equals" -> text(items(node).get(0)).equals(text(items(node).get(1)));
            case "!Not" -> !truth(items(node).getFirst());
            case "!And" -> items(node).stream().allMatch(this::truth);
            case "!Or" -> items(node).stream().anyMatch(this::truth);
            default -> throw new IllegalArgumentException("a condition with " + function);
        };
    }

    private String text(Node node) {
        String function = node.getTag().getValue();
        return switch (function) {
            case "!Ref" -> present(parameters, scalar(node));
            case "!Join" -> join(items(node));
            default -> {
                if (function.startsWith("!")) {
                    throw new IllegalArgumentException("a condition with " + function);
                }
                yield scalar(node);
            }
        };
    }

    /** A parameter that is a list has its items parted by commas. */
    private String join(List<Node> arguments) {
        String separator = scalar(arguments.get(0));
        Node joined = arguments.get(1);
        if (!(joined instanceof SequenceNode)) {
            return text(joined).replace(",", separator);
        }
        return String.join(separator, items(joined).stream().map(this::text).toList());
    }

    private static List<Node> items(Node node) {
        return new ArrayList<>(((SequenceNode) node).getValue());
    }

    private static Map<String, Node> fields(Node node) {
        Map<String, Node> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : ((MappingNode) node).getValue()) {
            fields.put(scalar(tuple.getKeyNode()), tuple.getValueNode());
        }
        return fields;
    }

    private static String scalar(Node node) {
        return ((ScalarNode) node).getValue();
    }

    private static <T> T present(Map<String, T> map, String name) {
        T found = map.get(name);
        if (found == null) {
            throw new IllegalArgumentException("the template has no " + name);
        }
        return found;
    }
}
