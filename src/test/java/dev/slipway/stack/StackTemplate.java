package dev.slipway.stack;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** A template as tests read it: its text, and its tree with short tags turned into their long form. */
record StackTemplate(String name, String text, Map<String, Object> body) {

    private static final Path FOLDER = Path.of("src/main/resources/stacks");

    /** Every template there is; none is left out, so that a new one keeps the rules from its first day. */
    static Stream<StackTemplate> all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .map(StackTemplate::read)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StackTemplate named(String name) {
        return read(FOLDER.resolve(name));
    }

    private static StackTemplate read(Path file) {
        try {
            String text = Files.readString(file);
            return new StackTemplate(file.getFileName().toString(), text, parse(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, Object> parse(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return map(new Yaml(new ShortTags(options)).load(text));
    }

    /** Whether a text uses YAML's own references, which CloudFormation does not take. */
    static boolean hasAnchors(String text) {
        Iterable<Event> events = new Yaml().parse(new StringReader(text));
        return StreamSupport.stream(events.spliterator(), false)
                .anyMatch(event ->
                        event instanceof NodeEvent node && (event instanceof AliasEvent || node.getAnchor() != null));
    }

    Map<String, Object> section(String section) {
        return map(body.getOrDefault(section, Map.of()));
    }

    List<Resource> resources() {
        return section("Resources").entrySet().stream()
                .map(entry -> new Resource(entry.getKey(), map(entry.getValue())))
                .toList();
    }

    List<Resource> resources(String type) {
        return resources().stream()
                .filter(resource -> resource.type().equals(type))
                .toList();
    }

    Resource resource(String logicalId) {
        return resources().stream()
                .filter(resource -> resource.logicalId().equals(logicalId))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " has no resource " + logicalId));
    }

    /** Every map at any depth of a tree, the tree itself included. */
    static Stream<Map<String, Object>> mapsIn(Object tree) {
        return switch (tree) {
            case Map<?, ?> map ->
                Stream.concat(Stream.of(map(map)), map.values().stream().flatMap(StackTemplate::mapsIn));
            case List<?> list -> list.stream().flatMap(StackTemplate::mapsIn);
            case null, default -> Stream.of();
        };
    }

    @SuppressWarnings("unchecked") // the keys of a template are strings
    static Map<String, Object> map(Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new AssertionError("not a map: " + value);
    }

    @Override
    public String toString() {
        return name;
    }

    /** One resource of a template. */
    record Resource(String logicalId, Map<String, Object> body) {

        String type() {
            return String.valueOf(body.get("Type"));
        }

        Map<String, Object> properties() {
            return map(body.getOrDefault("Properties", Map.of()));
        }

        /** The value at a path such as {@code LoadBalancers.0.ContainerPort}, or null when there is none. */
        Object at(String path) {
            Object value = body;
            for (String step : path.split("\\.", -1)) {
                value = switch (value) {
                    case Map<?, ?> map -> map.get(step);
                    case List<?> list -> Integer.parseInt(step) < list.size() ? list.get(Integer.parseInt(step)) : null;
                    case null, default -> null;
                };
            }
            return value;
        }

        @Override
        public String toString() {
            return logicalId + " (" + type() + ")";
        }
    }

    /** Turns {@code !Sub x} into {@code {Fn::Sub: x}} and so on, as CloudFormation does. */
    private static final class ShortTags extends SafeConstructor {

        ShortTags(LoaderOptions options) {
            super(options);
            yamlMultiConstructors.put("!", new AbstractConstruct() {
                @Override
                public Object construct(Node node) {
                    String function = node.getTag().getValue().substring(1);
                    Object value = argument(node);
                    return switch (function) {
                        case "Ref", "Condition" -> single(function, value);
                        case "GetAtt" ->
                            single("Fn::GetAtt", value instanceof String text ? List.of(text.split("\\.", 2)) : value);
                        default -> single("Fn::" + function, value);
                    };
                }
            });
        }

        private Object argument(Node node) {
            return switch (node) {
                case ScalarNode scalar -> constructScalar(scalar);
                case SequenceNode sequence -> constructSequence(sequence);
                case MappingNode mapping -> constructMapping(mapping);
                default -> throw new AssertionError("unknown node " + node);
            };
        }

        private static Map<String, Object> single(String key, Object value) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put(key, value);
            return map;
        }
    }
}
