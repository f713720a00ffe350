package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** A CloudFormation template as maps, lists and strings; {@code !Ref X} becomes {@code {Ref: X}}. */
record TemplateFile(List<String> lines, Map<String, Object> content) {

    static TemplateFile read(Path path) {
        try {
            var text = Files.readString(path);
            var yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
            return new TemplateFile(text.lines().toList(), map(value(yaml.compose(Files.newBufferedReader(path)))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, Object> resources() {
        return map(content.get("Resources"));
    }

    Map<String, Object> resourcesOfType(String type) {
        var found = new LinkedHashMap<String, Object>();
        resources().forEach((name, resource) -> {
            if (map(resource).get("Type").equals(type)) {
                found.put(name, resource);
            }
        });
        return found;
    }

    Map<String, Object> properties(String resource) {
        return map(map(resources().get(resource)).get("Properties"));
    }

    /** Every statement of every policy that says what someone may do, trust policies left out. */
    List<Statement> statements() {
        var found = new ArrayList<Statement>();
        resources().keySet().forEach(name -> found.addAll(statements(name)));
        return found;
    }

    List<Statement> statements(String resource) {
        var properties = properties(resource);
        var documents = new ArrayList<>();
        if (properties.containsKey("PolicyDocument")) {
            documents.add(properties.get("PolicyDocument"));
        }
        if (properties.get("Policies") instanceof List<?> policies) {
            policies.forEach(policy -> documents.add(map(policy).get("PolicyDocument")));
        }
        return documents.stream()
                .flatMap(document -> Iam.statementsIn(resource, map(document).get("Statement")).stream())
                .toList();
    }

    /** The environment of a function, with what all functions have; a value is a text, or a map where it is computed. */
    Map<String, Object> variables(String function) {
        var all = map(map(content.get("Globals")).get("Function"));
        var variables = new LinkedHashMap<>(map(map(all.get("Environment")).get("Variables")));
        variables.putAll(map(map(properties(function).get("Environment")).get("Variables")));
        return variables;
    }

    /** What a role may do: by its own policies, and by those of this template that are attached to it. */
    List<Statement> heldBy(String role) {
        var held = new ArrayList<>(statements(role));
        for (var policy : list(properties(role).get("ManagedPolicyArns"))) {
            held.addAll(statements(map(policy).get("Ref").toString()));
        }
        return held;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    /** CloudFormation takes one value where a list may stand. */
    static List<Object> list(Object value) {
        return value instanceof List<?> several ? List.copyOf(several) : value == null ? List.of() : List.of(value);
    }

    private static Object value(Node node) {
        var plain = switch (node) {
            case ScalarNode scalar -> scalar.getValue();
            case SequenceNode sequence ->
                sequence.getValue().stream().map(TemplateFile::value).toList();
            case MappingNode mapping -> {
                var entries = new LinkedHashMap<String, Object>();
                mapping.getValue()
                        .forEach(entry ->
                                entries.put(((ScalarNode) entry.getKeyNode()).getValue(), value(entry.getValueNode())));
                yield entries;
            }
            default -> throw new IllegalArgumentException("Unexpected YAML: " + node);
        };
        var tag = node.getTag().getValue();
        return tag.startsWith("!") ? Map.of(tag.substring(1), plain) : plain;
    }

    /** One statement of an IAM policy, with the resource of the template that holds it. */
    record Statement(String owner, Map<String, Object> content) {

        boolean allows() {
            return "Allow".equals(content.get("Effect"));
        }

        List<String> actions() {
            return list(content.get("Action")).stream().map(String::valueOf).toList();
        }

        List<String> resources() {
            return list(content.get("Resource")).stream().map(String::valueOf).toList();
        }

        /** What the operator asks of the key, or an empty text. */
        String condition(String operator, String key) {
            var conditions = content.get("Condition");
            if (conditions == null || !map(conditions).containsKey(operator)) {
                return "";
            }
            return String.valueOf(map(map(conditions).get(operator)).getOrDefault(key, ""));
        }
    }
}
