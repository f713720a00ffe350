package dev.slipway.stack;

import dev.slipway.digest.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.CollectionNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.scanner.Scanner;
import org.yaml.snakeyaml.scanner.ScannerImpl;
import org.yaml.snakeyaml.tokens.Token;

/** A CloudFormation template that ships with the control plane. It is read when it is first needed: most invocations need none. */
public final class Template {
    /** By name. What ships never changes, and rendering takes longer than all else that a pass computes. */
    private static final Map<String, Sent> RENDERED = new ConcurrentHashMap<>();

    private final String name;

    private Template(String name) {
        this.name = name;
    }

    private record Sent(String body, String version) {}

    /** {@code stacks/<name>.yaml}. */
    public static Template named(String name) {
        return new Template(name);
    }

    /** What CloudFormation gets: YAML without what is for readers of the file only. */
    public String body() {
        return sent().body();
    }

    /** The first 16 hexadecimal digits of the body's SHA-256; stacks carry it as a tag. What changes in a comment changes none. */
    public String version() {
        return sent().version();
    }

    private Sent sent() {
        return RENDERED.computeIfAbsent(name, named -> {
            String body = dense(source(named));
            return new Sent(body, Sha256.hex(body, 16));
        });
    }

    /** The file as it is: the same template for whoever only wants to know what is in it. */
    public static String source(String name) {
        try (InputStream in = Template.class.getResourceAsStream("/stacks/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("no template " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The same template with one line for each parameter, condition, resource and output, since CloudFormation takes 51,200 bytes:
     * without comments and without the parameters' descriptions, which only people read.
     */
    static String dense(String yaml) {
        Node root = new Yaml().compose(new StringReader(yaml));
        describeNoParameters((MappingNode) root);
        DumperOptions options = new DumperOptions();
        options.setSplitLines(false);
        options.setWidth(Integer.MAX_VALUE);
        options.setAllowUnicode(true);
        StringWriter text = new StringWriter();
        new Yaml(options).serialize(flowing(root, 0), text);
        return withoutBlanksBehindCommas(text.toString());
    }

    private static void describeNoParameters(MappingNode root) {
        for (NodeTuple section : root.getValue()) {
            if (key(section).equals("Parameters") && section.getValueNode() instanceof MappingNode parameters) {
                for (NodeTuple parameter : parameters.getValue()) {
                    ((MappingNode) parameter.getValueNode())
                            .getValue()
                            .removeIf(property -> key(property).equals("Description"));
                }
            }
        }
    }

    private static String key(NodeTuple tuple) {
        return ((ScalarNode) tuple.getKeyNode()).getValue();
    }

    private static Node flowing(Node node, int depth) {
        if (node instanceof CollectionNode<?> collection) {
            collection.setFlowStyle(depth < 2 ? FlowStyle.BLOCK : FlowStyle.FLOW);
        }
        return switch (node) {
            case MappingNode map -> {
                map.getValue()
                        .replaceAll(
                                tuple -> new NodeTuple(tuple.getKeyNode(), flowing(tuple.getValueNode(), depth + 1)));
                yield map;
            }
            case SequenceNode list -> {
                list.getValue().replaceAll(item -> flowing(item, depth + 1));
                yield list;
            }
            case ScalarNode text
            when text.getScalarStyle() == ScalarStyle.LITERAL || text.getScalarStyle() == ScalarStyle.FOLDED ->
                // Where single quotes cannot hold it, SnakeYAML takes double ones.
                new ScalarNode(
                        text.getTag(),
                        text.getValue(),
                        text.getStartMark(),
                        text.getEndMark(),
                        ScalarStyle.SINGLE_QUOTED);
            default -> node;
        };
    }

    private static String withoutBlanksBehindCommas(String yaml) {
        StringBuilder dense = new StringBuilder();
        int from = 0;
        int behind = 0;
        int passed = 0; // code points up to there, which marks count
        Scanner tokens = new ScannerImpl(new StreamReader(yaml), new LoaderOptions());
        while (tokens.checkToken()) {
            Token token = tokens.getToken();
            if (token.getTokenId() == Token.ID.FlowEntry) {
                int index = token.getEndMark().getIndex();
                behind = yaml.offsetByCodePoints(behind, index - passed);
                passed = index;
                dense.append(yaml, from, behind);
                from = yaml.charAt(behind) == ' ' ? behind + 1 : behind;
            }
        }
        return dense.append(yaml, from, yaml.length()).toString();
    }
}
