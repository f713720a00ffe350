package dev.slipway.validation;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The names of the parameters of the shipped templates. */
public final class TemplateParameters {
    private TemplateParameters() {}

    /** @param stack {@code environment}, {@code service} or {@code pipeline} */
    public static Set<String> of(String stack) throws IOException {
        String path = "/stacks/" + stack + ".yaml";
        try (InputStream in = TemplateParameters.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new AssertionError(path + " is not on the class path");
            }
            Node root = new Yaml(new LoaderOptions()).compose(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (NodeTuple section : ((MappingNode) root).getValue()) {
                if (name(section).equals("Parameters")) {
                    Set<String> names = new TreeSet<>();
                    ((MappingNode) section.getValueNode()).getValue().forEach(parameter -> names.add(name(parameter)));
                    return names;
                }
            }
            throw new AssertionError(path + " has no parameters");
        }
    }

    private static String name(NodeTuple tuple) {
        return ((ScalarNode) tuple.getKeyNode()).getValue();
    }
}
